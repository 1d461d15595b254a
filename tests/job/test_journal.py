"""The journal file: whole at any instant, read back as it was written, refused where damaged."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

import pytest
from filelock import BaseFileLock, FileLock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.jobs import CAMERAS, START, a_clip, a_full_job, a_job
from support.runs import PROJECT

import footage
from footage import model
from footage.errors import DiskError, JournalError
from footage.job import journal as journals
from footage.job.journal import Journal, read
from footage.job.journal_folder import read_folder
from footage.job.locks import take_lock
from footage.job.serialization import VERSION, step_values
from footage.model import (
    UTC,
    Job,
    Media,
    MediaStatus,
    Retrieval,
    RetrievalState,
    Step,
    StepKind,
    Window,
)
from footage.system import whole_files

DATA = Path(__file__).parent / "data"


def put(text: str, folder: Path) -> Path:
    """A journal with this text."""
    path = folder / "request_ids_x.json"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("version", [1, 2])
def test_a_journal_of_an_older_version_is_gone_on_with(tmp_path: Path, version: int) -> None:
    path = tmp_path / "request_ids_2025-04-16_13-30-00.json"
    shutil.copy(DATA / f"version_{version}.json", path)
    job = read(path)
    assert job.retrievals[0].id == "paid-for"
    journal = Journal.open(path)
    with journal.change() as taken_up:
        taken_up.quota = "gone on with"
    journal.close()
    assert json.loads(path.read_text("utf-8"))["version"] == VERSION
    assert read(path) == replace(job, quota="gone on with", revision=1)


@pytest.mark.parametrize("version", [1, 2])
def test_a_damaged_old_journal_hinders_no_other_job(tmp_path: Path, version: int) -> None:
    text = (DATA / f"version_{version}.json").read_text("utf-8")
    path = put(text.replace('"said"', '"sad"'), tmp_path)
    with pytest.raises(JournalError, match=f"{path.name} is damaged"):
        read(path)
    Journal.create(tmp_path, a_job(), "y").close()
    assert len(read_folder(tmp_path).unfinished) == 1


def test_a_file_name_that_leads_out_is_told_of(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_full_job(), "now")
    path = put(journal.path.read_text("utf-8").replace("Road.mp4", "../../x.mp4"), tmp_path)
    with pytest.raises(JournalError, match="leads out of its folder"):
        read(path)


def test_a_step_is_written_with_the_run_that_made_it(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    before = datetime.now(UTC)
    with journal.change():
        journal.note(StepKind.ASKED, text="Road")
        journal.note(StepKind.ACCEPTED, retrieval_id="id", request_id="r")
    asked, accepted = read(journal.path).custody
    assert (asked.run, asked.kind, asked.text) == (0, StepKind.ASKED, "Road")
    assert (accepted.retrieval_id, accepted.request_id) == ("id", "r")
    assert before <= asked.at <= accepted.at <= datetime.now(UTC)
    journal.close()
    again = Journal.open(journal.path)
    with again.change():
        again.note(StepKind.DOWNLOADED, file="Road.mp4", size=1, sha256="ab")
    job = read(journal.path)
    assert [step.run for step in job.custody] == [0, 0, 1]
    assert [run.program for run in job.runs] == [footage.__version__] * 2
    assert job.runs[0].began < job.runs[1].began
    assert job == again.job


def test_a_run_in_which_nothing_happens_is_not_listed(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    with journal.change() as job:
        job.quota = "x"
    assert read(journal.path).runs == []


@pytest.mark.parametrize(
    "tamper",
    [
        lambda steps: steps.pop(0),
        lambda steps: steps.reverse(),
        lambda steps: steps.__setitem__(0, replace(steps[0], text="another")),
    ],
)
def test_the_custody_is_only_added_to(
    tmp_path: Path, tamper: Callable[[list[Step]], object]
) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    with journal.change():
        journal.note(StepKind.ASKED, text="one")
        journal.note(StepKind.ASKED, text="another one")
    written = journal.path.read_text("utf-8")
    with pytest.raises(ValueError, match="a step of the custody was changed"):
        with journal.change():
            tamper(journal.job.custody)
        journal.fold()
    assert journal.path.read_text("utf-8") == written


def test_a_save_makes_the_lines_of_new_steps_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def counted(step: Step) -> dict[str, Any]:
        made.append(step.text)
        return step_values(step)

    monkeypatch.setattr("footage.job.journal_text.step_values", counted)
    journal = Journal.create(tmp_path, a_job(), "now")
    for number in range(5):
        with journal.change():
            journal.note(StepKind.ASKED, text=str(number))
        journal.fold()
    assert made == ["0", "1", "2", "3", "4"]
    assert len(read(journal.path).custody) == 5


def test_a_signed_url_is_never_written(tmp_path: Path) -> None:
    job = a_job()
    job.retrievals[0].media[0].url = "https://host/clip.mp4?signature=secret"
    journal = Journal.create(tmp_path, job, "now")
    with journal.change():
        job.retrievals[0].media[0].provider_message = "x"
    assert "secret" not in "".join(p.read_text("utf-8") for p in tmp_path.glob("request_ids_*"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "damaged"),
        ('{"version": 1', "damaged"),
        ("[]", "damaged"),
        ("[" * 100_000, "damaged"),
        ('{"version": "1"}', "damaged"),
        ('{"version": 1}', "changed by hand"),
        ('{"version": 99}', "newer version"),
    ],
)
def test_an_unreliable_journal_is_named_and_left_alone(
    tmp_path: Path, text: str, message: str
) -> None:
    path = put(text, tmp_path)
    with pytest.raises(JournalError, match=message) as refused:
        Journal.open(path)
    assert path.name in str(refused.value)
    assert refused.value.exit_status == 2
    assert path.read_text("utf-8") == text
    assert read_folder(tmp_path).unfinished == []


def test_a_number_changed_by_hand_is_noticed(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    text = journal.path.read_text("utf-8")
    journal.path.write_text(text.replace('"minutes": 2', '"minutes": 3'), encoding="utf-8")
    with pytest.raises(JournalError, match="changed by hand"):
        read(journal.path)


def test_two_jobs_of_the_same_second_have_journals_of_their_own(tmp_path: Path) -> None:
    made = [Journal.create(tmp_path, a_job(), "2025-04-16_13-30-00") for _ in range(3)]
    assert len({journal.path for journal in made}) == 3


def test_names_that_are_taken_cost_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def counted(lock: BaseFileLock, timeout: float) -> bool:
        taken.append(lock.lock_file)
        return take_lock(lock, timeout)

    monkeypatch.setattr(journals, "take_lock", counted)
    monkeypatch.setattr(journals, "can_lock", pytest.fail)
    made = [Journal.create(tmp_path, a_job(), "2025-04-16_13-30-00") for _ in range(12)]
    assert len(taken) == len({journal.path for journal in made}) == 12


def test_a_second_run_on_the_same_job_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "_LOCK_TIMEOUT", 0.1)
    journal = Journal.create(tmp_path, a_job(), "now")
    other = [sys.executable, "-c", "import sys; from pathlib import Path;"]
    other[-1] += "from footage.job import journal; journal._LOCK_TIMEOUT = 0.1;"
    other[-1] += "journal.Journal.open(Path(sys.argv[1]))"
    command = [*other, str(journal.path)]
    tried = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "Another run is working on this job" in tried.stderr
    journal.close()
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == 0
    Journal.open(journal.path).close()  # the other process is gone, and its lock with it


def test_a_full_disk_leaves_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    before = journal.path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(whole_files, "flush_to_disk", full)
        with pytest.raises(DiskError, match="full"), journal.change() as job:
            job.quota = "changed"
    assert journal.path.read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []
    with journal.change() as job:  # there is room again
        job.region = "eu"
    assert (read(journal.path).quota, read(journal.path).region) == ("changed", "eu")


# --- what is on disk is what is in memory ---------------------------------------------------------


def changes(job: Job) -> list[tuple[object, str, Any]]:
    """Another value for each field of a retrieval and of its media: object, field, value."""
    retrieval = job.retrievals[2]
    media = retrieval.media[0]
    new: dict[tuple[type, str], Any] = {
        (Retrieval, "window"): Window(START, START),
        (Retrieval, "media"): [Media(CAMERAS[1]), *retrieval.media],
        (Retrieval, "media_type"): job.media_type,  # not journalled
        (Retrieval, "state"): RetrievalState.REFUSED,
        (Retrieval, "id"): "another",
        (Retrieval, "requested_at"): START + timedelta(microseconds=1),
        (Retrieval, "possible_duplicates"): 7,
        (Retrieval, "repeat"): True,
        (Retrieval, "from_other_job"): True,
        (Media, "camera"): CAMERAS[1],
        (Media, "status"): MediaStatus.FAILED,
        (Media, "provider_message"): "failed",
        (Media, "start"): START + timedelta(seconds=1),
        (Media, "end"): START + timedelta(seconds=2),
        (Media, "url"): None,  # nor are these three
        (Media, "role"): "",
        (Media, "requested"): False,
        (Media, "unread_time"): "yesterday",
        (Media, "serial"): "another",
        (Media, "clip"): a_clip(Window(START, START)),
        (Media, "lost"): model.LostClip(a_clip(Window(START, START)), model.Loss.MISSING, START),
    }
    own = {Retrieval: retrieval, Media: media}
    return [
        (own[kind], field.name, new[kind, field.name]) for kind in own for field in fields(kind)
    ]


def test_a_change_of_any_field_is_on_disk_at_once(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    for changed, name, value in changes(journal.job):
        with journal.change():
            setattr(changed, name, value)
        assert read(journal.path) == journal.job, name


def test_only_the_list_of_media_changes_in_place() -> None:
    """What is compared with the last writing are the values of the fields, not what is in them."""
    immutable = {str, int, float, bool, NoneType, datetime, model.Camera, model.Clip, Window}
    immutable |= {MediaStatus, model.MediaType, RetrievalState, model.LostClip}
    for kind in (Retrieval, Media):
        for name, hint in get_type_hints(kind).items():
            types = set(get_args(hint)) if isinstance(hint, UnionType) else {hint}
            assert types <= immutable or (kind, name) == (Retrieval, "media"), (kind, name)


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order, with a crash at any time: the file has all of it."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.journal = Journal.create(self.folder, a_job(), "now")
        self.sent: dict[int, int] = {}  # how often each request has left the house
        self.ids: dict[int, str] = {}
        self.clips: set[int] = set()

    def pick(self, number: int) -> Retrieval:
        return self.journal.job.retrievals[number]

    @rule(number=st.integers(0, 3))
    def a_request_is_sent(self, number: int) -> None:
        if self.pick(number).state is RetrievalState.PLANNED:
            with self.journal.change(self.pick(number)):
                self.pick(number).state = RetrievalState.REQUESTING
            self.sent[number] = self.sent.get(number, 0) + 1

    @rule(number=st.integers(0, 3), accepted=st.booleans())
    def it_is_answered(self, number: int, accepted: bool) -> None:
        if self.pick(number).state is RetrievalState.REQUESTING:
            with self.journal.change(self.pick(number)):
                retrieval = self.pick(number)
                retrieval.state = RetrievalState.ACCEPTED if accepted else RetrievalState.REFUSED
                retrieval.id = f"id-{number}" if accepted else ""
                if not accepted:
                    retrieval.media[0].status = MediaStatus.REFUSED
            if accepted:
                self.ids[number] = f"id-{number}"

    @rule(number=st.integers(0, 3))
    def its_clip_arrives(self, number: int) -> None:
        if self.pick(number).state is RetrievalState.ACCEPTED:
            with self.journal.change(self.pick(number)):
                media = self.pick(number).media[0]
                media.status = MediaStatus.AVAILABLE
                media.clip = a_clip(self.pick(number).window, f"{number}.mp4")
            self.clips.add(number)

    @rule()
    def the_json_is_brought_up_to_date(self) -> None:
        self.journal.fold()

    @precondition(lambda self: hasattr(self, "journal"))
    @rule()
    def the_power_is_cut(self) -> None:
        self.journal._file_lock.release()
        self.journal = Journal.open(self.journal.path)
        for retrieval in self.journal.job.retrievals:
            if retrieval.state is RetrievalState.REQUESTING:  # as a run that takes it up does
                with self.journal.change():
                    retrieval.state = RetrievalState.PLANNED
                    retrieval.possible_duplicates += 1

    @invariant()
    def the_file_is_the_job(self) -> None:
        if hasattr(self, "journal"):
            assert read(self.journal.path) == self.journal.job

    @invariant()
    def no_id_and_no_clip_is_ever_lost_and_every_sending_is_known(self) -> None:
        if not hasattr(self, "journal"):
            return
        for number, retrieval in enumerate(read(self.journal.path).retrievals):
            assert retrieval.id == self.ids.get(number, "")
            assert (retrieval.media[0].clip is not None) == (number in self.clips)
            known = retrieval.possible_duplicates + (retrieval.state is not RetrievalState.PLANNED)
            assert known == self.sent.get(number, 0)

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.journal._file_lock.release()


AnyOrder.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyOrder = AnyOrder.TestCase


# --- disks that know no locks ---------------------------------------------------------------------


class NoLocks(FileLock):
    """Every lock is refused, as some network drives do."""

    error: Exception | None = None

    def _acquire(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    "error",
    [None, OSError(errno.ENOLCK, "No locks available"), OSError(errno.EOPNOTSUPP, "x"),
     NotImplementedError("flock")],
)  # fmt: skip
def test_locks_that_never_come_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    existing = Journal.create(tmp_path, a_job(), "before")
    existing.close()
    for module in ("journal", "locks"):
        monkeypatch.setattr(f"footage.job.{module}.FileLock", NoLocks)
    monkeypatch.setattr("footage.job.journal._LOCK_TIMEOUT", 0.01)
    monkeypatch.setattr(NoLocks, "error", error)
    for begin in (
        lambda: Journal.create(tmp_path, a_job(), "now"),
        lambda: Journal.open(existing.path),
    ):
        with pytest.raises(JournalError, match="cannot be locked, as on some network drives"):
            begin()  # type: ignore[no-untyped-call]
    assert [path.name for path in tmp_path.glob("request_ids_*")] == [existing.path.name]


def test_a_journal_in_use_is_not_taken_for_a_disk_without_locks(tmp_path: Path) -> None:
    first = Journal.create(tmp_path, a_job(), "now")
    others = [Journal.create(tmp_path, a_job(), "now") for _ in range(7)]
    assert len({one.path for one in (first, *others)}) == 8
    for one in (first, *others):
        one.close()
