"""Names on pictures: in their own letters, never as boxes, and no two alike."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from support.bare_job import bare_job

from footage.media import drawn_text, fonts, labels, shown_names
from footage.model import Vehicle
from SamsaraAPI import CAMERAS

# Those that the font of the package has letters for.
WRITTEN = [
    "Truck 42",
    "Camión 7",
    "Señal Ñandú",
    "Łódź-Kraków",
    "Řidič č. 5",
    "Öskjuhlíð Þór",
    "Çağrı İĞÜŞ",
    "Ășț Țara",
    "Ľuboš Ťažký",
    "Ķīpsala",
    "Ėglė Ūkis",
    "Őrült Űr",
    "Ĝis ŭ",
    "Đorđe Šćepanović",
    "Xe tải số 9",
    "Nguyễn Ườn Ẫm",
    "Грузовик 7",
    "Вантажівка Київ Ґє",
    "Камион Љубиша Ћирић",
    "Жүк көлігі Қазақ",
    "Φορτηγό 7",
    "Ὀδυσσεύς",
]
# Those that only some fonts of computers have letters for, or that need shaping.
PERHAPS = ["卡车 7", "トラック 7", "트럭 7", "شاحنة 7", "משאית 7", "รถบรรทุก 7", "ট্রাক 7", "Truck 🚚"]
# Different names, each of which looks like the first of its line.
ALIKE = [
    ["Truck A", "Truck А", "Truck Α"],
    ["ABC", "АВС", "AВC"],
    ["Грузовик", "Гpузовик"],
    ["Г 7", "Γ 7"],
    ["Truck 42", "Truck  42", "Truck 42 ", "Truck\u00a042", "Tru\u200bck 42", "Truck\u202e 42"],
    ["Truck-42", "Truck\u201142", "Truck\u201042"],
    ["Đ 1", "Ð 1"],
    ["fix", "\ufb01x"],
]


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A computer without any font of its own."""
    monkeypatch.setattr(fonts, "_of_computer", lambda: ())
    forget()
    yield
    forget()


def forget() -> None:
    for cached in (
        fonts.with_all,
        fonts.by_letter,
        drawn_text.drawable,
        drawn_text._runs_of,
        drawn_text.width,
        shown_names._told_apart,
    ):
        cached.cache_clear()


def written(name: str, vehicle_id: str = "281") -> str:
    return shown_names.vehicle_name(Vehicle(vehicle_id, name))


def drawn(name: str, size: int = 18) -> tuple[tuple[int, int], bytes]:
    picture = labels.label(name, size)
    return picture.size, picture.tobytes()


@pytest.mark.usefixtures("no_fonts")
@pytest.mark.parametrize("name", WRITTEN)
def test_latin_greek_and_cyrillic_are_written_anywhere(name: str) -> None:
    assert written(name) == name
    plain = "".join(c for c in name if c.isascii())
    assert name.isascii() or drawn(name) != drawn(plain)


@pytest.mark.usefixtures("no_fonts")
@pytest.mark.parametrize("name", PERHAPS)
def test_what_cannot_be_drawn_is_written_by_its_id(name: str) -> None:
    assert written(name) == "id 281"


def test_different_names_never_look_the_same() -> None:
    names = [*WRITTEN, *PERHAPS, *(name for group in ALIKE for name in group)]
    names = list(dict.fromkeys(names))
    shown = [drawn(written(name, str(number))) for number, name in enumerate(names)]
    for (one, first), (other, second) in combinations(zip(names, shown, strict=True), 2):
        assert first != second, (one, other)


@pytest.mark.parametrize("group", ALIKE)
def test_a_name_that_looks_like_another_has_its_id_beside_it(group: list[str]) -> None:
    assert written(group[0]) == group[0]
    for name in group[1:]:
        assert written(name).endswith(" (id 281)")


def test_the_same_letters_composed_otherwise_are_the_same_name() -> None:
    assert written("Camio\u0301n") == written("Cami\u00f3n") == "Cami\u00f3n"


@pytest.mark.usefixtures("no_fonts")
def test_a_camera_whose_role_cannot_be_drawn_has_its_label() -> None:
    job = bare_job(roles={CAMERAS[0].input: "左ミラー"})
    assert shown_names.camera_name(job, CAMERAS[0]) == CAMERAS[0].label
    job.roles[CAMERAS[0].input] = "Rétroviseur"
    assert shown_names.camera_name(job, CAMERAS[0]) == "Rétroviseur"


@pytest.mark.usefixtures("no_fonts")
def test_the_part_of_a_place_that_cannot_be_drawn_is_left_out() -> None:
    assert shown_names.place_text("47 mph NE, 北京路, Montréal") == "47 mph NE, Montréal"


@pytest.mark.usefixtures("no_fonts")
def test_no_text_at_all_is_drawn_as_a_box() -> None:
    assert drawn("卡车") == drawn("??")


def test_a_font_of_the_computer_is_taken_for_other_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Odd.ttf").write_bytes(b"no font at all")
    (tmp_path / "Usual.ttf").write_bytes(fonts.packaged().read_bytes())
    (tmp_path / "notes.txt").write_text("no font either")
    monkeypatch.setattr(fonts, "_folders", lambda: [tmp_path, tmp_path / "missing"])
    fonts._of_computer.cache_clear()
    try:
        assert [path.name for path in fonts._of_computer()] == ["Odd.ttf", "Usual.ttf"]
        assert fonts._had(tmp_path / "Odd.ttf", frozenset("A")) == frozenset()
        assert fonts._had(tmp_path / "Usual.ttf", frozenset("Aж卡 ")) == frozenset("Aж ")
    finally:
        fonts._of_computer.cache_clear()


def test_letters_of_two_fonts_stand_on_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same font twice: what is written in two runs looks as if written in one."""
    whole = np.asarray(labels.label("Грузовик Ab", 24).convert("L")).astype(int)
    twin = tmp_path / "twin.ttf"
    twin.write_bytes(fonts.packaged().read_bytes())
    chosen = {c: twin if c.isascii() else fonts.packaged() for c in "Грузовик Ab"}
    monkeypatch.setattr(fonts, "by_letter", lambda letters: {c: chosen[c] for c in letters})
    monkeypatch.setattr(drawn_text, "_runs_of", drawn_text._runs_of.__wrapped__)
    drawn_text.width.cache_clear()
    split = np.asarray(labels.label("Грузовик Ab", 24).convert("L")).astype(int)
    drawn_text.width.cache_clear()
    assert split.shape == whole.shape
    assert np.abs(split - whole).mean() < 3
