"""Downloads from a scripted media host on loopback. Only a stall waits, and for 0.5 s."""

from __future__ import annotations

import errno
import os
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from support.media_host import SHA, VIDEO, Answer, Host, delivers, fetch, left, playable
from support.scripted import says

from footage.cloud.download import Downloader
from footage.errors import DiskError, DownloadError, Interrupted, NotAVideo, UrlExpired

# --- whole files ----------------------------------------------------------------------------------


def test_a_file_arrives_whole_verified_and_under_its_name(
    host: Host, downloader: Downloader, target: Path
) -> None:
    host.script = [delivers()]
    seen: list[tuple[int, int | None]] = []
    done = fetch(downloader, host, target, progress=lambda *numbers: seen.append(numbers))
    assert target.read_bytes() == VIDEO
    assert (done.path, done.size, done.sha256) == (target, len(VIDEO), SHA)
    assert (done.verified, done.reused) == (f"seen {target.name}.part", False)
    assert left(target) == [target.name]
    assert seen[0] == (0, len(VIDEO)) and seen[-1] == (len(VIDEO), len(VIDEO))


def test_a_body_of_unknown_length_is_taken_to_its_end(
    host: Host, downloader: Downloader, target: Path
) -> None:
    def chunked(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, len(VIDEO), 100_000):
            piece = VIDEO[at : at + 100_000]
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    host.script = [chunked]
    assert fetch(downloader, host, target).sha256 == SHA


# --- what breaks off ------------------------------------------------------------------------------


def test_a_broken_transfer_goes_on_from_the_bytes_on_hand(
    host: Host, downloader: Downloader, target: Path
) -> None:
    host.script = [delivers(cut=100_000), delivers(cut=50_000), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert target.read_bytes() == VIDEO
    assert host.ranges == [None, "bytes=100000-", "bytes=150000-"]
    assert [asked.get("If-Range") for asked in host.asked] == [None, '"v1"', '"v1"']


@pytest.mark.parametrize(
    "header", ["x-amz-request-id", "X-Amz-Cf-Id", "X-GUploader-UploadID", "X-Request-Id"]
)
def test_the_hosts_own_name_of_the_answer_is_kept(
    host: Host, downloader: Downloader, target: Path, header: str
) -> None:
    host.script = [delivers(headers={header: "4442587FB7D0A2F9"})]
    done = fetch(downloader, host, target)
    assert (done.host, done.request_id) == ("127.0.0.1", "4442587FB7D0A2F9")


def test_each_answer_that_brought_bytes_is_named(
    host: Host, downloader: Downloader, target: Path
) -> None:
    def answer(name: str, cut: int | None = None, etag: str = '"v1"') -> Answer:
        return delivers(cut=cut, etag=etag, headers={"X-Request-Id": name})

    host.script = [answer("of no use", 10, '"v0"'), answer("one", 1000), answer("two")]
    assert fetch(downloader, host, target).request_id == "one, two"


def test_a_stall_is_a_broken_transfer(host: Host, waits: list[float], target: Path) -> None:
    released = threading.Event()
    downloader = Downloader(waits.append, timeout=(2, 0.5))
    host.script = [delivers(cut=100_000, stall=released), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    released.set()
    # 100000 where urllib3 has read1 (2.1 on), else what was read in whole pieces
    assert host.ranges in ([None, "bytes=100000-"], [None, "bytes=65536-"])


def test_a_host_without_ranges_starts_over(
    host: Host, downloader: Downloader, target: Path
) -> None:
    host.script = [delivers(cut=1000), delivers(ranges=False)]
    assert fetch(downloader, host, target).sha256 == SHA
    assert target.read_bytes() == VIDEO


def test_a_file_that_changed_meanwhile_starts_over(
    host: Host, downloader: Downloader, target: Path
) -> None:
    other = VIDEO[::-1].replace(b"\xff", b"\x00")
    host.script = [delivers(cut=1000), delivers(other, etag='"v2"')]
    fetch(downloader, host, target)
    assert target.read_bytes() == other


def test_each_bit_of_progress_makes_the_patience_new(
    host: Host, downloader: Downloader, target: Path, waits: list[float]
) -> None:
    host.script = [delivers(cut=40_000)] * 11 + [delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert waits == [1.0] * 11


def test_without_progress_it_gives_up_with_growing_pauses(
    host: Host, downloader: Downloader, target: Path, waits: list[float]
) -> None:
    host.script = [delivers(cut=1000, ranges=False)]
    with pytest.raises(DownloadError, match=r"broke|ended") as failed:
        fetch(downloader, host, target)
    assert len(host.asked) == 7  # the first brought something
    assert waits == [1.0, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert "verysecret" not in str(failed.value)
    assert not target.exists()


def test_a_body_that_ends_early_without_an_error_is_noticed(
    host: Host, downloader: Downloader, target: Path
) -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(VIDEO)))
        handler.end_headers()
        handler.wfile.write(VIDEO[:1000])
        handler.close_connection = True

    host.script = [short, delivers(etag="")]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.ranges == [None, "bytes=1000-"]


def test_it_can_be_stopped_between_the_pieces(host: Host, target: Path) -> None:
    def stopped(seconds: float) -> None:
        raise Interrupted("stopped")

    host.script = [delivers()]
    with pytest.raises(Interrupted):
        fetch(Downloader(stopped), host, target)
    assert not target.exists()


# --- a new URL for the rest -----------------------------------------------------------------------


def test_a_new_url_goes_on_where_the_old_one_ended(
    host: Host, downloader: Downloader, target: Path
) -> None:
    host.script = [delivers(cut=100_000), says(403), delivers()]
    with pytest.raises(UrlExpired):
        fetch(downloader, host, target)
    done = downloader.fetch(f"{host.base}/clip.mp4?sig=new", target, playable)
    assert done.sha256 == SHA
    assert host.ranges == [None, "bytes=100000-", "bytes=100000-"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (delivers(cut=1000, etag=""), delivers()),
        (delivers(cut=1000), delivers(etag='"v2"')),
        (delivers(cut=1000), delivers(VIDEO + b"x")),
    ],
)
def test_a_new_url_with_another_file_starts_over(
    host: Host, downloader: Downloader, target: Path, first: Answer, then: Answer
) -> None:
    host.script = [first, says(403), then]
    with pytest.raises(UrlExpired):
        fetch(downloader, host, target)
    downloader.fetch(f"{host.base}/clip.mp4?sig=new", target, playable)
    assert target.read_bytes().startswith(VIDEO)


def test_a_part_of_an_earlier_run_is_not_trusted(
    host: Host, downloader: Downloader, target: Path
) -> None:
    target.parent.mkdir(parents=True)
    target.with_name(target.name + ".part").write_bytes(b"old bytes")
    host.script = [delivers()]
    fetch(downloader, host, target)
    assert host.ranges == [None]
    assert target.read_bytes() == VIDEO


# --- what is no video -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><p>Sorry", b"\xef\xbb\xbf\r\n <?xml ?><Error/>", b'{"error": 1}', b"[]", b""],
)
def test_an_error_page_is_not_a_video(
    host: Host, downloader: Downloader, target: Path, body: bytes
) -> None:
    host.script = [says(200, body)]
    with pytest.raises(NotAVideo):
        fetch(downloader, host, target)
    assert left(target) == []


