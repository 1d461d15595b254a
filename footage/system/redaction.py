"""Secrets that must not be seen: hidden in whatever is shown or logged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

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

    def hides_none_of(self, text: str) -> bool:
        """Whether none of the secrets is in the text."""
        return not any(form in text for form in self._forms)

    def hide(self, text: str) -> str:
        """The text without its secrets."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text
