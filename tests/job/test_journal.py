"""The journal: whole at any instant, read back as written, and never half-believed."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.runs import PROJECT

from footage.errors import JournalError
from footage.job import journal as journals
from footage.job.journal import Journal, read, unfinished
from footage.job.serialization import from_json, to_json
from footage.model import (
    UTC,
    AudioTrack,
    Camera,
    Clip,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Output,
    Retrieval,
    RetrievalState,
    Tracks,
    Vehicle,
    VideoTrack,
    Window,
)

START = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)
CAMERAS = (Camera("dashcamRoadFacing", "Road"), Camera("analog1", "Analog"))
VIDEO = VideoTrack("h264", 160, 120, "1/1", Fraction(30000, 1001), Fraction(1, 30000), 1798, 59.99)
AUDIO = AudioTrack("aac", 48000, "mono", -0.0213, 2813, 1024)


def clip(
    window: Window,
    name: str = "Road.mp4",
    audio: AudioTrack | None = AUDIO,
    factor: float = 1.0,
) -> Clip:
    tracks = Tracks(VIDEO, audio)
    return Clip(PurePosixPath(name), window, window.start, tracks, 12345, "ab" * 32, factor)


def a_job(minutes: int = 2, **changes: Any) -> Job:
    windows = [
        Window(START + timedelta(minutes=n), START + timedelta(minutes=n + 1))
        for n in range(minutes)
    ]
    job = Job(
        provider="Samsara",
        vehicle=Vehicle("281", "O'Brien 7", "VIN", "PLATE", "O'Brien 7"),
        start=START,
        minutes=minutes,
        timezone="America/Chicago",
        cameras=CAMERAS,
        cameras_named=True,
        created=START + timedelta(days=1),
        folder="/somewhere/Vidéos",
        region="eu",
        retrievals=[Retrieval(window, [Media(camera)]) for window in windows for camera in CAMERAS],
    )
    return replace(job, **changes)


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
words = st.text(max_size=20)
names = st.text(string.ascii_letters + "äÖ' -_.", min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)


seconds = st.floats(0, 86400, allow_nan=False)


@st.composite
def retrievals(draw: st.DrawFn) -> Retrieval:
    start = draw(moments)
    window = Window(start, start + timedelta(seconds=draw(st.integers(0, 2400))))
    media = Media(
        camera=draw(st.sampled_from(CAMERAS)),
        status=draw(st.sampled_from(MediaStatus)),
        provider_message=draw(words),
        start=draw(st.none() | moments),
        end=draw(st.none() | moments),
    )
    if draw(st.booleans()):
        sound, factor = draw(st.sampled_from([None, AUDIO])), draw(st.floats(1, 60))
        media.clip = clip(window, draw(names), sound, factor)
    state = draw(st.sampled_from(RetrievalState))
    return Retrieval(
        window=window,
        media=[media],
        state=state,
        id="id" if state is RetrievalState.ACCEPTED else "",
        requested_at=draw(st.none() | moments),
        possible_duplicates=draw(st.integers(0, 3)),
        repeat=draw(st.booleans()),
        from_other_job=draw(st.booleans()),
    )


heads = st.fixed_dictionaries(
    {
        "quota": words,
        "finished": st.booleans(),
        "media_type": st.sampled_from(MediaType),
        "every": seconds,
        "units": st.sampled_from(["mph", "kmh"]),
        "telemetry": st.booleans(),
        "roles": st.dictionaries(st.sampled_from([c.input for c in CAMERAS]), words),
        "longest": seconds,
        "no_footage": st.lists(
            st.builds(lambda a, b: Window(min(a, b), max(a, b)), moments, moments), max_size=3
        ),
        "vehicle": st.builds(Vehicle, st.just("1"), words, file_name=names, kind=words),
    }
)


@given(st.lists(retrievals(), max_size=4), heads)
def test_what_is_read_is_what_was_written(some: list[Retrieval], head: dict[str, Any]) -> None:
    output = Output("merge", "Road", PurePosixPath("Road_Merged.mp4"), 60.0, 1, "ab", "cd", "note")
    for one in some:
        one.media_type = head["media_type"]
    job = a_job(retrievals=some, outputs=[output], **head)
    assert from_json(json.loads(json.dumps(to_json(job)))) == job
    written = json.loads("".join(journals._lines(job, journals._Written())))
    assert len(written.pop("seal")) == 64
    assert written == to_json(job)


# --- version 1, which knew one provider and one kind of footage -----------------------------------

NEW_IN_JOB = ("media_type", "every", "units", "telemetry", "roles", "longest", "no_footage")


def as_version_1(job: Job) -> dict[str, Any]:
    """The job as the first version wrote it."""
    data = to_json(job)
    data["version"] = 1
    del data["vehicle"]["kind"]
    for key in NEW_IN_JOB:
        del data[key]
    for retrieval in data["retrievals"]:
        del retrieval["adopted"]
        for media in retrieval["media"]:
            if media["clip"]:
                del media["clip"]["factor"]
    return data


def sealed(data: dict[str, Any]) -> str:
    """The text of a journal with its seal, whatever is in it."""
    lines = ["{", *(f" {json.dumps(key)}: {json.dumps(value)}," for key, value in data.items())]
    seal = sha256("".join(lines).encode()).hexdigest()
    return "\n".join([*lines, f' "seal": "{seal}"', "}"]) + "\n"


def test_a_journal_of_version_1_is_read_and_gone_on_with(tmp_path: Path) -> None:
    job = a_job()
    first, second = job.retrievals[:2]
    first.state, first.id = RetrievalState.ACCEPTED, "paid-for"
    first.media[0].status = MediaStatus.AVAILABLE
    first.media[0].clip = clip(first.window)
    second.state = RetrievalState.REQUESTING
    path = tmp_path / "request_ids_2025-04-16_13-30-00.json"
    path.write_text(sealed(as_version_1(job)), encoding="utf-8")
    assert read(path) == job
    journal = Journal.open(path)
    with journal.change() as taken_up:
        taken_up.quota = "gone on with"
    journal.close()
    assert json.loads(path.read_text("utf-8"))["version"] == journals.VERSION == 2
    assert read(path) == replace(job, quota="gone on with")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vehicle", None),
        ("vehicle", []),
        ("retrievals", ["x"]),
        ("retrievals", [{"media": None}]),
        ("retrievals", [{"media": [7]}]),
        ("retrievals", [{"media": [{"clip": 5}]}]),
    ],
)
def test_a_damaged_journal_of_version_1_is_named_and_keeps_no_other_job_from_its_turn(
    tmp_path: Path, key: str, value: Any
) -> None:
    path = tmp_path / "request_ids_x.json"
    path.write_text(sealed({**as_version_1(a_job()), key: value}), encoding="utf-8")
    with pytest.raises(JournalError, match="damaged"):
        read(path)
    Journal.create(tmp_path, a_job(), "y").close()
    assert len(unfinished(tmp_path)) == 1


def test_a_signed_url_is_never_written(tmp_path: Path) -> None:
    job = a_job()
    job.retrievals[0].media[0].url = "https://host/clip.mp4?signature=secret"
    with Journal.create(tmp_path, job, "now").change():
        pass
    assert "secret" not in "".join(p.read_text("utf-8") for p in tmp_path.glob("*.json"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "damaged"),
        ('{"version": 1', "damaged"),
        ("[]", "damaged"),
        ('{"version": "1"}', "damaged"),
        ('{"version": 1}', "changed by hand"),
        ('{"version": 99}', "newer version"),
    ],
)
def test_a_journal_that_cannot_be_relied_on_is_named_and_left_alone(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "request_ids_x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(JournalError, match=said) as refused:
        Journal.open(path)
    assert path.name in str(refused.value)
    assert refused.value.exit_status == 2
    assert path.read_text("utf-8") == text
    assert list(unfinished(tmp_path)) == []


def damaged_values() -> list[tuple[str, Any]]:
    return [
        ("minutes", "2"),
        ("minutes", -1),
        ("start", "yesterday"),
        ("start", "2025-04-16T18:30:00"),
        ("retrievals", {}),
        ("vehicle", None),
        ("folder", None),
        ("finished", "no"),
        ("cameras", [{"input": 3, "label": "x"}]),
        ("media_type", "film"),
        ("every", "60"),
        ("telemetry", 1),
        ("roles", {"analog1": 3}),
        ("roles", []),
        ("longest", None),
        ("no_footage", [{"start": "2025-04-16T18:30:00Z"}]),
        ("no_footage", ["x"]),
    ]


@pytest.mark.parametrize(("key", "value"), damaged_values())
def test_a_value_of_the_wrong_kind_is_noticed(tmp_path: Path, key: str, value: Any) -> None:
    data = to_json(a_job())
    data[key] = value
    path = tmp_path / "request_ids_x.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(JournalError):
        read(path)


def test_a_number_changed_by_hand_is_noticed(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    text = journal.path.read_text("utf-8")
    journal.path.write_text(text.replace('"minutes": 2', '"minutes": 3'), encoding="utf-8")
    with pytest.raises(JournalError, match="changed by hand"):
        read(journal.path)


@pytest.mark.parametrize("name", ["../../x.mp4", "/etc/passwd", "a\\b.mp4", "C:x.mp4", "", ".."])
def test_a_file_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    job = a_job()
    job.retrievals[0].media[0].clip = clip(job.retrievals[0].window)
    data = to_json(job)
    data["retrievals"][0]["media"][0]["clip"]["file"] = name
    path = tmp_path / "request_ids_x.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(JournalError, match="leads out of its folder"):
        read(path)


def test_two_jobs_of_the_same_second_have_journals_of_their_own(tmp_path: Path) -> None:
    made = [Journal.create(tmp_path, a_job(), "2025-04-16_13-30-00") for _ in range(3)]
    assert len({journal.path for journal in made}) == 3


def test_a_second_run_on_the_same_job_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "_LOCK_PATIENCE", 0.1)
    journal = Journal.create(tmp_path, a_job(), "now")
    other = [sys.executable, "-c", "import sys; from pathlib import Path;"]
    other[-1] += "from footage.job import journal; journal._LOCK_PATIENCE = 0.1;"
    other[-1] += "journal.Journal.open(Path(sys.argv[1]))"
    command = [*other, str(journal.path)]
    tried = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "Another run is working on this job" in tried.stderr
    journal.close()
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == 0
    Journal.open(journal.path).close()  # the other process is gone, and its lock with it


def test_unfinished_jobs_are_told_the_newest_first(tmp_path: Path) -> None:
    for day, finished in ((1, False), (3, True), (2, False)):
        job = a_job(created=START + timedelta(days=day), finished=finished)
        Journal.create(tmp_path, job, f"{day}").close()
    (tmp_path / "request_ids_damaged.json").write_text("{", encoding="utf-8")
    assert [job.created.day for _, job in unfinished(tmp_path)] == [18, 17]


def test_a_file_that_cannot_be_replaced_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    before = journal.path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(journals.whole_files.DiskError, match="full"), journal.change() as job:
        job.quota = "changed"
    assert journal.path.read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order, with a crash at any time: the file tells it all."""

    @initialize()
    def begin(self) -> None:
        import tempfile

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
            with self.journal.change():
                self.pick(number).state = RetrievalState.REQUESTING
            self.sent[number] = self.sent.get(number, 0) + 1

    @rule(number=st.integers(0, 3), accepted=st.booleans())
    def it_is_answered(self, number: int, accepted: bool) -> None:
        if self.pick(number).state is RetrievalState.REQUESTING:
            with self.journal.change():
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
            with self.journal.change():
                media = self.pick(number).media[0]
                media.status = MediaStatus.AVAILABLE
                media.clip = clip(self.pick(number).window, f"{number}.mp4")
            self.clips.add(number)

    @precondition(lambda self: hasattr(self, "journal"))
    @rule()
    def the_power_is_cut(self) -> None:
        self.journal._lock.release()
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
            self.journal._lock.release()


AnyOrder.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyOrder = AnyOrder.TestCase