def test_what_cannot_be_played_leaves_nothing(
    host: Host, downloader: Downloader, target: Path
) -> None:
    def broken(path: Path) -> str:
        raise NotAVideo("no picture in it")

    host.script = [delivers()]
    with pytest.raises(NotAVideo, match="no picture"):
        fetch(downloader, host, target, verify=broken)
    assert left(target) == []


def test_what_is_too_large_is_not_fetched(host: Host, target: Path) -> None:
    downloader = Downloader(lambda seconds: None, size_limit=1000)
    host.script = [delivers()]
    with pytest.raises(DownloadError, match="larger"):
        fetch(downloader, host, target)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(VIDEO)
        handler.close_connection = True

    host.script = [endless]
    with pytest.raises(DownloadError, match="larger"):
        fetch(downloader, host, target)
    assert left(target) == []


# --- what is there already ------------------------------------------------------------------------


def test_a_file_that_is_there_is_verified_and_not_read_again(
    host: Host, downloader: Downloader, target: Path
) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(VIDEO)
    host.script = [delivers(cut=0)]
    done = fetch(downloader, host, target)
    assert (done.reused, done.size, done.sha256) == (True, len(VIDEO), SHA)
    assert done.verified == f"seen {target.name}"
    assert len(host.asked) == 1
    assert left(target) == [target.name]


def test_a_file_of_another_length_is_replaced(
    host: Host, downloader: Downloader, target: Path
) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(VIDEO[:-1])
    host.script = [delivers()]
    assert not fetch(downloader, host, target).reused
    assert target.read_bytes() == VIDEO


def test_a_damaged_file_of_the_same_length_is_replaced(
    host: Host, downloader: Downloader, target: Path
) -> None:
    def verify(path: Path) -> str:
        if path == target:
            raise NotAVideo("damaged")
        return "fine"

    target.parent.mkdir(parents=True)
    target.write_bytes(b"x" * len(VIDEO))
    host.script = [delivers()]
    done = fetch(downloader, host, target, verify=verify)
    assert (done.reused, done.verified) == (False, "fine")
    assert target.read_bytes() == VIDEO


# --- the disk -------------------------------------------------------------------------------------


def test_a_folder_that_is_none_is_one_sentence(
    host: Host, downloader: Downloader, tmp_path: Path
) -> None:
    (tmp_path / "Videos").write_text("a file")
    with pytest.raises(DiskError, match="Videos"):
        fetch(downloader, host, tmp_path / "Videos" / "a.mp4")


def test_a_full_disk_names_folder_and_need(
    host: Host, downloader: Downloader, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    host.script = [delivers(cut=100_000)]
    with pytest.raises(DiskError, match=r"is full: at least 0\.4 MB more") as failed:
        fetch(downloader, host, target)
    assert str(target.parent) in str(failed.value)


def test_a_folder_that_may_not_be_written(
    host: Host, downloader: Downloader, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(self: Path, name: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", denied)
    host.script = [delivers()]
    with pytest.raises(DiskError, match="cannot be written"):
        fetch(downloader, host, target)
