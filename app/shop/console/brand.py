"""The merchant one is visiting, for this browser: a name and an accent colour. The logo stays in the browser."""

import json
import re
from dataclasses import asdict, dataclass

from flask import request

COOKIE = "demo_brand"
LONGEST_NAME = 40
COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Brand:
    """Empty parts are the shop's own."""

    name: str = ""
    accent: str = ""

    @property
    def stylesheet(self) -> str:
        """The accent colour, with text on it that can be read."""
        if not self.accent:
            return ""
        return (
            f":root {{ --accent: {self.accent}; --on-accent: {'#111111' if _is_light(self.accent) else '#ffffff'}; }}\n"
        )

    def written(self) -> str:
        return json.dumps(asdict(self))


def read(name: str, accent: str) -> Brand:
    """What was typed, or nothing where it is none."""
    accent, name = accent.strip().lower(), "".join(c for c in name if c.isprintable()).strip()
    return Brand(name[:LONGEST_NAME], accent if COLOUR.fullmatch(accent) else "")


def current() -> Brand:
    """The brand of the browser that asks."""
    written = request.cookies.get(COOKIE)
    if not written:
        return Brand()
    try:
        kept = json.loads(written)
        return read(str(kept.get("name", "")), str(kept.get("accent", "")))
    except (ValueError, AttributeError):
        return Brand()


def _is_light(colour: str) -> bool:
    """Whether black reads better on it than white: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179
