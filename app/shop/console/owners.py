"""Which browser began what Klarna calls back about: its timeline shows the callback, with what was said."""

import re
import threading
from collections import OrderedDict
from typing import Any

MOST = 5000
# The id stands before the secret in the addresses we give Klarna.
BEGUN = re.compile(r"/klarna/callbacks/(?:\w+/)?\w+/([0-9a-f]{32})/")


class Owners:
    """Browsers by the ids of what they began; the oldest are forgotten."""

    def __init__(self) -> None:
        self._browsers: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, body: Any, browser: str) -> None:
        """A browser had this sent to Klarna; what is no body with addresses says nothing."""
        urls = body.get("merchant_urls") if isinstance(body, dict) else None
        begun = BEGUN.findall(" ".join(map(str, urls.values()))) if isinstance(urls, dict) else []
        with self._lock:
            for each in begun:
                self._browsers[each] = browser
            while len(self._browsers) > MOST:
                self._browsers.popitem(last=False)

    def of(self, path: str) -> str:
        """The browser that began what is called back about at this path; empty when nobody is known."""
        found = BEGUN.search(path)
        return self._browsers.get(found[1], "") if found else ""
