"""What must not be seen, where it must not be sent, and what is safe to show."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

HIDDEN = "[hidden]"
SHORTEST_SECRET = 4  # hiding anything shorter would only make a text unreadable

_PATTERNS = (
    # user:password@ of a proxy's address
    (re.compile(r"(?i)\b(https?://)[^\s/?#@\"'<>]+@"), rf"\1{HIDDEN}@"),
    # the query of an address
    (re.compile(r"(?i)\b(https?://[^\s?\"'<>]*)\?[^\s\"'<>]*"), rf"\1?{HIDDEN}"),
    # the query of a path alone, as connection errors quote it: "with url: /a.mp4?sig=..."
    (re.compile(r"\?[\w.~%+-]+=[^\s\"'<>]*"), f"?{HIDDEN}"),
    # a signature that stands alone
    (
        re.compile(r"(?i)\b(x-amz-[\w-]+|(?:x-goog-)?signature|sig|policy)=[^\s&\"'<>]+"),
        rf"\1={HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|x-api-key:)(\s+)[^\s\"',]+"), rf"\1\2{HIDDEN}"),
)

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|\x1b[ -/]*[0-~]?"
)


class Redactor:
    """Hides API keys and the queries of signed URLs in any text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide this one too, from now on, in each form in which it may appear."""
        secret = secret.strip()
        if len(secret) >= SHORTEST_SECRET:
            forms = {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
            self._forms = tuple(sorted({*self._forms, *forms}, key=len, reverse=True))

    def hide(self, text: str) -> str:
        """The text without its secrets."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


def printable(text: str, limit: int | None = 300) -> str:
    """The text as one line that cannot command a terminal: no control characters, no escapes.

    limit: characters to keep; None for all
    """
    text = _ESCAPES.sub("", text)
    text = "".join(char for char in text if char.isspace() or not _invisible(char))
    text = " ".join(text.split())
    if limit is not None and len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Co")


def address(url: str) -> Url | None:
    """The parts of a URL as the HTTP library will read them, or None where it cannot."""
    try:
        parts = parse_url(url)
    except (LocationParseError, ValueError):
        return None
    return parts if parts.scheme and parts.host else None


def on_this_computer(host: str) -> bool:
    """Whether a host name or address is the loopback."""
    host = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_carry_secrets(url: str) -> bool:
    """True for https, and for http that never leaves this computer."""
    parts = address(url)
    if parts is None or parts.host is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and on_this_computer(parts.host))
