"""Home, categories, search and product pages."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from ..paging import Page, page_number
from ..web import current_market
from . import service

blueprint = Blueprint("catalogue", __name__)


@blueprint.app_context_processor
def categories() -> dict[str, Any]:
    """The shelves, for the navigation of every page."""
    return {"categories": service.categories()}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    market = current_market()
    return render_template(
        "catalogue/home.html", featured=service.featured(market, 8), newest=service.newest(market, 4)
    )


@blueprint.get("/terms")
def terms() -> ResponseReturnValue:
    return render_template("catalogue/terms.html")


@blueprint.get("/products")
def all_products() -> ResponseReturnValue:
    return _listing(None)


@blueprint.get("/category/<slug>")
def listing(slug: str) -> ResponseReturnValue:
    category = next((c for c in service.categories() if c.slug == slug), None)
    return _listing(category) if category else abort(404)


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    market, query = current_market(), request.args.get("q", "").strip()[:100]
    number = page_number(request.args.get("page", ""))
    page = service.search(market, query, number) if query else Page[service.Card]([], 1, 1, 0)
    suggestions = [] if page.total else service.featured(market, 4)
    return render_template("catalogue/search.html", query=query, page=page, suggestions=suggestions)


@blueprint.get("/products/<slug>")
def product(slug: str) -> ResponseReturnValue:
    market = current_market()
    found = service.detail(market, slug) or abort(404)
    return render_template("catalogue/product.html", product=found, related=service.related(market, found, 4))


def _listing(category: Any) -> ResponseReturnValue:
    sort = request.args.get("sort", "recommended")
    sort = sort if sort in service.SORTS else "recommended"
    in_stock = request.args.get("in_stock") == "1"
    slug = category.slug if category else None
    page = service.listing(current_market(), slug, sort, in_stock, page_number(request.args.get("page", "")))
    return render_template("catalogue/listing.html", category=category, page=page, sort=sort, in_stock=in_stock)
