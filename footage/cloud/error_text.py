"""The text of a provider's error answer, in whatever form it comes."""

from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus

_MESSAGE_FIELDS = ("message", "error_message", "errors", "error", "detail")


def error_message(data: object, content: bytes | None) -> str:
    """The provider's message; of a web page its title, of another text the text itself.

    data:    the JSON of the answer, None where it is none
    content: the body, None where it could not be read
    """
    if isinstance(data, dict):
        messages = [_sentence(data.get(field)) for field in _MESSAGE_FIELDS]
        return "; ".join(dict.fromkeys(filter(None, messages)))
    if data is not None:
        return _sentence(data)
    text = (content or b"")[:4096].decode("utf-8", errors="replace").strip()
    if text.startswith("<"):
        title = re.search(r"(?is)<title[^>]*>([^<]+)</title>", text)
        return unescape(title[1]).strip() if title else ""
    return "" if text.startswith(("{", "[")) else text


def _sentence(error: object, depth: int = 0) -> str:
    """An error in one line, whether it is a text, a list of texts, or texts by field."""
    if isinstance(error, str):
        return error.strip()
    if depth > 3:
        return ""
    if isinstance(error, list):
        return "; ".join(filter(None, (_sentence(one, depth + 1) for one in error)))
    if isinstance(error, dict):
        texts = {str(field): _sentence(one, depth + 1) for field, one in error.items()}
        return "; ".join(
            text if field in _MESSAGE_FIELDS else f"{field}: {text}"
            for field, text in texts.items()
            if text
        )
    return ""


def standard_phrase(status: int) -> str:
    """The standard's name of an HTTP status, where the provider itself gives no reason."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"
