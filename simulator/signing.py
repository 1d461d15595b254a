"""Signed URLs like those of a storage service: whoever has one may download, until it expires."""

from __future__ import annotations

import hmac
import secrets
import time
from hashlib import sha256
from urllib.parse import quote, urlencode


class Signer:
    """Signs URLs with a random key of its own, and checks them."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def sign(self, path: str, lifetime: float) -> tuple[str, float]:
        """Path and query of a new URL, and when it expires (seconds since 1970)."""
        expires = time.time() + lifetime
        stamp, nonce = f"{expires:.3f}", secrets.token_hex(8)
        query = urlencode(
            {
                "X-Sim-Expires": stamp,
                "X-Sim-Nonce": nonce,
                "X-Sim-Signature": self._signature(path, stamp, nonce),
            }
        )
        return f"{quote(path)}?{query}", expires

    def complaint(self, path: str, expires: str, nonce: str, signature: str) -> str:
        """The service's message about a URL that is not valid; "" for one that is."""
        right = self._signature(path, expires, nonce)
        if not hmac.compare_digest(right.encode("ascii"), signature.encode("utf-8")):
            return "The request signature we calculated does not match the one provided."
        return "" if time.time() < float(expires) else "Request has expired"

    def _signature(self, path: str, expires: str, nonce: str) -> str:
        return hmac.new(self._key, f"{path}\n{expires}\n{nonce}".encode(), sha256).hexdigest()
