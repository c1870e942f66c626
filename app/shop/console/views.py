"""The console's pages and what its drawer asks for. Registered only where the console is on."""

import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from ..extensions import limiter
from ..web import content_security_policy, settings
from . import bar, recorder, service, staging
from .entries import LANES, Entry
from .filtering import asked_for, words_of
from .gate import Pace
from .personas import PASSWORD
from .scenarios import BY_ID, LEVERS, SCENARIOS, Chapter
from .staging import Move, NotStaged

blueprint = Blueprint("console", __name__, url_prefix="/demo")
MOST_AT_ONCE = 500
SHOWN = ("kind", "title", "status", "seconds", "attempts")


@blueprint.app_context_processor
def offer() -> dict[str, Any]:
    return {
        "console_on": True,
        "demo_scenario": staging.current(),
        "demo_account": staging.account(),
        "demo_password": PASSWORD,
        "demo_bar": bar.drawn,
    }


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Every scenario, by chapter."""
    chapters = {chapter: [s for s in SCENARIOS if s.chapter is chapter] for chapter in Chapter}
    prepare = urljoin(settings().console_url, "prepare") if settings().console_url else ""
    levers = [(words, json.dumps(steps)) for words, steps in LEVERS]
    back = settings().shop_url + url_for("console.index")
    return _with_console(
        render_template("console/index.html", chapters=chapters, prepare=prepare, levers=levers, back=back)
    )


@blueprint.get("/start/<scenario_id>")
def scenario(scenario_id: str) -> ResponseReturnValue:
    """One scenario, to be linked to."""
    return render_template("console/scenario.html", scenario=BY_ID.get(scenario_id) or abort(404))


@blueprint.post("/start/<scenario_id>")
@limiter.limit("60/minute")
def start(scenario_id: str) -> ResponseReturnValue:
    """Bring a scenario about in this browser, and land in it."""
    try:
        return _move(staging.begin(BY_ID.get(scenario_id) or abort(404)))
    except NotStaged as no:
        flash(str(no), "error")
        return redirect(url_for("console.index"))


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """The next stage of the scenario that was started."""
    try:
        return _move(staging.go_on())
    except NotStaged as trouble:
        flash(f"{trouble} Start the scenario once more.", "error")
        return redirect(url_for("console.index"))


@blueprint.post("/reset")
def reset() -> ResponseReturnValue:
    """This browser is as new: nobody signed in, nothing in the cart, an empty timeline. Others are left alone."""
    recorder.timeline().forget(recorder.visitor())
    recorder.gate().set_pace(recorder.visitor(), Pace.FREE)
    staging.leave()
    flash("This browser starts afresh.", "success")
    return redirect(url_for("catalogue.home"))


@blueprint.get("/timeline.json")
def entries() -> ResponseReturnValue:
    """What is new since the revision ``after``, this browser's and the shop's own doing, and what waits at the gate.

    Revisions count in the timeline that is named: a restarted shop has another one.
    """
    after = request.args.get("after", 0, type=int)
    visitor, gate = recorder.visitor(), recorder.gate()
    found = recorder.timeline().after(after, visitor, MOST_AT_ONCE)
    held = [{"id": call.id, "title": call.operation} for call in gate.held(visitor)]
    told = {"entries": [_short(entry) for entry in found], "more": len(found) == MOST_AT_ONCE}
    return told | {"timeline": recorder.timeline().name, "held": held, "pace": gate.pace(visitor)}


@blueprint.get("/timeline/<int:entry_id>.json")
def entry(entry_id: int) -> ResponseReturnValue:
    """All of one entry: what was sent and answered, what changed since the last of its kind, the rule, the place."""
    found = recorder.timeline().find(entry_id, recorder.visitor()) or abort(404)
    return service.told(found)


@blueprint.post("/timeline")
def note() -> ResponseReturnValue:
    """The page's part: calls and events of Klarna's scripts. Anything that is none is dropped without a word."""
    service.note(request.get_json(silent=True))
    return "", 204


@blueprint.post("/timeline/forget")
def forget() -> ResponseReturnValue:
    """An empty timeline for this browser."""
    recorder.timeline().forget(recorder.visitor())
    return "", 204


@blueprint.post("/pace")
def set_pace() -> ResponseReturnValue:
    """``free``, ``slow`` or ``paused``: how calls to Klarna leave while this browser's pages are answered."""
    wanted = request.form.get("pace", "")
    if wanted not in list(Pace):
        abort(400)
    recorder.gate().set_pace(recorder.visitor(), Pace(wanted))
    return "", 204


@blueprint.post("/release")
def release() -> ResponseReturnValue:
    """Let go what waits at the gate."""
    recorder.gate().release(recorder.visitor())
    return "", 204


@blueprint.get("/timeline.svg")
def diagram() -> ResponseReturnValue:
    """The timeline as a drawing to keep: what touches a ``lane`` and says all words of ``text``, else everything."""
    wanted = asked_for(request.args.getlist("lane"), request.args.get("text", ""))
    answer = Response(service.drawn(recorder.visitor(), wanted), mimetype="image/svg+xml")
    name = re.sub(r"[^a-z0-9]+", "-", f"{settings().shop_name} klarna timeline".lower()).strip("-")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.svg"
    # Opened by itself it is a document: it may style itself and do nothing else.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer


def _move(move: Move) -> ResponseReturnValue:
    """On by way of Klarna's console where there is something to prepare, and one to prepare it."""
    console = settings().console_url
    if not move.steps or not console:
        return redirect(move.address)
    back, steps = settings().shop_url + move.address, json.dumps(move.steps)
    action = urljoin(console, "prepare")
    # The card belongs to the page where the scenario begins: what it offers is not there yet.
    page = render_template("console/preparing.html", action=action, back=back, steps=steps, demo_scenario=None)
    return _with_console(page)


def _with_console(page: str) -> ResponseReturnValue:
    """A page whose forms may go to Klarna's console."""
    answer, parts = make_response(page), urlsplit(settings().console_url)
    policy = content_security_policy(settings())
    if parts.netloc:
        policy = policy.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _short(entry: Entry) -> dict[str, Any]:
    """What a row of the drawer shows; the rest is asked for when somebody looks."""
    source, target = LANES[entry.fact.kind]
    told = {name: getattr(entry.fact, name) for name in SHOWN}
    place = {"id": entry.id, "revision": entry.revision, "at": entry.at, "during": entry.during, "run": entry.run}
    return place | {"source": source, "target": target, "words": words_of(entry)} | told
