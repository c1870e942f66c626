"""What a demo leaves on paper: the QA checklist with its report, and the script to present by."""

import platform
from datetime import UTC, datetime
from importlib import metadata

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ..web import settings
from . import checklist, recorder
from .checklist import Report, Result
from .scenarios import SCENARIOS, Chapter
from .script import STEPS

blueprint = Blueprint("paper", __name__, url_prefix="/demo")
PROJECT = "klarna-demo-store"


@blueprint.get("/checklist")
def show_checklist() -> ResponseReturnValue:
    """Every scenario as a row to tick."""
    chapters = {chapter: [s for s in SCENARIOS if s.chapter is chapter] for chapter in Chapter}
    return render_template("console/checklist.html", chapters=chapters, results=list(Result))


@blueprint.post("/checklist.html")
def export_html() -> ResponseReturnValue:
    """What was ticked, as a page to keep."""
    answer = _attachment(render_template("console/report.html", report=_report(), results=list(Result)), "html")
    # Opened by itself it is a document: it may style itself and do nothing else.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer


@blueprint.post("/checklist.csv")
def export_csv() -> ResponseReturnValue:
    """What was ticked, for a spreadsheet."""
    return _attachment(checklist.as_csv(_report()), "csv")


@blueprint.get("/script")
def show_script() -> ResponseReturnValue:
    """The demo in five minutes, click by click."""
    return render_template("console/script.html", steps=STEPS)


def _report() -> Report:
    entries = recorder.timeline().after(0, recorder.visitor())
    return Report(datetime.now(UTC), _about(), checklist.rows(request.form, entries))


def _about() -> tuple[tuple[str, str], ...]:
    """Versions and settings; nothing here is a secret."""
    chosen = settings()
    return (
        ("Shop", f"{chosen.shop_name}, {chosen.shop_url}"),
        ("Version", _version()),
        ("Python", platform.python_version()),
        ("Environment", chosen.environment),
        *((f"Klarna’s API, {region}", config.api_url) for region, config in chosen.klarna.items()),
        ("Klarna’s script", chosen.sdk_url),
        ("Klarna’s console", chosen.console_url or "none"),
    )


def _version() -> str:
    try:
        return metadata.version(PROJECT)
    except metadata.PackageNotFoundError:
        return "not installed"


def _attachment(text: str, kind: str) -> Response:
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    answer = Response(text.encode("utf-8-sig" if kind == "csv" else "utf-8"), mimetype=f"text/{kind}")
    answer.headers["Content-Disposition"] = f"attachment; filename=checklist-{datetime.now(UTC):%Y%m%d-%H%M}.{kind}"
    return answer
