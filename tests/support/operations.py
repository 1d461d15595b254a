"""How much work something is, counted: a time says more about the machine than about the work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python run in this thread while `work` is done."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()  # coverage has one
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
