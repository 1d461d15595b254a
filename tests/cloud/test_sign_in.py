"""What a good API key is."""

from __future__ import annotations

import pytest

from footage.cloud.sign_in import checked_key
from footage.errors import UsageError


@pytest.mark.parametrize(
    "text", ["samsara_api_x", "  odd!looking/key= \r", "\ufeffkey\n", "\u00a0key"]
)
def test_a_key_is_taken_as_it_is_without_blanks_around(text: str) -> None:
    assert checked_key(text) == text.strip().strip("\ufeff")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("two words", "holds a blank"),
        ("a\nb", "holds a blank"),
        ("a\x00b", "holds a blank or a character"),
        ("a\u200bb", "holds a blank or a character"),
        ("schlüssel", "holds a blank or a character"),
        ("ключ", "holds a blank or a character"),
        ("\x16", "right mouse button"),
    ],
)
def test_what_is_no_key_is_refused_without_being_repeated(text: str, part: str) -> None:
    with pytest.raises(UsageError, match=part) as refused:
        checked_key(text)
    assert not text.strip() or text not in str(refused.value)
