"""Which addresses an API key may be sent to."""

from __future__ import annotations

import pytest

from footage.errors import UsageError
from footage.system.urls import checked_base_url


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://api.samsara.com/", "https://api.samsara.com"),
        ("https://proxy.example:8443/samsara/", "https://proxy.example:8443/samsara"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_addresses_that_keep_the_key_safe(text: str, address: str) -> None:
    assert checked_base_url(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "http://api.samsara.com",
        "http://localhost.example.com",
        "http://127.0.0.1@example.com",
        "https://user:pass@example.com",
        "https://example.com?x=1",
        "https://example.com/?",
        "https://example.com#x",
        "https://example.com:port",
        "https://exam ple.com",
        "https://example.com\n.evil",
        "https://example.com\\@evil.com",
        "https://[::1",
        "https://",
        "api.samsara.com",
        "ftp://example.com",
    ],
)
def test_addresses_that_do_not_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError, match="it has to be") as caught:
        checked_base_url(text)
    assert "pass" not in str(caught.value)
