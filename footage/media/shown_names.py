"""Names as they stand on pictures: two different ones never look the same.

A name that no font can draw is written by its id. One that looks like another name, because of
blanks or marks that cannot be seen or of letters that two alphabets share, has its id beside it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo
from functools import lru_cache

from footage.media import drawn_text
from footage.model import Camera, Job, SafetyEvent, Vehicle
from footage.system import timezones
from footage.system.text import words_of

# Letters of different alphabets that look the same: Latin, Cyrillic, Greek; "." is none.
_SAME = (
    *("AАΑ", "BВΒ", "CСϹ", "EЕΕ", "HНΗ", "IІΙ", "JЈͿ", "KКΚ", "MМΜ", "N.Ν", "OОΟ", "PРΡ", "QԚ."),
    *("SЅ.", "TТΤ", "VѴ.", "WԜ.", "XХΧ", "YҮΥ", "Z.Ζ", "aа.", "cсϲ", "dԁ.", "eе.", "hһ.", "iі."),
    *("jјϳ", "oоο", "pрρ", "qԛ.", "sѕ.", "wԝ.", "xх.", "yу.", "v.ν", "u.υ", "ÆӔ.", "æӕ.", "ÏЇΪ"),
    *("ÈЀ.", "èѐ.", "ĂӐᾸ", "ăӑ.", "ÄӒ.", "äӓ.", "ĔӖ.", "ĕӗ.", "ÖӦ.", "öӧ.", "ÿӱ.", "í.ί"),
    *("ïїϊ", "ËЁ.", "ëё.", "Ÿ.Ϋ", "ƏӘ.", "əә.", "ó.ό", "ĸкκ", ".ГΓ", ".ПΠ", ".ФΦ", ".ѲΘ", "ƐԐ."),
)
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK")
# Other signs that look like the first one.
_LIKE = {"ǃ": "!", "‐": "-", "‑": "-", "−": "-", "‒": "-", "⁃": "-", "ʼ": "’", "ʹ": "'", "ʻ": "‘"}
_LIKE |= {"Ð": "Đ", "Ɖ": "Đ", "Ӏ": "I", "ӏ": "l", "ǀ": "|", "―": "—", "ˋ": "`", "‚": ",", "ɡ": "g"}
_GROUP = {letter: group for group in _SAME for letter in group if letter != "."}


def vehicle_name(vehicle: Vehicle) -> str:
    """What is written for a vehicle."""
    return _told_apart(vehicle.name, vehicle.id)


def camera_name(job: Job, camera: Camera) -> str:
    """What is written for a camera: its role if it is known and can be drawn, else our label."""
    name = drawn_text.one_line(job.shown_name(camera))
    return name if drawn_text.drawable(name) else camera.label


def place_text(text: str) -> str:
    """What the vehicle measured, without the parts of a place's name that cannot be drawn."""
    if text.isascii():
        return text
    return ", ".join(part for part in text.split(", ") if drawn_text.drawable(part))


@lru_cache(maxsize=64)
def _told_apart(name: str, vehicle_id: str) -> str:
    seen = " ".join(drawn_text.one_line(name).split())
    if not seen or not drawn_text.drawable(seen):
        return f"id {vehicle_id}"
    if seen != unicodedata.normalize("NFC", name) or _looks_like_another(seen):
        return f"{seen} (id {vehicle_id})"
    return seen


def _looks_like_another(name: str) -> bool:
    if name.isascii():
        return False
    return any(
        letter in _LIKE or (letter != "№" and unicodedata.decomposition(letter).startswith("<com"))
        for letter in name
    ) or any(word != _usual_spelling(word) for word in re.findall(r"[^\W\d_]+", name))


def _usual_spelling(word: str) -> str:
    """The word of the same looks in the first alphabet that can write all of it.

    Where none can it is a mixture, of which each letter is of the first alphabet that has it.
    """
    for alphabet in range(len(_ALPHABETS)):
        spelled = [_in_alphabet(letter, alphabet) for letter in word]
        if all(spelled):
            return "".join(spelled)
    return "".join(_GROUP.get(letter, letter).replace(".", "")[0] for letter in word)


def _in_alphabet(letter: str, alphabet: int) -> str:
    """The letter that looks like this one in an alphabet; "" where it has none."""
    if letter in _GROUP:
        return _GROUP[letter][alphabet].replace(".", "")
    own = unicodedata.name(letter, "").startswith(_ALPHABETS[alphabet])
    return letter if own else ""


def event_titles(job: Job, tz: tzinfo) -> list[tuple[datetime, str]]:
    """When each safety event of a job began, and the title of the chapter that begins there."""
    return [
        (one.start, f"{timezones.clock_text(one.start, tz)} {event_name(one)}")
        for one in job.events
    ]


def event_name(event: SafetyEvent) -> str:
    """What a safety event is, in words."""
    return ", ".join(map(words_of, event.labels)) or "Safety event"
