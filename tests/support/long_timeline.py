"""A timeline as after a long day."""

from flask import Flask
from playwright.sync_api import Page

from app.shop.console.entries import Fact, Kind
from app.shop.console.recorder import VISITOR_COOKIE

KINDS = (Kind.PAGE, Kind.API, Kind.NOTE)


def visitor_of(page: Page) -> str:
    """By what the console knows a browser."""
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == VISITOR_COOKIE)


def fill(shop: Flask, visitor: str, steps: int, first: int = 1) -> None:
    """Write ``steps`` steps called *step 1*, *step 2* and so on, as a visitor's own."""
    for number in range(first, first + steps):
        kind = KINDS[number % len(KINDS)]
        shop.extensions["timeline"].write(Fact(kind, f"step {number}", status=200, seconds=0.1), visitor)
