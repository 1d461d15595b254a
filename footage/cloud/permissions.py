"""What an API key turns out to be allowed to do, so that a refusal can name what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from footage.errors import AuthenticationError


class Permissions:
    """The permissions that one key has shown to have; usable from many threads.

    provider: its name, for messages
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._granted = frozenset[str]()

    @contextmanager
    def needed(self, name: str) -> Iterator[None]:
        """Within it calls are made that need this permission.

        A provider may answer 401 as well as 403 where it is missing. Where the key has been good
        for something else, and never for this, that is what it means.
        """
        try:
            yield
        except AuthenticationError as error:
            if not self._granted or name in self._granted:
                raise
            raise AuthenticationError(
                f"The API key lacks the permission {name}: {self._provider} takes it for other "
                f"calls, and refuses this one ({error.status}). Add the permission to the key, or "
                "make another key that has it.",
                status=error.status,
                request_id=error.request_id,
            ) from error
        self._granted |= {name}
