"""Downloads from a scripted media host on loopback. Only a stall waits, and for 0.1 s."""

import errno
import hashlib
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import footage.cloud.download
from footage.cloud.download import Downloader
from footage.errors import DiskError, DownloadError, Interrupted, NotAVideo, UrlExpired

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 2000
SHA = hashlib.sha256(VIDEO).hexdigest()
SECRET = "X-Amz-Signature=verysecret"


class Host:
    """Answers with what is scripted, in order; the last one repeats. Keeps the headers it got."""

    def __init__(self):
        self.script = []
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append({"path": self.path, **self.headers})
                answer = outer.script.pop(0) if len(outer.script) > 1 else outer.script[0]
                answer(self)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *about: None  # clients that leave early are expected
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        self.url = f"{self.base}/clip.mp4?{SECRET}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def ranges(self):
        return [asked.get("Range") for asked in self.asked]


def hang_up(handler):
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def delivers(content=VIDEO, *, etag='"v1"', cut=None, ranges=True, stall=None):
    """A host that knows ranges; `cut`: hangs up (or stalls) after so many bytes."""

    def answer(handler):
        wanted = handler.headers.get("Range") if ranges else None
        if wanted and handler.headers.get("If-Range", etag) != etag:
            wanted = None
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = content[begin:]
        handler.send_response(206 if wanted else 200)
        if wanted:
            handler.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        if etag:
            handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if cut is None:
            handler.wfile.write(body)
            return
        handler.wfile.write(body[:cut])
        handler.wfile.flush()
        if stall:
            stall.wait(5)
        hang_up(handler)

    return answer


def says(status, body=b"", headers=None):
    def answer(handler):
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def host():
    host = Host()
    yield host
    host.http.shutdown()
    host.http.server_close()


@pytest.fixture
def waits():
    return []


@pytest.fixture
def downloader(waits):
    return Downloader(lambda seconds: waits.append(seconds) if seconds else None, timeout=(2, 2))


@pytest.fixture
def target(tmp_path):
    return tmp_path / "Vidéos of O'Neil 東京" / "Road 2025-04-16.mp4"


def playable(path: Path) -> str:
    return f"seen {path.name}"


def left(target):
    return sorted(path.name for path in target.parent.iterdir())


def fetch(downloader, host, target, **more):
    more = {"existing": target, **more}
    return downloader.fetch(host.url, target, more.pop("verify", playable), **more)


# --- whole files ------------------------------------------------------------------------------


def test_a_file_arrives_whole_verified_and_under_its_name(host, downloader, target):
    host.script = [delivers()]
    seen = []
    done = fetch(downloader, host, target, progress=lambda *numbers: seen.append(numbers))
    assert target.read_bytes() == VIDEO
    assert (done.path, done.size, done.sha256) == (target, len(VIDEO), SHA)
    assert (done.verified, done.reused) == (f"seen {target.name}.part", False)
    assert left(target) == [target.name]
    assert seen[0] == (0, len(VIDEO)) and seen[-1] == (len(VIDEO), len(VIDEO))


def test_a_body_of_unknown_length_is_taken_to_its_end(host, downloader, target):
    def chunked(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, len(VIDEO), 100_000):
            piece = VIDEO[at : at + 100_000]
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    host.script = [chunked]
    assert fetch(downloader, host, target).sha256 == SHA


