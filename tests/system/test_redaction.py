"""The key and the signed URLs are in no file and on no screen, not even after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.runs import Bench, files_in, of_each_provider

from footage.media import probe
from footage.system.redaction import Redactor
from footage.ui.progress import Screen
from simulator import OnClip


@of_each_provider
def test_a_fault_of_the_program_is_logged_without_secrets(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench.cloud() as sim:

        def crash(path: Path, stop: object = None) -> None:
            signed = sim.downloads()[-1]
            url = (
                f"{sim.media_url}{signed.path}?X-Sim-Signature={signed.query['X-Sim-Signature'][0]}"
            )
            raise RuntimeError(f"unforeseen: key {sim.token} and {url}")

        monkeypatch.setattr(probe, "probe", crash)
        ran = bench.run(sim)  # it searches all files and all output for both
        assert ran.status == 1
        assert ran.lines_with("a fault of its own")
        assert "Traceback" in ran.log
        assert "unforeseen" in ran.log


@of_each_provider
def test_a_whole_bad_day_leaves_no_secret_anywhere(bench: Bench) -> None:
    bad = (
        OnClip("expire", 0.0, times=1),
        OnClip("truncate"),
        OnClip("html", camera="analog1"),
        OnClip("reset", camera="dashcamRoadFacing"),
    )
    with bench.cloud(*bad) as sim:
        ran = bench.run(sim)
        assert ran.status == 0
        text = "".join(p.read_text("utf-8", "replace") for p in files_in(bench.logs))
        assert sim.token not in text + ran.out
        assert "Signature" not in text + ran.out


@pytest.mark.parametrize("text", ["plain", "\x1b[2J\x1b]0;gone\x07", "a\rb\x08c", "\u202eevil"])
def test_nothing_that_a_server_says_commands_the_terminal(text: str, tmp_path: Path) -> None:
    path = tmp_path / "screen.txt"
    with path.open("w", encoding="utf-8") as stream, Screen(stream, interactive=False) as screen:
        screen.say(text)
        screen.table([[text, text]])
        screen.show("Waiting", text, 1, 1, last=True)
    shown = path.read_text("utf-8").replace("\n", "")
    assert all(character.isprintable() for character in shown)


def test_a_redactor_hides_what_it_is_told_of_later() -> None:
    redactor = Redactor()
    redactor.add("a-secret-key")
    assert "a-secret-key" not in redactor.hide("with a-secret-key in it")
