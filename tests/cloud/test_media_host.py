"""What is sent to the host of the footage, and what its answers mean."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from support.media_host import SECRET, SHA, VIDEO, Answer, Host, delivers, fetch, playable
from support.scripted import says

from footage.cloud.download import Downloader
from footage.errors import DownloadError, UrlExpired


def test_neither_key_nor_netrc_nor_cookies_are_sent(
    host: Host,
    downloader: Downloader,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    host.script = [says(503, b"", {"Set-Cookie": "who=me; Path=/"}), delivers()]
    fetch(downloader, host, target)
    for asked in host.asked:
        assert not {"Authorization", "Cookie"} & set(asked)
        assert asked["Accept-Encoding"] == "identity"


def test_no_proxy_stands_between_this_computer_and_itself(
    host: Host, downloader: Downloader, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    host.script = [delivers()]
    assert fetch(downloader, host, target).sha256 == SHA


def test_without_an_etag_the_total_size_decides(
    host: Host, downloader: Downloader, target: Path
) -> None:
    host.script = [delivers(cut=1000, etag=""), delivers(etag="")]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.ranges == [None, "bytes=1000-"]
    assert "If-Range" not in host.asked[1]


def test_a_weak_etag_is_not_used(host: Host, downloader: Downloader, target: Path) -> None:
    host.script = [delivers(cut=1000, etag='W/"x"'), delivers(etag='W/"x"')]
    assert fetch(downloader, host, target).sha256 == SHA
    assert "If-Range" not in host.asked[1]


@pytest.mark.parametrize(
    "wrong",
    [
        says(206, b"zz", {"Content-Range": f"bytes 0-1/{len(VIDEO)}"}),
        says(206, b"zz", {"Content-Range": f"bytes 1000-1001/{len(VIDEO) + 1}"}),
        says(206, b"zz", {"Content-Range": f"bytes 1000-1001/{len(VIDEO)}", "ETag": '"v2"'}),
        says(206, b"zz", {"Content-Range": "pages 3"}),
        says(206, b"zz"),
        says(416, b"", {"Content-Range": f"bytes */{len(VIDEO)}"}),
    ],
)
def test_a_wrong_range_is_never_joined_on(
    host: Host, downloader: Downloader, target: Path, wrong: Answer
) -> None:
    host.script = [delivers(cut=1000), wrong, delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.ranges == [None, "bytes=1000-", None]


def test_busy_hosts_are_given_time(
    host: Host, downloader: Downloader, target: Path, waits: list[float]
) -> None:
    host.script = [says(503), says(429, b"", {"Retry-After": "7.5"}), says(500), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert waits == [1.0, 7.5, 4.0]


def test_no_host_at_all(downloader: Downloader, target: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadError, match=r"refused|no connection") as failed:
        downloader.fetch(f"http://127.0.0.1:{port}/a?{SECRET}", target, playable)
    chain = [failed.value, failed.value.__cause__, failed.value.__context__]
    assert "verysecret" not in repr(chain)


@pytest.mark.parametrize("status", [401, 403, 410])
def test_an_expired_url_asks_for_a_new_one(
    host: Host, downloader: Downloader, target: Path, status: int
) -> None:
    host.script = [says(status, b"<Error>AccessDenied</Error>")]
    with pytest.raises(UrlExpired) as expired:
        fetch(downloader, host, target)
    assert "verysecret" not in str(expired.value)
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>Blocked by FortiGuard: http://x/a?sig=verysecret</html>", "Blocked by FortiGuard"),
        (b"<html><title>Web page blocked</title>x</html>", "Web page blocked"),
        (b"<Error><Code>RequestTimeTooSkewed</Code><Message>The clock</Message></Error>", "Skewed"),
        (b"", "403"),
    ],
)
def test_a_refusal_says_what_the_host_said(
    host: Host, downloader: Downloader, target: Path, body: bytes, words: str
) -> None:
    host.script = [says(403, body)]
    with pytest.raises(UrlExpired, match=words) as refused:
        fetch(downloader, host, target)
    assert "verysecret" not in str(refused.value)


def test_an_expired_token_comes_as_400(host: Host, downloader: Downloader, target: Path) -> None:
    host.script = [says(400, b"<Error><Code>ExpiredToken</Code></Error>")]
    with pytest.raises(UrlExpired):
        fetch(downloader, host, target)


@pytest.mark.parametrize("status", [400, 404])
def test_other_refusals_are_not_repeated(
    host: Host, downloader: Downloader, target: Path, status: int
) -> None:
    host.script = [says(status, b"no")]
    with pytest.raises(DownloadError) as failed:
        fetch(downloader, host, target)
    assert not isinstance(failed.value, UrlExpired)
    assert len(host.asked) == 1


def test_a_packed_answer_is_refused(host: Host, downloader: Downloader, target: Path) -> None:
    host.script = [says(200, VIDEO, {"Content-Encoding": "gzip"})]
    with pytest.raises(DownloadError, match="gzip"):
        fetch(downloader, host, target)


def test_redirects_are_followed_by_hand(host: Host, downloader: Downloader, target: Path) -> None:
    host.script = [says(302, b"", {"Location": "/elsewhere?a=1"}), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.asked[1]["path"] == "/elsewhere?a=1"


@pytest.mark.parametrize(
    "location", ["http://media.example/a", "ftp://127.0.0.1/a", "file:///etc/passwd"]
)
def test_redirects_to_open_or_other_schemes_are_refused(
    host: Host, downloader: Downloader, target: Path, location: str
) -> None:
    host.script = [says(302, b"", {"Location": location})]
    with pytest.raises(DownloadError, match="not encrypted"):
        fetch(downloader, host, target)
    assert len(host.asked) == 1


def test_redirects_end(host: Host, downloader: Downloader, target: Path) -> None:
    host.script = [says(307, b"", {"Location": "/again"})]
    with pytest.raises(DownloadError, match="circles"):
        fetch(downloader, host, target)
    assert len(host.asked) == 6


@pytest.mark.parametrize("url", ["http://media.example/a?s=1", "file:///etc/passwd", "x", ""])
def test_only_encrypted_addresses_are_fetched(
    downloader: Downloader, target: Path, url: str
) -> None:
    with pytest.raises(DownloadError, match="not encrypted"):
        downloader.fetch(url, target, playable)
