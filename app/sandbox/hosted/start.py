"""The start page: what this stand-in is, does and does not do; its people, links, clock and journal.

The page is empty at first; its script reads and changes everything through the control API.
"""

from flask import Blueprint, render_template

from ..config import current
from . import headers

blueprint = Blueprint("start", __name__)
blueprint.after_request(headers.protect)


@blueprint.get("/")
def index() -> str:
    return render_template("start/index.html", merchant=current().merchant_name)
