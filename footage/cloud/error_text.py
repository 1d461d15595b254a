"""What a provider says when it says no, whatever form that comes in."""

from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus

_SAID_IN = ("message", "error_message", "errors", "error", "detail")


def words_of(data: object, content: bytes | None) -> str:
    """What the provider says in an error: its message, or the text where it is no page."""
    if isinstance(data, dict):
        provider_message = [_sentence(data.get(field)) for field in _SAID_IN]
        return "; ".join(dict.fromkeys(filter(None, provider_message)))
    if data is not None:
        return _sentence(data)
    text = (content or b"")[:4096].decode("utf-8", errors="replace").strip()
    if text.startswith("<"):
        title = re.search(r"(?is)<title[^>]*>([^<]+)</title>", text)
        return unescape(title[1]).strip() if title else ""
    return "" if text.startswith(("{", "[")) else text


def _sentence(said: object, depth: int = 0) -> str:
    """The words of an error, whether it is a text, a list of them, or texts by field."""
    if isinstance(said, str):
        return said.strip()
    if depth > 3:
        return ""
    if isinstance(said, list):
        return "; ".join(filter(None, (_sentence(one, depth + 1) for one in said)))
    if isinstance(said, dict):
        texts = {str(field): _sentence(one, depth + 1) for field, one in said.items()}
        return "; ".join(
            text if field in _SAID_IN else f"{field}: {text}"
            for field, text in texts.items()
            if text
        )
    return ""


def standard_words(status: int) -> str:
    """What an HTTP status is called, where the provider itself said nothing."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"
