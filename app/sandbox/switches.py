"""Small values the sandbox keeps over a restart and forgets at a reset: clock offset, limits and the like."""

import json
from typing import Any

from . import store


def get(name: str, default: Any) -> Any:
    row = store.connection().execute("SELECT value FROM switches WHERE name = ?", [name]).fetchone()
    return json.loads(row["value"]) if row else default


def put(name: str, value: Any) -> None:
    with store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO switches (name, value) VALUES (?, ?)", [name, store.dump(value)])
