"""The list of providers: the one place, besides its own file, that a new one touches."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from footage.model import MediaType
from footage.pacing import Wait
from footage.provider import Provider


@dataclass(frozen=True)
class Entry:
    """What has to be known of a provider before its client is loaded.

    key:      what it is called on the command line and, in capitals, in the environment
    client:   name of the class, and of the module at the top level that holds it
    hosts:    region -> address of the API; the first is taken where none is chosen
    media:    the kinds of footage it has
    assets:   it lists trailers and the like apart from vehicles
    """

    key: str
    name: str
    client: str
    hosts: Mapping[str, str]
    media: tuple[MediaType, ...]
    assets: bool = False

    @property
    def key_variable(self) -> str:
        return f"{self.key.upper()}_API_KEY"

    @property
    def url_variable(self) -> str:
        return f"{self.key.upper()}_BASE_URL"

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(region for region in self.hosts if region)

    def connect(self, key: str, base_url: str | None, region: str | None, wait: Wait) -> Provider:
        """The client. Raises UsageError for a key or an address that cannot be used."""
        client = getattr(importlib.import_module(self.client), self.client)
        address = base_url or self.hosts[region or next(iter(self.hosts))]
        provider: Provider = client(key, address, wait=wait)
        return provider


PROVIDERS = (
    Entry(
        "samsara",
        "Samsara",
        "SamsaraAPI",
        {
            "us": "https://api.samsara.com",
            "eu": "https://api.eu.samsara.com",
            "ca": "https://api.ca.samsara.com",
        },
        (MediaType.HIGH, MediaType.LOW, MediaType.HYPERLAPSE, MediaType.IMAGE),
    ),
    Entry(
        "motive",
        "Motive",
        "MotiveAPI",
        {"": "https://api.gomotive.com"},
        (MediaType.HIGH, MediaType.TIMELAPSE, MediaType.IMAGE),
        assets=True,
    ),
)


def by_key(key: str) -> Entry:
    """The provider of a command-line word; KeyError where there is none."""
    return {entry.key: entry for entry in PROVIDERS}[key]


def by_name(name: str) -> Entry | None:
    """The provider that a journal names; None where this program does not know it."""
    return next((entry for entry in PROVIDERS if entry.name == name), None)
