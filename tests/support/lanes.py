"""One browser in several lanes of a demo."""

import re
from dataclasses import replace

import requests

from tests.support.visitor import Page, Visitor

LANE = "/demo/lane/"


def in_lane(visitor: Visitor, name: str) -> Visitor:
    """The same browser, which means the same cookies, in a lane."""
    programs = visitor.programs
    return Visitor(replace(programs, shop_url=f"{programs.shop_url}{LANE}{name}"), visitor.http)


def bring_about(lane: Visitor) -> tuple[Page, str]:
    """Start a lane's scenario as its frame does, by way of Klarna's console; the page one lands on, and its address."""
    origin = lane.programs.shop_url.partition(LANE)[0]
    ready = lane.get("/demo/side-by-side/ready")
    (action,) = re.findall(r'action="([^"]*/demo/start/[^"]*)"', ready.markup)
    answer = lane.http.post(origin + action, data={"csrf_token": lane.csrf}, timeout=60)
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
    return http.post(action, data=sent, headers={"Origin": origin}, timeout=60)
