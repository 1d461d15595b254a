"""What has to be known of a provider before its client is loaded: how one signs in, what it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from footage.basics import MediaType

if TYPE_CHECKING:  # it takes 30 ms to load, with the model, and the first question waits
    from footage.cloud.provider import Provider


@dataclass(frozen=True)
class SignInField:
    """One thing that a provider's sign-in asks for: an API key, a user name, a password ...

    name:     the parameter of the client's constructor that takes it
    question: as it is asked on the screen, such as "Samsara API key: "
    variable: the environment variable that answers it
    check:    returns the value to use; raises UsageError, without repeating it, for one that
              cannot be right
    secret:   it is not shown while it is typed, and hidden in logs and messages
    """

    name: str
    question: str
    variable: str
    check: Callable[[str], str]
    secret: bool = True


@dataclass(frozen=True)
class ProviderEntry:
    """What has to be known of a provider before its client is loaded.

    key:          what it is called on the command line and, in capitals, in the environment
    load_client:  imports and returns the client's class, which fulfils `Provider`
    sign_in:      what its sign-in asks for, in the order of the questions
    media:        the kinds of footage it has
    regions:      where accounts are kept, each with a host of its own (`regions` of the client);
                  the first is taken where none is chosen
    assets:       it lists trailers and the like apart from vehicles
    live:         kinds of footage that are taken at the moment they are asked for
    cameras:      what can be typed for cameras, and which are taken where none are, for the help
                  text
    """

    key: str
    name: str
    load_client: Callable[[], Any]
    sign_in: tuple[SignInField, ...]
    media: tuple[MediaType, ...]
    regions: tuple[str, ...] = ()
    assets: bool = False
    live: tuple[MediaType, ...] = ()
    cameras: str = ""

    @property
    def url_variable(self) -> str:
        """The environment variable that chooses another host."""
        return f"{self.key.upper()}_BASE_URL"

    @property
    def usual_region(self) -> str:
        return self.regions[0] if self.regions else ""

    def connect(
        self,
        credentials: Mapping[str, str],
        base_url: str | None,
        region: str | None,
        wait: Callable[[float], None],
    ) -> Provider:
        """The client, signed in with a value for each field of `sign_in`, by the fields' names.

        base_url: None for the host of the region
        wait:     waits so many seconds; may raise `Interrupted`

        Nothing is sent yet. Raises UsageError for a value or an address that cannot be used.
        """
        client = self.load_client()
        if base_url is None and self.regions:
            base_url = client.regions[region or self.usual_region]
        address = {} if base_url is None else {"base_url": base_url}
        provider: Provider = client(**credentials, **address, wait=wait)
        return provider
