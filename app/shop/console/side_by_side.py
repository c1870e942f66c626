"""The side by side: one purchase by three shoppers on one page, which counts what each of them has to do.

Each goes on in a frame of its own, in a lane of its own. People do the clicks; nothing here presses anything.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ..web import content_security_policy, settings
from . import lanes
from .scenarios import BY_ID, Scenario

blueprint = Blueprint("side_by_side", __name__, url_prefix="/demo/side-by-side")


@dataclass(frozen=True)
class Runner:
    """Who buys in a lane, and the carrier by which Klarna recognises them."""

    lane: str
    name: str
    carrier: str
    scenario: Scenario

    @property
    def start(self) -> str:
        return lanes.address_of(self.lane, url_for("side_by_side.ready"))

    @property
    def shop(self) -> str:
        return lanes.address_of(self.lane, "/")


RUNNERS = (
    Runner("first", "First purchase", "nothing", BY_ID["first-purchase"]),
    Runner("returning", "Linked", "the link’s customer token", BY_ID["returning"]),
    Runner("signed-in", "Signed in with Klarna", "the sign-in’s access token", BY_ID["signed-in"]),
)
BY_LANE = {runner.lane: runner for runner in RUNNERS}


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    return {"lane": lanes.current(), "klarna_origin": settings().sdk_origin}


@blueprint.get("")
def show() -> ResponseReturnValue:
    """The page with the frames. It is the only one of the shop that frames others of it."""
    if lanes.current():
        abort(404)
    answer = make_response(render_template("console/side_by_side.html", runners=RUNNERS))
    policy = content_security_policy(settings()).replace("frame-src ", "frame-src 'self' ")
    answer.headers["Content-Security-Policy"] = policy
    return answer


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """In a lane: start its scenario, by the form that starts any. With real Klarna it was brought about by hand."""
    runner = BY_LANE.get(lanes.current()) or abort(404)
    if not settings().console_url:
        return redirect(url_for("checkout.show"))
    return render_template("console/lane.html", runner=runner)
