"""Addresses: their parts, and whether a secret may be sent to them."""

from __future__ import annotations

import ipaddress
import re

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from footage.errors import UsageError


def address(url: str) -> Url | None:
    """The parts of a URL as the HTTP library will read them, or None where it cannot."""
    try:
        parts = parse_url(url)
    except (LocationParseError, ValueError):
        return None
    return parts if parts.scheme and parts.host else None


def on_this_computer(host: str) -> bool:
    """Whether a host name or address is the loopback."""
    host = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_carry_secrets(url: str) -> bool:
    """True for https, and for http that never leaves this computer."""
    parts = address(url)
    if parts is None or parts.host is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and on_this_computer(parts.host))


def checked_base_url(text: str) -> str:
    """The address of a provider's API, without a slash at its end.

    https only, so that nobody can read the key on the way; plain http within this computer.
    Raises UsageError, which does not repeat the address: it may hold a password.
    """
    parts = address(text)
    if parts is None or parts.scheme not in ("https", "http") or re.search(r"[^!-~]|\\", text):
        raise UsageError("it has to be an address such as https://api.example.com")
    if not may_carry_secrets(text):
        raise UsageError("it has to begin with https://, or anyone on the way could read the key")
    if parts.auth is not None or "?" in text or "#" in text:
        raise UsageError("it has to be a plain address, without a user name, '?' or '#' in it")
    return text.rstrip("/")
