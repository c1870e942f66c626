"""A shop whose console is on, beside an offline Klarna, and a browser's cookies in its lanes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import flask_migrate
import requests
from werkzeug.serving import make_server

from app.shop import create_app
from app.shop.catalogue import service as catalogue
from tests.contract import stand_in as stand_ins
from tests.support.calls import Calls
from tests.support.main_job import free_port
from tests.support.programs import CLIENT, PARTNER_ACCOUNT_ID, Programs, serving, shop_settings
from tests.support.visitor import Page, Visitor

LANE = "/demo/lane/"


@contextmanager
def shop_with_console(folder: Path) -> Iterator[Programs]:
    """Both programs on ports of their own, as `python -m app` starts them: the console is on."""
    port = free_port()
    url = f"http://localhost:{port}"
    account = {
        "SANDBOX_PARTNER_ACCOUNT_ID": PARTNER_ACCOUNT_ID,
        "SANDBOX_CLIENT_ID": CLIENT[0],
        "SANDBOX_CLIENT_SECRET": CLIENT[1],
        "SANDBOX_REDIRECT_URIS": f"{url}/login/klarna/callback",
    }
    with stand_ins.running(folder, rate_limits="off", **account) as klarna:
        settings = replace(shop_settings(folder, klarna, url), console=True, console_url=f"{klarna.url}/")
        shop = create_app(settings)
        with shop.app_context():
            flask_migrate.upgrade()
            catalogue.seed()
        calls = Calls()
        with serving(make_server("localhost", port, calls.of(shop), threaded=True)):
            yield Programs(klarna, shop, url, calls)


def in_lane(visitor: Visitor, name: str) -> Visitor:
    """The same browser, which means the same cookies, in a lane."""
    programs = visitor.programs
    return Visitor(replace(programs, shop_url=f"{programs.shop_url}{LANE}{name}"), visitor.http)


def bring_about(lane: Visitor) -> tuple[Page, str]:
    """Start a lane's scenario as its frame does, by way of Klarna's console; the page one lands on, and its address."""
    origin = lane.programs.shop_url.partition(LANE)[0]
    ready = lane.get("/demo/side-by-side/ready")
    (action,) = re.findall(r'action="([^"]*/demo/start/[^"]*)"', ready.markup)
    answer = lane.http.post(origin + action, data={"csrf_token": lane.csrf}, timeout=30)
    while "data-prepare" in answer.text:
        answer = pass_by_klarna(answer, lane.http, origin)
    assert answer.status_code == 200, answer.text[:500]
    page = Page(answer.text)
    lane.csrf = page.values.get("csrf_token", "")
    return page, answer.url


def pass_by_klarna(answer: requests.Response, http: requests.Session, origin: str) -> requests.Response:
    """The form that goes to Klarna's console, as a browser would send it."""
    page = Page(answer.text)
    (action,) = re.findall(r'action="([^"]*/prepare)"', answer.text)
    sent = {"return": page.values["return"], "steps": page.values["steps"]}
    return http.post(action, data=sent, headers={"Origin": origin}, timeout=30)
