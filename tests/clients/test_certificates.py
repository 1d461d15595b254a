"""A network that inspects traffic, with a certificate of its own: a real TLS server on loopback."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support.motive import KEY as MOTIVE_KEY
from support.samsara import KEY as SAMSARA_KEY
from support.samsara import page
from support.scripted import ScriptedServer, says

from footage.cloud.download import Downloader
from footage.errors import ConnectionSettingError
from MotiveAPI import MotiveAPI
from SamsaraAPI import SamsaraAPI


@pytest.fixture
def company() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def inspected(company: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A server whose certificate the company has issued; nobody knows of that yet."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    company.issue_cert("127.0.0.1").configure_cert(context)
    server = ScriptedServer()
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    server.url = server.url.replace("http:", "https:")
    server.script = [page()]
    yield server
    server.stop()


def trust(authority: trustme.CA, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the certificate of an authority in the variable, as its administrator would say to."""
    bundle = folder / "company.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))


def size_of(path: Path) -> int:
    return path.stat().st_size


@pytest.mark.parametrize("named", [None, "another company's"])
def test_a_certificate_nobody_vouches_for_ends_it_at_once(
    inspected: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    if named:
        trust(trustme.CA(), tmp_path, monkeypatch)
    waits: list[float] = []
    for client in (
        SamsaraAPI(SAMSARA_KEY, inspected.url, wait=waits.append),
        MotiveAPI(MOTIVE_KEY, inspected.url, wait=waits.append),
    ):
        with pytest.raises(ConnectionSettingError) as refused:
            client.vehicles()
        text = str(refused.value)
        assert text.startswith(f"{client.name} cannot be reached: its certificate could not be")
        assert "issuer certificate" in text or "self-signed" in text or "self signed" in text
        assert ("REQUESTS_CA_BUNDLE is set" in text) is bool(named)
        assert "REQUESTS_CA_BUNDLE" in text
    with pytest.raises(ConnectionSettingError, match="REQUESTS_CA_BUNDLE"):
        Downloader(waits.append).fetch(f"{inspected.url}/a.mp4", tmp_path / "a.mp4", size_of)
    assert not any(waits)
    assert inspected.asked == [], "no key was shown to a stranger"


def test_with_the_companys_certificate_all_goes_well(
    inspected: ScriptedServer,
    company: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust(company, tmp_path, monkeypatch)
    assert SamsaraAPI(SAMSARA_KEY, inspected.url).vehicles() == []
    inspected.script = [says(200, b"\x00\x00\x00 ftypisom")]
    fetched = Downloader().fetch(f"{inspected.url}/a.mp4", tmp_path / "a.mp4", size_of)
    assert fetched.verified == fetched.size == 12
