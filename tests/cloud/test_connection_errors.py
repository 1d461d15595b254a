"""Settings with which no call can ever succeed are named, and not tried again."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import requests
from support.scripted import FakeTime

from footage.cloud.connection_errors import bad_setting
from footage.cloud.download import Downloader
from footage.errors import ConnectionSettingError
from MotiveAPI import MotiveAPI
from SamsaraAPI import SamsaraAPI

SETTINGS = [
    ("HTTPS_PROXY", "socks5://user:verysecret@10.0.0.1:1080"),
    ("https_proxy", "proxy.corp:8080x"),
    ("HTTPS_PROXY", "http://"),
    ("ALL_PROXY", "ftp://user:verysecret@proxy:80"),
    ("REQUESTS_CA_BUNDLE", "/etc/no/such/ca.pem"),
    ("CURL_CA_BUNDLE", "/etc/no/such/ca.pem"),
]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("name", "value"), SETTINGS)
@pytest.mark.parametrize("client", [SamsaraAPI, MotiveAPI])
def test_a_setting_that_cannot_work_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, client: type[SamsaraAPI | MotiveAPI], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    time = FakeTime()
    with pytest.raises(ConnectionSettingError, match=f"(?i){name}") as failed:
        client("a-key", wait=time.wait, clock=time.clock).vehicles()
    assert "verysecret" not in str(failed.value)
    assert time.now < 1, "it was tried again"


def test_the_media_host_is_not_tried_again_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    waits: list[float] = []
    with pytest.raises(ConnectionSettingError, match="REQUESTS_CA_BUNDLE"):
        Downloader(waits.append).fetch(
            "https://media.invalid/a?sig=verysecret", tmp_path / "a.mp4", lambda path: None
        )
    assert not any(waits)


def test_a_certificate_that_cannot_be_verified_is_final() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "Missing Authority Key Identifier"
    assert "Missing Authority Key Identifier" in bad_setting(requests.exceptions.SSLError(cause))


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ProxyError("Cannot connect to proxy."),
        requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred")),
        requests.ConnectionError("reset"),
        OSError("no route"),
    ],
)
def test_what_may_pass_is_no_bad_setting(error: Exception) -> None:
    assert bad_setting(error) == ""
