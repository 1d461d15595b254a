"""Terminals for tests: typed or piped lines, and what was shown."""

from __future__ import annotations

import io
from typing import Any, cast

import pytest

from footage.errors import ExitStatus, UsageError
from footage.ui.terminal import Terminal


class Keyboard(io.StringIO):
    """Typed lines at something that calls itself a terminal."""

    def isatty(self) -> bool:
        return True


def piped(*lines: str) -> Terminal:
    """Lines that come through a pipe; both outputs are one."""
    screen = io.StringIO()
    return Terminal(io.StringIO("".join(line + "\n" for line in lines)), screen, screen)


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Terminal:
    """Lines that somebody types; both outputs are one."""
    monkeypatch.setattr("footage.ui.terminal.is_terminal", lambda stream: True)
    screen = io.StringIO()
    return Terminal(Keyboard("".join(line + "\n" for line in lines)), screen, screen)


def shown(terminal: Terminal) -> str:
    """All that stands on the screen."""
    return cast(io.StringIO, terminal.err).getvalue()


def refusal(call: Any, *arguments: Any) -> str:
    """The one sentence with which a call refuses its arguments."""
    with pytest.raises(UsageError) as caught:
        call(*arguments)
    assert caught.value.exit_status == ExitStatus.USAGE
    message = str(caught.value)
    assert "\n" not in message
    return message
