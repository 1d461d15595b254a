"""The activity log: readable, complete, silent on the terminal, and without a secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from footage.errors import DiskError
from footage.system.redaction import Redactor
from footage.system.text import single_line
from footage.system.urls import may_carry_secrets
from footage.ui.log_file import close_log, held_log, keep_log, open_log

KEY = "samsara_api_Zq8/7+secretsecret"
SIGNED = "https://media.example/clip.mp4?X-Amz-Signature=abcdef0123&X-Amz-Credential=AKIA"


@pytest.fixture(autouse=True)
def closed_afterwards() -> Iterator[None]:
    yield
    close_log()


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_a_line_is_time_level_and_message(tmp_path: Path) -> None:
    path = open_log(tmp_path / "Logs", "2025-04-16_13-30-05", [KEY])
    logging.getLogger("footage.cloud.http").info(
        "POST /cameras/media/retrieval -> 200 in %.2f s", 0.314
    )
    assert path.name == "VideoRetrievalActivity_2025-04-16_13-30-05.log"
    (line,) = lines(path)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d  INFO    "
        r"POST /cameras/media/retrieval -> 200 in 0\.31 s",
        line,
    )


def test_no_key_or_signed_url_is_in_message_or_traceback(tmp_path: Path) -> None:
    path = open_log(tmp_path, "now", [KEY])
    logger = logging.getLogger("footage.test")
    try:
        raise ValueError(f"Bearer {KEY} for {SIGNED}; with url: /clip.mp4?sig=abcdef0123")
    except ValueError:
        logger.exception("It broke at %s with %r", SIGNED, KEY)
    logging.getLogger("urllib3.connection").warning("Failed to parse headers (url=%s)", SIGNED)
    text = path.read_text(encoding="utf-8")
    assert "Traceback" in text and "https://media.example/clip.mp4?[hidden]" in text
    assert "Failed to parse headers" in text
    for secret in (KEY, "abcdef0123", "AKIA", "secretsecret"):
        assert secret not in text


def test_nothing_goes_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("footage.test").error("before it is opened")
    open_log(tmp_path, "now")
    logging.getLogger("footage.test").error("after")
    logging.getLogger("urllib3").error("from the library")
    for handler in logging.getLogger("footage").handlers:
        if isinstance(handler, logging.FileHandler):
            assert handler.stream is not None
            handler.stream.close()  # as with a full disk: writing fails
    logging.getLogger("footage.test").error("not writable")
    assert capfd.readouterr() == ("", "")


def test_server_text_cannot_forge_lines_or_colours(tmp_path: Path) -> None:
    path = open_log(tmp_path, "now")
    logging.getLogger("footage").warning("said: %s", "no\n2025-01-01  INFO    all fine\x1b[31m!")
    (line,) = lines(path)
    assert "\x1b" not in line and line.endswith("all fine!")


def test_any_language_is_kept(tmp_path: Path) -> None:
    path = open_log(tmp_path / "Протокол O'Neil", "now")
    logging.getLogger("footage").info("LKW Müller 東京 \udce4")
    assert "LKW Müller 東京" in lines(path)[0]


def test_opening_again_goes_on_in_the_new_file_only(tmp_path: Path) -> None:
    first = open_log(tmp_path, "1")
    keep_log()
    second = open_log(tmp_path, "2")
    logging.getLogger("footage").info("hello")
    assert lines(first) == [] and len(lines(second)) == 1


def test_two_runs_of_one_second_have_a_log_each(tmp_path: Path) -> None:
    (tmp_path / "VideoRetrievalActivity_now.log").write_text("another run's", "utf-8")
    path = open_log(tmp_path, "now")
    logging.getLogger("footage").info("hello")
    assert path.name == "VideoRetrievalActivity_now_2.log"
    assert (tmp_path / "VideoRetrievalActivity_now.log").read_text("utf-8") == "another run's"


@pytest.mark.parametrize(
    ("logger", "level", "kept"),
    [
        ("footage.main", logging.INFO, False),
        ("footage.main", logging.ERROR, True),
        ("footage.cloud.http", logging.INFO, True),
    ],
)
def test_only_a_log_of_what_was_asked_or_failed_is_kept(
    tmp_path: Path, logger: str, level: int, kept: bool
) -> None:
    path = open_log(tmp_path, "now")
    logging.getLogger(logger).log(level, "hello")
    close_log()
    assert path.exists() is kept


def test_what_is_held_is_written_only_where_it_is_worth_it(tmp_path: Path) -> None:
    log = logging.getLogger("footage.cloud.http")
    path = open_log(tmp_path, "now")
    with held_log():
        log.info("nothing new")
    with held_log() as held:
        log.info("asked")
        held.write()
        log.info("found")
    with pytest.raises(ZeroDivisionError), held_log():
        log.info("before it went wrong")
        raise ZeroDivisionError
    log.info("after")
    said = [line.split("INFO    ")[1] for line in lines(path)]
    assert said == ["asked", "found", "before it went wrong", "after"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "Logs").write_text("a file, not a folder")
    with pytest.raises(DiskError, match="activity log cannot be written"):
        open_log(tmp_path / "Logs", "now")


def test_a_secret_learned_later_is_hidden_too(tmp_path: Path) -> None:
    redactor = Redactor()
    path = open_log(tmp_path, "now", redactor)
    redactor.add(KEY)
    logging.getLogger("footage").info("key %s", KEY)
    assert KEY not in lines(path)[0]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (SIGNED, "abcdef0123"),
        ("http://user:pass@proxy.local:8080/", "pass"),
        ("X-Amz-Signature=abcdef0123&x=1", "abcdef0123"),
        ("Authorization: Bearer abcdef0123", "abcdef0123"),
        ("key in a URL: samsara_api_Zq8%2F7%2Bsecretsecret", "secretsecret"),
    ],
)
def test_redaction(text: str, hidden: str) -> None:
    assert hidden not in Redactor([KEY]).hide(text)


def test_redaction_leaves_plain_text_alone() -> None:
    text = "GET /fleet/vehicles -> 200 in 0.31 s (request id abc). Is it on? Yes."
    assert Redactor([KEY]).hide(text) == text


def test_printable() -> None:
    assert single_line("a\x1b]0;title\x07b\x1b[1;31mc\x00\u202e d\r\n e") == "abc d e"
    assert single_line("x" * 400) == "x" * 299 + "…"
    assert single_line("Müller 東京 👍") == "Müller 東京 👍"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://api.samsara.com", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://api.samsara.com", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost@evil.example", False),
        ("ftp://127.0.0.1", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_where_secrets_may_go(url: str, safe: bool) -> None:
    assert may_carry_secrets(url) is safe