def test_neither_key_nor_netrc_nor_cookies_are_sent(
    host, downloader, target, monkeypatch, tmp_path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    host.script = [says(503, b"", {"Set-Cookie": "who=me; Path=/"}), delivers()]
    fetch(downloader, host, target)
    for asked in host.asked:
        assert not {"Authorization", "Cookie"} & set(asked)
        assert asked["Accept-Encoding"] == "identity"


def test_no_proxy_stands_between_this_computer_and_itself(host, downloader, target, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    host.script = [delivers()]
    assert fetch(downloader, host, target).sha256 == SHA


# --- what breaks off --------------------------------------------------------------------------


def test_a_broken_transfer_goes_on_from_the_bytes_on_hand(host, downloader, target):
    host.script = [delivers(cut=100_000), delivers(cut=50_000), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert target.read_bytes() == VIDEO
    assert host.ranges == [None, "bytes=100000-", "bytes=150000-"]
    assert [asked.get("If-Range") for asked in host.asked] == [None, '"v1"', '"v1"']


def test_a_stall_is_a_broken_transfer(host, waits, target):
    released = threading.Event()
    downloader = Downloader(waits.append, timeout=(2, 0.1))
    host.script = [delivers(cut=100_000, stall=released), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    released.set()
    # 100000 where urllib3 has read1 (2.1 on), else what was read in whole pieces
    assert host.ranges in ([None, "bytes=100000-"], [None, "bytes=65536-"])


def test_without_an_etag_the_total_size_decides(host, downloader, target):
    host.script = [delivers(cut=1000, etag=""), delivers(etag="")]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.ranges == [None, "bytes=1000-"]
    assert "If-Range" not in host.asked[1]


def test_a_weak_etag_is_not_used(host, downloader, target):
    host.script = [delivers(cut=1000, etag='W/"x"'), delivers(etag='W/"x"')]
    assert fetch(downloader, host, target).sha256 == SHA
    assert "If-Range" not in host.asked[1]


def test_a_host_without_ranges_starts_over(host, downloader, target):
    host.script = [delivers(cut=1000), delivers(ranges=False)]
    assert fetch(downloader, host, target).sha256 == SHA
    assert target.read_bytes() == VIDEO


def test_a_file_that_changed_meanwhile_starts_over(host, downloader, target):
    other = VIDEO[::-1].replace(b"\xff", b"\x00")
    host.script = [delivers(cut=1000), delivers(other, etag='"v2"')]
    fetch(downloader, host, target)
    assert target.read_bytes() == other


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
def test_a_wrong_range_is_never_joined_on(host, downloader, target, wrong):
    host.script = [delivers(cut=1000), wrong, delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.ranges == [None, "bytes=1000-", None]


def test_each_bit_of_progress_makes_the_patience_new(host, downloader, target, waits):
    host.script = [delivers(cut=40_000)] * 11 + [delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert waits == [1.0] * 11


def test_without_progress_it_gives_up_with_growing_pauses(host, downloader, target, waits):
    host.script = [delivers(cut=1000, ranges=False)]
    with pytest.raises(DownloadError, match=r"broke|ended") as failed:
        fetch(downloader, host, target)
    assert len(host.asked) == 7  # the first brought something
    assert waits == [1.0, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert "verysecret" not in str(failed.value)
    assert not target.exists()


def test_a_body_that_ends_early_without_an_error_is_noticed(host, downloader, target):
    def short(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(VIDEO)))
        handler.end_headers()
        handler.wfile.write(VIDEO[:1000])
        handler.close_connection = True

    host.script = [short, delivers(etag="")]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.ranges == [None, "bytes=1000-"]


def test_busy_hosts_are_given_time(host, downloader, target, waits):
    host.script = [says(503), says(429, b"", {"Retry-After": "7.5"}), says(500), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert waits == [1.0, 7.5, 4.0]


def test_no_host_at_all(downloader, target):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadError, match=r"refused|no connection") as failed:
        downloader.fetch(f"http://127.0.0.1:{port}/a?{SECRET}", target, playable)
    chain = [failed.value, failed.value.__cause__, failed.value.__context__]
    assert "verysecret" not in repr(chain)


def test_it_can_be_stopped_between_the_pieces(host, target):
    def stopped(seconds):
        raise Interrupted("stopped")

    host.script = [delivers()]
    with pytest.raises(Interrupted):
        fetch(Downloader(stopped), host, target)
    assert not target.exists()


# --- URLs that no longer work -----------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 410])
def test_an_expired_url_asks_for_a_new_one(host, downloader, target, status):
    host.script = [says(status, b"<Error>AccessDenied</Error>")]
    with pytest.raises(UrlExpired) as expired:
        fetch(downloader, host, target)
    assert "verysecret" not in str(expired.value)
    assert len(host.asked) == 1


def test_an_expired_token_comes_as_400(host, downloader, target):
    host.script = [says(400, b"<Error><Code>ExpiredToken</Code></Error>")]
    with pytest.raises(UrlExpired):
        fetch(downloader, host, target)


@pytest.mark.parametrize("status", [400, 404])
def test_other_refusals_are_not_repeated(host, downloader, target, status):
    host.script = [says(status, b"no")]
    with pytest.raises(DownloadError) as failed:
        fetch(downloader, host, target)
    assert not isinstance(failed.value, UrlExpired)
    assert len(host.asked) == 1


def test_a_new_url_goes_on_where_the_old_one_ended(host, downloader, target):
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
def test_a_new_url_with_another_file_starts_over(host, downloader, target, first, then):
    host.script = [first, says(403), then]
    with pytest.raises(UrlExpired):
        fetch(downloader, host, target)
    downloader.fetch(f"{host.base}/clip.mp4?sig=new", target, playable)
    assert target.read_bytes().startswith(VIDEO)


def test_a_part_of_an_earlier_run_is_not_trusted(host, downloader, target):
    target.parent.mkdir(parents=True)
    target.with_name(target.name + ".part").write_bytes(b"old bytes")
    host.script = [delivers()]
    fetch(downloader, host, target)
    assert host.ranges == [None]
    assert target.read_bytes() == VIDEO


# --- what is no video -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><p>Sorry", b"\xef\xbb\xbf\r\n <?xml ?><Error/>", b'{"error": 1}', b"[]", b""],
)
def test_an_error_page_is_not_a_video(host, downloader, target, body):
    host.script = [says(200, body)]
    with pytest.raises(NotAVideo):
        fetch(downloader, host, target)
    assert left(target) == []


def test_what_cannot_be_played_leaves_nothing(host, downloader, target):
    def broken(path):
        raise NotAVideo("no picture in it")

    host.script = [delivers()]
    with pytest.raises(NotAVideo, match="no picture"):
        fetch(downloader, host, target, verify=broken)
    assert left(target) == []


def test_a_packed_answer_is_refused(host, downloader, target):
    host.script = [says(200, VIDEO, {"Content-Encoding": "gzip"})]
    with pytest.raises(DownloadError, match="gzip"):
        fetch(downloader, host, target)


def test_what_is_too_large_is_not_fetched(host, target):
    downloader = Downloader(lambda seconds: None, size_limit=1000)
    host.script = [delivers()]
    with pytest.raises(DownloadError, match="larger"):
        fetch(downloader, host, target)

    def endless(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(VIDEO)
        handler.close_connection = True

    host.script = [endless]
    with pytest.raises(DownloadError, match="larger"):
        fetch(downloader, host, target)
    assert left(target) == []


# --- what is there already --------------------------------------------------------------------


def test_a_file_that_is_there_is_verified_and_not_read_again(host, downloader, target):
    target.parent.mkdir(parents=True)
    target.write_bytes(VIDEO)
    host.script = [delivers(cut=0)]
    done = fetch(downloader, host, target)
    assert (done.reused, done.size, done.sha256) == (True, len(VIDEO), SHA)
    assert done.verified == f"seen {target.name}"
    assert len(host.asked) == 1
    assert left(target) == [target.name]


def test_a_file_of_another_length_is_replaced(host, downloader, target):
    target.parent.mkdir(parents=True)
    target.write_bytes(VIDEO[:-1])
    host.script = [delivers()]
    assert not fetch(downloader, host, target).reused
    assert target.read_bytes() == VIDEO


def test_a_damaged_file_of_the_same_length_is_replaced(host, downloader, target):
    def verify(path):
        if path == target:
            raise NotAVideo("damaged")
        return "fine"

    target.parent.mkdir(parents=True)
    target.write_bytes(b"x" * len(VIDEO))
    host.script = [delivers()]
    done = fetch(downloader, host, target, verify=verify)
    assert (done.reused, done.verified) == (False, "fine")
    assert target.read_bytes() == VIDEO


# --- where it goes ----------------------------------------------------------------------------


def test_redirects_are_followed_by_hand(host, downloader, target):
    host.script = [says(302, b"", {"Location": "/elsewhere?a=1"}), delivers()]
    assert fetch(downloader, host, target).sha256 == SHA
    assert host.asked[1]["path"] == "/elsewhere?a=1"


@pytest.mark.parametrize(
    "location", ["http://media.example/a", "ftp://127.0.0.1/a", "file:///etc/passwd"]
)
def test_redirects_to_open_or_other_schemes_are_refused(host, downloader, target, location):
    host.script = [says(302, b"", {"Location": location})]
    with pytest.raises(DownloadError, match="not encrypted"):
        fetch(downloader, host, target)
    assert len(host.asked) == 1


def test_redirects_end(host, downloader, target):
    host.script = [says(307, b"", {"Location": "/again"})]
    with pytest.raises(DownloadError, match="circles"):
        fetch(downloader, host, target)
    assert len(host.asked) == 6


@pytest.mark.parametrize("url", ["http://media.example/a?s=1", "file:///etc/passwd", "x", ""])
def test_only_encrypted_addresses_are_fetched(downloader, target, url):
    with pytest.raises(DownloadError, match="not encrypted"):
        downloader.fetch(url, target, playable)


# --- the disk ---------------------------------------------------------------------------------


def test_a_folder_that_is_none_is_one_sentence(host, downloader, tmp_path):
    (tmp_path / "Videos").write_text("a file")
    with pytest.raises(DiskError, match="Videos"):
        fetch(downloader, host, tmp_path / "Videos" / "a.mp4")


def test_a_full_disk_names_folder_and_need(host, downloader, target, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(footage.cloud.download.os, "fsync", full)
    host.script = [delivers(cut=100_000)]
    with pytest.raises(DiskError, match=r"is full: at least 0\.4 MB more") as failed:
        fetch(downloader, host, target)
    assert str(target.parent) in str(failed.value)


@pytest.mark.skipif(os.name == "nt", reason="folders have other permissions there")
def test_a_folder_that_may_not_be_written(host, downloader, target, monkeypatch):
    def denied(self, name):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(footage.cloud.download.Path, "replace", denied)
    host.script = [delivers()]
    with pytest.raises(DiskError, match="cannot be written"):
        fetch(downloader, host, target)
