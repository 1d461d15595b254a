"""The list of providers: the one place, besides its own file, that a new one touches."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from footage.cloud.provider import Provider
from footage.cloud.rate_limit import Wait
from footage.model import MediaType


@dataclass(frozen=True)
class Entry:
    """What has to be known of a provider before its client is loaded.

    key:      what it is called on the command line and, in capitals, in the environment
    client:   name of the class, and of the module at the top level that holds it
    media:    the kinds of footage it has
    regions:  where accounts are kept, each with a host of its own (REGIONS in its module); the
              first is taken where none is chosen
    assets:   it lists trailers and the like apart from vehicles
    live:     what is taken at the moment it is asked for
    cameras:  what can be typed for cameras, and which are taken where none are, for the help text
    """

    key: str
    name: str
    client: str
    media: tuple[MediaType, ...]
    regions: tuple[str, ...] = ()
    assets: bool = False
    live: tuple[MediaType, ...] = ()
    cameras: str = ""

    @property
    def key_variable(self) -> str:
        return f"{self.key.upper()}_API_KEY"

    @property
    def url_variable(self) -> str:
        return f"{self.key.upper()}_BASE_URL"

    @property
    def usual_region(self) -> str:
        return self.regions[0] if self.regions else ""

    def client_class(self) -> Any:
        """The class that fulfils `Provider`."""
        return getattr(importlib.import_module(self.client), self.client)

    def connect(self, key: str, base_url: str | None, region: str | None, wait: Wait) -> Provider:
        """The client. Raises UsageError for a key or an address that cannot be used."""
        client = self.client_class()
        if base_url is None and self.regions:
            base_url = importlib.import_module(self.client).REGIONS[region or self.usual_region]
        provider: Provider = (
            client(key, wait=wait) if base_url is None else client(key, base_url, wait=wait)
        )
        return provider


PROVIDERS = (
    Entry(
        "samsara",
        "Samsara",
        "SamsaraAPI",
        (MediaType.HIGH, MediaType.LOW, MediaType.HYPERLAPSE, MediaType.IMAGE),
        regions=("us", "eu", "ca"),
        cameras="road, driver, analog1 to analog4, or all (default: road,driver,analog1)",
    ),
    Entry(
        "motive",
        "Motive",
        "MotiveAPI",
        (MediaType.HIGH, MediaType.TIMELAPSE, MediaType.IMAGE),
        assets=True,
        live=(MediaType.IMAGE,),
        cameras="front, driver, narrow, left, right, rear, or all (default: all there are)",
    ),
)


def by_key(key: str) -> Entry:
    """The provider of a command-line word; KeyError where there is none."""
    return {entry.key: entry for entry in PROVIDERS}[key]


def by_name(name: str) -> Entry | None:
    """The provider that a journal names; None where this program does not know it."""
    return next((entry for entry in PROVIDERS if entry.name == name), None)
