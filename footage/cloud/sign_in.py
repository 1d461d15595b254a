"""What a good API key is."""

from __future__ import annotations

from footage.errors import UsageError

# Show nothing, and may stand around what was copied; the first is what Windows puts before a text.
_MARKS = "\ufeff\u200b\u200e\u200f\u202a\u202c\u2060\u2066\u2069"


def checked_key(text: str) -> str:
    """The API key without the blanks around it. How it looks is the provider's business.

    Raises UsageError, which never repeats the key, for one that cannot be sent in an HTTP header.
    """
    key = text.strip().strip(_MARKS).strip()
    if not key:
        raise UsageError(
            "The API key is empty; paste the key that the provider's dashboard showed you."
        )
    if "\x16" in key:
        raise UsageError("Ctrl+V does not paste here; use the right mouse button or Shift+Insert.")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            "The API key holds a blank or a character that no key can have; copy it once more, "
            "only the key itself."
        )
    return key
