"""What the console tells about an entry, and what the page tells the console."""

import re
from dataclasses import asdict, replace
from typing import Any

from ..web import settings
from . import recorder
from .curl import as_curl
from .diagram import sequence_diagram
from .differences import differences
from .entries import Entry, Fact, Kind
from .explanations import FRAME, explanation_of
from .filtering import Filter
from .masking import mask

SDK_CALL = re.compile(r"(?:Klarna|_klarnaCheckout)\.[A-Za-z.]{1,40}")
FRAME_EVENT = re.compile(r"[a-z_]{1,40}")
MOST_EVENTS = 50  # told at once
PAGE_SCRIPT = re.compile(r"static/[a-z/-]{1,60}\.js")
DAY = 24 * 3600
COMPARED = (Kind.API, Kind.SDK, Kind.EVENT)


def told(entry: Entry) -> dict[str, Any]:
    """One entry with everything there is to say about it, as JSON."""
    fact = entry.fact
    before = recorder.timeline().previous(entry) if fact.kind in COMPARED else None
    explained = explanation_of(fact)
    return {
        "id": entry.id,
        "at": entry.at,
        **asdict(fact),
        "curl": as_curl(fact),
        "since": before.id if before else None,
        "differences": [asdict(found) for found in _changed(before.fact, fact)] if before else [],
        "rule": explained.rule if explained else "",
        "page": explained.page if explained else "",
    }


def note(sent: Any) -> None:
    """What the page saw of Klarna's scripts: a call, or a list of what Klarna Checkout's frame told it,
    ``{event, data}``. Anything else is dropped.
    """
    if isinstance(sent, list):
        for one in sent[:MOST_EVENTS]:
            _note_event(one)
    else:
        _note_sdk_call(sent)


def _note_event(sent: Any) -> None:
    event = sent.get("event") if isinstance(sent, dict) else None
    if isinstance(event, str) and FRAME_EVENT.fullmatch(event):
        recorder.write(Fact(Kind.EVENT, f"{FRAME}{event}", response=mask(sent.get("data"))))


def _note_sdk_call(sent: Any) -> None:
    """A call as it begins, ``{call, key, request, script}``, and then ends, ``{call, key, response, seconds}``. The end
    of one whose beginning was forgotten is dropped.
    """
    call, key = (sent.get(name) for name in ("call", "key")) if isinstance(sent, dict) else (None, None)
    if not isinstance(call, str) or not SDK_CALL.fullmatch(call) or not isinstance(key, str):
        return
    begun = recorder.timeline().under_way(recorder.visitor(), key[:40])
    if begun is None and "seconds" not in sent:
        script = str(sent.get("script", ""))
        place = script if PAGE_SCRIPT.fullmatch(script) else ""
        fact = Fact(Kind.SDK, call, request=mask(sent.get("request")), correlation_id=key[:40], place=place)
        recorder.write(fact)
    elif begun is not None:
        seconds = sent.get("seconds")
        took = float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < DAY else 0.0
        recorder.timeline().finish(begun, replace(begun.fact, response=mask(sent.get("response")), seconds=took))


def drawn(visitor: str, wanted: Filter) -> str:
    """What a visitor sees and wants to see, as one SVG document."""
    entries = sorted(filter(wanted.fits, recorder.timeline().after(0, visitor)), key=lambda entry: entry.id)
    return sequence_diagram(entries, f"{settings().shop_name} and Klarna", str(wanted))


def _changed(before: Fact, after: Fact) -> list[Any]:
    sent = differences({"request": before.request}, {"request": after.request})
    return sent + differences({"response": before.response}, {"response": after.response})
