"""The timeline as a sequence diagram, one SVG document that needs nothing else. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from .entries import LANES, Entry, Kind, Lane

WIDTH, STEP, TOP = 1080, 46, 96
COLUMNS = {Lane.BROWSER: 240, Lane.SHOP: 580, Lane.KLARNA: 920}
NAMES = {Lane.BROWSER: "Browser", Lane.SHOP: "Shop", Lane.KLARNA: "Klarna"}
COLOURS = {
    Kind.PAGE: "#5b6472",
    Kind.SDK: "#9a3f6f",
    Kind.EVENT: "#6a3d9a",
    Kind.API: "#1f4f8f",
    Kind.CALLBACK: "#7a4a00",
    Kind.NOTE: "#24593f",
}
FAILED = "#9a2a1d"
# What XML has no way to say, https://www.w3.org/TR/xml/#charsets
UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
STYLE = (
    "text{font:13px ui-sans-serif,system-ui,sans-serif;fill:#1d1b18}"
    ".time{font:11px ui-monospace,monospace;fill:#5f594e}"
    ".lane{font-weight:600;font-size:15px}"
)


def sequence_diagram(entries: Sequence[Entry], title: str, chosen: str = "") -> str:
    """The SVG document, its lanes named at head and foot. Times are UTC; ``chosen`` says which steps these are."""
    title = shortened(f"{title}, only {chosen}" if chosen else title, 110)
    height = TOP + STEP * max(len(entries), 1) + 50
    parts = [
        Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}">').format(
            WIDTH, height
        ),
        Markup("<title>{}</title><style>{}</style>").format(title, Markup(STYLE)),  # noqa: S704 - our own constant
        Markup('<rect width="100%" height="100%" fill="#fff"/><text x="20" y="30" class="lane">{}</text>').format(
            title
        ),
        *(_lane(lane, height) for lane in Lane),
        *(_step(entry, TOP + STEP * row + STEP // 2) for row, entry in enumerate(entries)),
        Markup("</svg>"),
    ]
    return Markup("\n").join(parts)


def _lane(lane: Lane, height: int) -> Markup:
    return Markup(
        '<text x="{0}" y="66" class="lane" text-anchor="middle">{1}</text>'
        '<line x1="{0}" x2="{0}" y1="76" y2="{2}" stroke="#cfc7b8" stroke-dasharray="3 5"/>'
        '<text x="{0}" y="{3}" class="lane" text-anchor="middle">{1}</text>'
    ).format(COLUMNS[lane], NAMES[lane], height - 36, height - 16)


def _step(entry: Entry, y: int) -> Markup:
    fact = entry.fact
    source, target = (COLUMNS[lane] for lane in LANES[fact.kind])
    failed = fact.status is not None and not 0 < fact.status < 400
    colour = FAILED if failed else COLOURS[fact.kind]
    time = datetime.fromtimestamp(entry.at, UTC).strftime("%H:%M:%S.%f")[:-3]
    drawn = (
        _note(source, y, fact.title, colour) if source == target else _arrow(source, target, y, _label(entry), colour)
    )
    return Markup('<text x="20" y="{}" class="time">{}</text>').format(y + 4, time) + drawn


def _label(entry: Entry) -> str:
    fact = entry.fact
    status = "" if fact.status is None else f" · {fact.status or 'no answer'}"
    took = "" if fact.seconds is None else f" · {fact.seconds * 1000:.0f} ms"
    return f"{shortened(fact.title)}{status}{took}"


def shortened(text: str, most: int = 34) -> str:
    """A label that fits and that XML can say."""
    said = UNSPEAKABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return said if len(said) <= most else f"{said[: most - 1]}…"


def _arrow(source: int, target: int, y: int, label: str, colour: str) -> Markup:
    back = 8 if source < target else -8
    return Markup(
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="{3}" stroke-width="1.6"/>'
        '<path d="M{1} {2} l{4} -5 v10 z" fill="{3}"/>'
        '<text x="{5}" y="{6}" text-anchor="middle">{7}</text>'
    ).format(source, target, y, colour, -back, (source + target) // 2, y - 6, label)


def _note(x: int, y: int, label: str, colour: str) -> Markup:
    return Markup(
        '<rect x="{0}" y="{1}" width="300" height="26" rx="13" fill="#f2f6f1" stroke="{2}"/>'
        '<text x="{3}" y="{4}" text-anchor="middle">{5}</text>'
    ).format(x - 150, y - 13, colour, x, y + 5, shortened(label, 44))
