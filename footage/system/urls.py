"""Addresses: their parts, and whether a secret may be sent to them."""

from __future__ import annotations

import ipaddress

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url


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
