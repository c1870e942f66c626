"""A shopper at Klarna's sign-in pages, as far as HTTP goes: fills in what each page asks, until back in the shop."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

import requests

from .visitor import Visitor

BERLIN_PHONE = "+4917614284340"  # customer@email.de
STOCKHOLM_PHONE = "+46701740615"  # customer@email.se
LONDON_PHONE = "+447755564318"  # customer@email.uk
NEW_YORK_PHONE = "+13106683312"  # customer@email.us


class Form(HTMLParser):
    """The main form of a page, past "Not you?": where it goes, and what it holds."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.action = ""
        self.denial = ""
        self.fields: list[tuple[str, str]] = []
        self.options: list[str] = []
        self._inside = False
        self._done = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and not found.get("action", "").endswith("/other") and not self._done:
            self.action, self._inside = found.get("action", ""), True
        elif tag == "button" and self._inside and found.get("formaction"):
            self.denial = found["formaction"]
        elif tag == "input" and self._inside and found.get("name"):
            if found.get("type") == "checkbox":
                self.options.append(found.get("value", "on"))
            if found.get("type") != "checkbox" or "checked" in found:
                self.fields.append((found["name"], found.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._inside:
            self._inside, self._done = False, True


@dataclass
class KlarnaLogin:
    """One sign-in with Klarna of a visitor. ``screens`` lists what Klarna asked."""

    visitor: Visitor
    phone: str = BERLIN_PHONE
    allow: bool = True
    declined: tuple[str, ...] = ()
    screens: list[str] = field(default_factory=list)

    def start(self, **query: str) -> requests.Response:
        """Press "Continue with Klarna" in the shop; the first page of Klarna, or the shop's when nothing is asked."""
        return self._get(f"{self.visitor.programs.shop_url}/login/klarna?{urlencode(query)}")

    def go(self, **query: str) -> requests.Response:
        """All of it; the page of the shop at the end."""
        page = self.start(**query)
        for _ in range(6):
            if page.url.startswith(self.visitor.programs.shop_url):
                return page
            page = self.answer(page)
        raise AssertionError(f"Klarna asks without end: {self.screens}")

    def answer(self, page: requests.Response) -> requests.Response:
        """Fill in one page of Klarna."""
        assert page.status_code == 200, f"{page.status_code} {page.text[:500]}"
        form = Form(page.text)
        fields = [(name, value) for name, value in form.fields if value not in self.declined]
        if ">Allow<" in page.text:
            form.action = form.action if self.allow else form.denial
            return self._send("consent", page, form, fields)
        if 'name="phone"' in page.text:
            return self._send("phone", page, form, [*[f for f in fields if f[0] != "phone"], ("phone", self.phone)])
        if 'name="code"' in page.text:
            return self._send("code", page, form, [*[f for f in fields if f[0] != "code"], ("code", "123456")])
        raise AssertionError(f"a page nobody knows: {page.text[:800]}")

    def _send(
        self, screen: str, page: requests.Response, form: Form, fields: list[tuple[str, str]]
    ) -> requests.Response:
        self.screens.append(screen)
        return self.visitor.http.post(urljoin(page.url, form.action), data=fields, timeout=60)

    def _get(self, address: str) -> requests.Response:
        return self.visitor.http.get(address, timeout=60)
