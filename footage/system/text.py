"""Text and numbers as people read them, and text from elsewhere made safe to show and to keep.

One rule says which characters show nothing (`unseen`); what becomes of them depends on the place:

    quotable     a "?" for each: what somebody typed or named, quoted in a message
    pasted       left out, and every kind of blank is a plain one: an answer, before it is read
    single_line  left out, on one line, cut: what a provider says
    visible      left out: the last step before a screen or the log
    filenames    a "_" for each (`filenames.safe_name`)

What a picture's font can draw is another rule, and stands with the labels.
"""

from __future__ import annotations

import os
import re
import textwrap
import unicodedata

from footage.basics import MediaType


def unseen(character: str) -> bool:
    """A character that shows nothing of its own, or changes how others are shown.

    Controls, tricks with the direction of text, halves of characters, line separators, and what is
    not assigned or private. Blanks of any script are seen.
    """
    return not character.isprintable() and unicodedata.category(character) != "Zs"


def quotable(text: str) -> str:
    """Text for a message in which nothing is left out: each unseen character is a "?"."""
    return text if text.isprintable() else "".join("?" if unseen(c) else c for c in text)


def visible(text: str, keep: str = "") -> str:
    """The text without unseen characters, so that it cannot command a terminal.

    keep: those that stay all the same, such as line breaks
    """
    if text.translate(dict.fromkeys(map(ord, keep))).isprintable():  # nearly always, and quick
        return text
    return "".join(c for c in text if c in keep or not unseen(c))


def pasted(text: str) -> str:
    """An answer as it was meant: without what showed nothing where it was copied from.

    Direction marks, zero-width blanks and the like (category Cf) are left out; each run of blanks
    of any kind (no-break, narrow, ideographic, tab) becomes one plain blank, and characters of full
    width (as East Asian keyboards write them) become the usual ones.
    """
    kept = (c for c in text if unicodedata.category(c) != "Cf")
    usual = (
        unicodedata.normalize("NFKC", c) if unicodedata.east_asian_width(c) == "F" else c
        for c in kept
    )
    return " ".join("".join(usual).split())


_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|\x1b[ -/]*[0-~]?"
)


def single_line(text: str, limit: int | None = 300) -> str:
    """The text as one line that cannot command a terminal: no control characters, no escapes.

    limit: characters to keep; None for all
    """
    text = _ESCAPES.sub("", text)
    text = visible(" ".join(text.split()))
    text = " ".join(text.split())
    if limit is not None and len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text


def terminal_columns() -> int:
    """How many characters a line of the terminal has: what the variable COLUMNS says, else the
    system, else 80.

    `shutil.get_terminal_size` tells the same, but takes 3 ms to load with its formats of archives.
    """
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    try:
        return os.get_terminal_size().columns or 80
    except (OSError, ValueError):  # the standard output is no terminal
        return 80


def for_terminal(text: str) -> str:
    """The text in lines that end between words where the terminal's do; a path stays whole."""
    width = max(20, terminal_columns() - 1)
    lines = [
        textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
        for line in text.split("\n")
    ]
    return "\n".join(part for parts in lines for part in parts)


# A cell that begins with one of these is taken for a formula by Excel and its kin.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet_cell(text: str) -> str:
    """A text for a table that a spreadsheet may open: with an apostrophe before what it would take
    for a formula.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def from_spreadsheet(cell: str) -> str:
    """The text of a cell: undoes `spreadsheet_cell`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def closest(wanted: str, names: dict[str, str], most: int = 5) -> list[str]:
    """Up to `most` of the names: those that contain what was typed, then those spelled alike."""
    import difflib

    inside = sorted((n for n in names if wanted and wanted in n), key=lambda n: (len(n), n))
    alike = difflib.get_close_matches(wanted, list(names), n=most, cutoff=0.5)
    alike.sort(key=lambda n: (-likeness(n, wanted), n))
    return [names[n] for n in dict.fromkeys(inside + alike)][:most]


def likeness(one: str, other: str) -> float:
    """How much alike two texts are spelled: 1 for the same, 0 for nothing in common."""
    import difflib

    return difflib.SequenceMatcher(None, one, other).ratio()


def length_text(seconds: float) -> str:
    """A length of time: "5:00", "1:00:05"."""
    minutes, rest = divmod(max(0, int(seconds + 0.5)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def duration_text(seconds: int) -> str:
    """A length that was asked for: "5 min", or "90 s" where it is no whole number of minutes."""
    minutes, rest = divmod(seconds, 60)
    return f"{seconds} s" if rest else f"{minutes} min"


def words_of(name: str) -> str:
    """A name as programs write it, in words: "HarshTurn" and "harsh_turn" are "Harsh turn"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|_+", " ", name).strip()
    return apart[:1].upper() + apart[1:].lower()


def count_text(number: int, word: str) -> str:
    """With its word: "1 request", "15 requests"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def media_text(media_type: MediaType, every: float = 0.0) -> str:
    """The kind of footage: "high-res", "a picture each 60 s"."""
    if media_type is MediaType.IMAGE:
        return f"a picture each {every:g} s" if every else "pictures"
    words = {MediaType.HIGH: "high-res", MediaType.LOW: "low-res"}
    return words.get(media_type) or str(media_type.value)


def size_text(size: int) -> str:
    """A file's size in decimal units, as Windows and macOS users know them: "84 MB"."""
    amount, unit = float(size), "bytes"
    for bigger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, bigger
    return f"{amount:.1f} {unit}" if amount < 9.95 and unit != "bytes" else f"{amount:.0f} {unit}"
