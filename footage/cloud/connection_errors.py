"""Failed connections: whether a call was surely not sent, and the reason in plain words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
)
from urllib3.exceptions import ProxyError as ProxyFailed

# Everything that requests lets out while it sends or receives, and what urllib3 lets through.
TRANSPORT_ERRORS = (requests.RequestException, HTTPError, OSError)

# The provider surely got nothing: no connection was ever made.
_NOT_SENT = (
    NewConnectionError,
    ConnectTimeoutError,
    ProxyFailed,
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    ssl.SSLCertVerificationError,
)

# By name, as they come from requests, urllib3, ssl and socket; the first that fits.
_REASONS = {
    "gaierror": "its name could not be found (is this computer online?)",
    "NameResolutionError": "its name could not be found (is this computer online?)",
    "ProxyError": "the network's proxy did not let us through",
    "SSLCertVerificationError": (
        "its certificate could not be verified; the network may be inspecting traffic"
    ),
    "SSLError": "the encrypted connection failed",
    "ConnectionRefusedError": "the connection was refused",
    "NewConnectionError": "no connection could be made (is this computer online?)",
    "ConnectTimeoutError": "it did not answer in time",
    "ReadTimeoutError": "it fell silent",
}


def never_sent(error: BaseException) -> bool:
    """Whether a failed call surely did not reach the provider."""
    if isinstance(error, OSError) and not isinstance(
        error, (requests.RequestException, ConnectionError, TimeoutError, ssl.SSLError)
    ):
        return True  # certificates that could not be read, before connecting
    return any(isinstance(cause, _NOT_SENT) for cause in _causes(error))


def why(error: BaseException) -> str:
    """The reason of a failed connection in plain words, without any address."""
    names = {cls.__name__ for cause in _causes(error) for cls in type(cause).__mro__}
    for name, reason in _REASONS.items():
        if name in names:
            return reason
    return "the connection broke"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it was made from: arguments, reasons, causes.

    Not its context: that may be another failure, which the caller was just handling.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        linked = [*cause.args, getattr(cause, "reason", None), cause.__cause__]
        waiting += [other for other in linked if isinstance(other, BaseException)]
