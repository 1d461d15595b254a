"""The list of providers: the one place, besides its own file, that a new one touches."""

from __future__ import annotations

from typing import Any

from footage.basics import MediaType
from footage.cloud.provider_entry import ProviderEntry, SignInField
from footage.cloud.sign_in import checked_key

# Each client is imported when it is needed: the HTTP library is heavy, and the first question has
# to be on the screen at once.


def _samsara() -> Any:
    from SamsaraAPI import SamsaraAPI

    return SamsaraAPI


def _motive() -> Any:
    from MotiveAPI import MotiveAPI

    return MotiveAPI


PROVIDERS = (
    ProviderEntry(
        key="samsara",
        name="Samsara",
        load_client=_samsara,
        sign_in=(SignInField("key", "Samsara API key: ", "SAMSARA_API_KEY", checked_key),),
        media=(MediaType.HIGH, MediaType.LOW, MediaType.HYPERLAPSE, MediaType.IMAGE),
        regions=("us", "eu", "ca"),
        cameras="road, driver, analog1 to analog4, or all (default: road,driver,analog1)",
    ),
    ProviderEntry(
        key="motive",
        name="Motive",
        load_client=_motive,
        sign_in=(SignInField("key", "Motive API key: ", "MOTIVE_API_KEY", checked_key),),
        media=(MediaType.HIGH, MediaType.TIMELAPSE, MediaType.IMAGE),
        assets=True,
        live=(MediaType.IMAGE,),
        cameras="front, driver, narrow, left, right, rear, or all (default: all there are)",
    ),
)


def by_key(key: str) -> ProviderEntry:
    """The provider of a command-line word; KeyError where there is none."""
    return {entry.key: entry for entry in PROVIDERS}[key]


def by_name(name: str) -> ProviderEntry | None:
    """The provider that a journal names; None where this program does not know it."""
    return next((entry for entry in PROVIDERS if entry.name == name), None)
