"""Failed connections: whether a call was surely not sent, and the reason in plain words."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Sequence

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProxySchemeUnknown,
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


_PROXY_VARIABLES = (
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy",
)  # fmt: skip
_CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # in this order (requests)


def bad_setting(error: BaseException) -> str:
    """What in this computer's settings has to be changed before any call can succeed, in a
    sentence; "" for a failure that may pass.

    Of a proxy only the variable's name is told: its value may hold a password.
    """
    causes = list(_causes(error))
    unusable = (requests.exceptions.InvalidProxyURL, ProxySchemeUnknown, LocationParseError)
    socks = any(
        isinstance(cause, requests.exceptions.InvalidSchema) and "SOCKS" in str(cause)
        for cause in causes
    )
    if socks or any(isinstance(cause, unusable) for cause in causes):
        name = _which_is_set(_PROXY_VARIABLES, "the proxy in this computer's settings")
        kind = "a SOCKS proxy, which this program cannot use" if socks else "no usable address"
        return f"{name} is {kind}; set it to one such as http://proxy.example:8080, or remove it."
    if "suitable TLS CA certificate bundle" in str(error):
        name = _which_is_set(_CERTIFICATE_VARIABLES, "The setting for certificates")
        return f"{name} names a file that is not there; correct it, or remove it."
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _about_certificate(cause.verify_message)
        if isinstance(cause, ssl.SSLError) and "NO_CERTIFICATE" in str(cause):
            name = _which_is_set(_CERTIFICATE_VARIABLES, "The setting for certificates")
            return f"{name} names a file that holds no certificate; correct it, or remove it."
    return ""


def _about_certificate(openssl: str) -> str:
    name = next((name for name in _CERTIFICATE_VARIABLES if os.environ.get(name)), "")
    what_to_do = (
        f"{name} is set: its file may lack the certificate of this network"
        if name
        else "its administrator can give you its certificate, to be named in REQUESTS_CA_BUNDLE"
    )
    return (
        f"its certificate could not be verified ({openssl}). The network may be inspecting "
        f"traffic: {what_to_do}."
    )


def _which_is_set(variables: Sequence[str], otherwise: str) -> str:
    return next((name for name in variables if os.environ.get(name)), otherwise)


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
