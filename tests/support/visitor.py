"""A shopper's browser as far as HTTP goes: cookies, forms, and the calls of the checkout's script."""

import itertools
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import requests

from .programs import Programs

PASSWORD = "correct horse battery"
BERLIN = {
    "email": "customer@email.de",
    "given_name": "Mock",
    "family_name": "Mock",
    "street_address": "Neue Schönhauser Str. 2",
    "postal_code": "10178",
    "city": "Berlin",
    "country": "DE",
    "phone": "+4917614284340",
}
NEW_YORK = {
    "email": "customer@email.us",
    "given_name": "Test",
    "family_name": "Person-us",
    "street_address": "509 Amsterdam Ave",
    "postal_code": "10024-3941",
    "city": "New York",
    "region": "NY",
    "country": "US",
    "phone": "+13106683312",
}

numbers = itertools.count(1)


def new_email() -> str:
    return f"shopper{next(numbers)}@example.com"


class Page(HTMLParser):
    """The parts of a page a test asks for: form fields, data attributes and text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.markup = markup
        self.values: dict[str, str] = {}
        self.data: dict[str, str] = {}
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in ("input", "textarea") and "name" in found:
            self.values.setdefault(found["name"], found.get("value", ""))
        if found.get("id") == "payment":
            self.data = {name[5:]: value for name, value in found.items() if name.startswith("data-")}
        self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@dataclass
class Visitor:
    """One browser. ``session_id`` of Klarna's session is read from the shop's database, where a test may look."""

    programs: Programs
    http: requests.Session = field(default_factory=requests.Session)
    csrf: str = ""
    email: str = ""

    def get(self, path: str, status: int = 200) -> Page:
        response = self.http.get(self.programs.shop_url + path, timeout=60)
        assert response.status_code == status, f"{path}: {response.status_code} {response.text[:500]}"
        page = Page(response.text)
        self.csrf = page.values.get("csrf_token", self.csrf)
        return page

    def send(self, path: str, data: dict[str, Any], **more: Any) -> requests.Response:
        """POST a form with the CSRF token of the last page."""
        return self.http.post(self.programs.shop_url + path, data={"csrf_token": self.csrf} | data, timeout=60, **more)

    def post(self, path: str, data: dict[str, Any], status: int = 200) -> Page:
        response = self.send(path, data)
        assert response.status_code == status, f"{path}: {response.status_code} {response.text[:500]}"
        page = Page(response.text)
        self.csrf = page.values.get("csrf_token", self.csrf)
        return page

    def call(self, path: str, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A call of the checkout's script: status and JSON."""
        response = self.send(path, data, headers={"Accept": "application/json"})
        return response.status_code, response.json()

    def register(self, email: str = "") -> str:
        email = email or new_email()
        self.get("/register")
        self.post("/register", {"email": email, "password": PASSWORD})
        return email

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.get("/login")
        self.post("/login", {"email": email, "password": password})

    def sign_out(self) -> None:
        self.post("/logout", {})

    def shop_in(self, market: str) -> None:
        self.get("/")
        self.post("/market", {"market": market, "next": "/"})

    def add(self, slug: str = "house-blend", quantity: int | str = 1) -> Page:
        self.get(f"/products/{slug}")
        return self.post("/cart/add", {"product": slug, "quantity": quantity})

    def checkout(self) -> "Checkout":
        page = self.get("/checkout")
        return Checkout(self, page.data["attempt"], page.data["version"], page)


@dataclass
class Checkout:
    """The checkout page, driven as its script drives it."""

    visitor: Visitor
    attempt: str
    version: str
    page: Page

    @property
    def programs(self) -> Programs:
        return self.visitor.programs

    @property
    def session_id(self) -> str:
        """Klarna's session behind this page, from Klarna's own journal."""
        opened = [
            e
            for e in self.programs.journal("/payments/v1/sessions")
            if self.attempt in str((e["request"]["body"] or {}).get("merchant_urls")) and e["response"]["body"]
        ]
        return str(opened[0]["response"]["body"]["session_id"])

    def details(self, address: dict[str, str]) -> tuple[int, dict[str, Any]]:
        sent = address | {"attempt": self.attempt, "version": self.version}
        return self.visitor.call("/checkout/details", sent)

    def order(self, token: str, **changes: str) -> tuple[int, dict[str, Any]]:
        sent = {"attempt": self.attempt, "version": self.version, "authorization_token": token} | changes
        return self.visitor.call("/checkout/orders", sent)

    def approve(self, person: str = "de-approved", link: bool = True) -> str:
        """Save the address, and confirm in Klarna's window; the authorization token."""
        address = NEW_YORK if person.startswith("us") else BERLIN
        status, body = self.details(address)
        assert status == 200, body
        self.programs.browser_data(self.session_id, body["billing_address"])
        return self.programs.approve(self.session_id, person, link)

    def pay(self, person: str = "de-approved", link: bool = True) -> Page:
        """All of it, up to the confirmation page."""
        status, body = self.order(self.approve(person, link))
        assert status == 200, body
        response = self.visitor.http.get(body["redirect"], timeout=60)
        assert response.status_code == 200, response.text[:500]
        return Page(response.text)


def buy(visitor: Visitor, slug: str = "house-blend", person: str = "de-approved", link: bool = True) -> Page:
    """From the product to the confirmation page."""
    visitor.add(slug)
    return visitor.checkout().pay(person, link)
