"""The HTTP session that the clients and the download share, and how a client signs in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.auth import AuthBase

from footage.system.urls import address, on_this_computer


@dataclass(frozen=True)
class SignIn:
    """How a client signs in to its provider.

    auth:    puts the credentials into each request
    secrets: what is hidden in whatever is shown or logged
    name:    what messages call the credentials, such as "API key"
    help:    what to do where the provider refuses them
    """

    auth: AuthBase
    secrets: Sequence[str]
    name: str
    help: str


class HeaderAuth(AuthBase):
    """Puts an API key into one header of each request."""

    def __init__(self, header: str, value: str) -> None:
        self.header = header
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self.header] = self._value
        return request


def new_session(
    auth: Callable[[requests.PreparedRequest], requests.PreparedRequest],
) -> requests.Session:
    """A session without cookies; proxies are as the system has them.

    Being given an `auth`, it does not look into ~/.netrc for credentials.
    """
    session = requests.Session()
    session.auth = auth
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def direct(url: str) -> dict[str, str]:
    """The `proxies` argument that keeps a call within this computer off any proxy."""
    parts = address(url)
    host = (parts.host or "").strip("[]") if parts else ""
    return {"no_proxy": host} if on_this_computer(host) else {}
