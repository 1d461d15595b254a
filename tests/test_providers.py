"""The list of providers: what it says of each agrees with the client, and how clients are made."""

from __future__ import annotations

from typing import Any

import pytest

from footage.cloud.provider_entry import ProviderEntry, SignInField
from footage.errors import UsageError
from footage.model import MediaType
from providers import PROVIDERS, by_key, by_name


def wait(seconds: float) -> None:
    """Time is no matter here."""


@pytest.mark.parametrize("entry", PROVIDERS, ids=lambda entry: entry.key)
def test_an_entry_says_the_same_as_its_client(entry: ProviderEntry) -> None:
    client = entry.connect({"key": "some-key"}, None, None, wait)
    assert client.name == entry.name
    assert tuple(getattr(client, "regions", {})) == entry.regions
    assert [kind for kind in MediaType if client.is_live(kind)] == list(entry.live)
    assert by_key(entry.key) is by_name(entry.name) is entry


@pytest.mark.parametrize(
    ("region", "host"),
    [(None, "https://api.samsara.com"), ("eu", "https://api.eu.samsara.com")],
)
def test_the_region_chooses_the_host(region: str | None, host: str) -> None:
    client: Any = by_key("samsara").connect({"key": "k"}, None, region, wait)
    assert client._client.base_url == host


def test_a_base_url_counts_more_than_the_region() -> None:
    client: Any = by_key("samsara").connect({"key": "k"}, "https://mine.example", "eu", wait)
    assert client._client.base_url == "https://mine.example"


def test_a_sign_in_may_have_several_fields() -> None:
    class Client:
        def __init__(self, user: str, password: str, database: str, *, wait: object) -> None:
            self.credentials = (user, password, database)

    entry = ProviderEntry(
        "other",
        "Other",
        lambda: Client,
        tuple(
            SignInField(name, f"Other {name}: ", f"OTHER_{name.upper()}", str.strip)
            for name in ("user", "password", "database")
        ),
        (MediaType.HIGH,),
    )
    given = {"user": "me", "password": "secret", "database": "fleet"}
    client: Any = entry.connect(given, None, None, wait)
    assert client.credentials == ("me", "secret", "fleet")


def test_an_unknown_provider_is_none() -> None:
    assert by_name("Nobody") is None
    with pytest.raises(UsageError):
        by_key("motive").connect({"key": "two words"}, None, None, wait)
