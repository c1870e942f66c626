"""Where in our source something is done, for whoever reads along."""

import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
FEATURES = str(Path(__file__).resolve().parents[1])
CONSOLE = str(Path(__file__).resolve().parent)
# Between a feature and the wire stand the connection's own lines, which explain nothing.
CONNECTIONS = ("provider.py", "wire.py", "remembered.py")


def of_caller() -> str:
    """The line of the feature that made the call under way; empty when it came from elsewhere."""
    frame = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(FEATURES) and not path.startswith(CONSOLE) and not path.endswith(CONNECTIONS):
            return _said(frame.f_code, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return ""


@cache
def of_function(function: Callable[..., Any]) -> str:
    """Where a function is written."""
    code = inspect.unwrap(function).__code__
    return _said(code, code.co_firstlineno)


def _said(code: CodeType, line: int) -> str:
    path = Path(code.co_filename)
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name
    return f"{shown}:{line} {code.co_name}"
