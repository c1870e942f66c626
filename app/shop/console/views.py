"""The console's pages and what its drawer asks for. Registered only where the console is on."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from . import recorder
from .entries import LANES, Entry

blueprint = Blueprint("console", __name__, url_prefix="/demo")
MOST_AT_ONCE = 500


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    return {"console_on": True}


@blueprint.get("/timeline.json")
def entries() -> ResponseReturnValue:
    """What happened since the entry of id ``after``, oldest first: this browser's, and the shop's own doing."""
    after = request.args.get("after", 0, type=int)
    found = recorder.timeline().after(after, recorder.visitor(), MOST_AT_ONCE)
    return {"entries": [_short(entry) for entry in found]}


def _short(entry: Entry) -> dict[str, Any]:
    source, target = LANES[entry.fact.kind]
    told = asdict(entry.fact)
    for name in ("request", "response"):
        told.pop(name)
    return {"id": entry.id, "at": entry.at, "during": entry.during, "source": source, "target": target} | told
