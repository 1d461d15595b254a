"""The text of a journal, and of what one change of its job adds to it.

The whole text has a line for each field of the job, and for each retrieval, output and step of the
custody; it ends with a checksum. A day's job has 8,640 retrievals and 43,000 steps, of which a
change touches one or two, so the text of the others is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from footage.job.serialization import (
    head_values,
    journalled_fields,
    output_values,
    retrieval_values,
    step_values,
)
from footage.model import Job, Media, Output, Retrieval, Step

_fields_of_retrieval = attrgetter(*journalled_fields(Retrieval))
_fields_of_media = attrgetter(*journalled_fields(Media))


def _fields_of(retrieval: Retrieval) -> object:
    """All journalled fields of a retrieval and of its media, by what the serializer writes.

    What a field holds never changes in place, but for the list of media; test_journal.py checks it.
    """
    return (_fields_of_retrieval(retrieval), [_fields_of_media(one) for one in retrieval.media])


@dataclass
class _Row:
    """A retrieval as the journal has it.

    fields: see `_fields_of`
    place:  among the retrievals
    text:   its JSON; "" while it was not made yet
    """

    retrieval: Retrieval
    fields: object
    place: int
    text: str = ""

    def json(self) -> str:
        self.text = self.text or json.dumps(retrieval_values(self.retrieval))
        return self.text


@dataclass(frozen=True)
class WrittenTexts:
    """The JSON of each retrieval and of each step of the custody, as a journal was found."""

    retrievals: Sequence[str]
    steps: Sequence[str]


class JournalText:
    """What the journal of a job says, so that what a change adds to it can be told at little cost.

    job: as the journal has it
    texts: of its retrievals and steps, where they are known
    """

    def __init__(self, job: Job, texts: WrittenTexts | None = None) -> None:
        self._head = head_values(job)
        self._order = list(job.retrievals)
        self._outputs: list[Output] = list(job.outputs)
        self._steps: list[Step] = list(job.custody)
        made = texts.steps if texts else (json.dumps(step_values(one)) for one in self._steps)
        self._step_texts = list(made)
        known = texts.retrievals if texts else [""] * len(self._order)
        # By the id of the retrieval. The retrieval is kept, so no other can have the id meanwhile.
        self._rows = {
            id(one): _Row(one, _fields_of(one), place, text)
            for place, (one, text) in enumerate(zip(self._order, known, strict=True))
        }

    def change(self, job: Job, touched: Sequence[Retrieval]) -> str:
        """What the journal lacks of a job, as the inside of a JSON object; see `apply`.

        touched: the retrievals that may have changed, with their media; none: any of them may
        """
        head = head_values(job)
        parts = {"job": json.dumps(_difference(head, self._head))}
        if replaced := self._replaced(job.retrievals, touched):
            parts["replaced"] = replaced
        rows = [row for one in touched or job.retrievals if (row := self._changed_row(one))]
        if rows:
            parts["retrievals"] = _object({str(row.place): row.json() for row in rows})
        if job.outputs != self._outputs:
            self._outputs = list(job.outputs)
            parts["outputs"] = _array(json.dumps(output_values(one)) for one in job.outputs)
        if steps := self._added_steps(job.custody):
            parts["custody"] = _array(steps)
        self._head = head
        return ", ".join(f'"{key}": {text}' for key, text in parts.items())

    def lines(self, job: Job) -> list[str]:
        """All lines of the journal of a job; the last but one has the checksum, see `is_sealed`.

        Raises ValueError where a step of the custody that was written is no longer there as it was.
        """
        if job.custody[: len(self._steps)] != self._steps:
            raise ValueError("a step of the custody was changed or taken out")
        self.change(job, ())  # everything is looked at, whatever was said to have been touched
        head = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in self._head.items()]
        retrievals = [self._rows[id(one)].json() for one in self._order]
        outputs = [json.dumps(output_values(one)) for one in job.outputs]
        lines = ["{", *head, *_list_lines("retrievals", retrievals)]
        lines += [*_list_lines("outputs", outputs), *_list_lines("custody", self._step_texts)]
        return [*lines, f' "seal": "{checksum(*lines)}"', "}"]

    def _changed_row(self, retrieval: Retrieval) -> _Row | None:
        """The row of a retrieval that is not as the journal has it."""
        row, fields = self._rows.get(id(retrieval)), _fields_of(retrieval)
        if row is None or row.fields == fields:  # None: it is no longer in the job
            return None
        row.fields, row.text = fields, ""
        return row

    def _replaced(self, now: Sequence[Retrieval], touched: Sequence[Retrieval]) -> str:
        """Which retrievals others stand in place of, where the list is not as it was; "" if it is.

        Comparing the lists costs next to nothing: the objects in them are the same.
        """
        unknown = any(id(one) not in self._rows for one in touched)
        if touched and not unknown and now == self._order:
            return ""
        old, shorter = self._order, min(len(now), len(self._order))
        first = next((n for n in range(shorter) if now[n] is not old[n]), shorter)
        if first == len(now) == len(old):
            return ""
        rest = range(1, shorter - first + 1)
        tail = next((n - 1 for n in rest if now[-n] is not old[-n]), shorter - first)
        rows = {id(one): self._rows.get(id(one)) or _Row(one, None, 0) for one in now}
        for place, one in enumerate(now):
            rows[id(one)].place = place
        self._rows, self._order = rows, list(now)
        by = [rows[id(one)] for one in now[first : len(now) - tail]]
        for row in by:
            self._changed_row(row.retrieval)
        values = {"from": str(first), "until": str(len(old) - tail)}
        return _object({**values, "by": _array(row.json() for row in by)})

    def _added_steps(self, steps: list[Step]) -> list[str]:
        """The texts of the steps that the journal lacks.

        Of the others only the last is looked at; whether all are as they were is seen in `lines`.
        """
        known = len(self._steps)
        if len(steps) < known or (known and steps[known - 1] is not self._steps[-1]):
            raise ValueError("a step of the custody was changed or taken out")
        added = steps[known:]
        texts = [json.dumps(step_values(one)) for one in added]
        self._steps += added
        self._step_texts += texts
        return texts


def apply(data: dict[str, Any], change: Mapping[str, Any]) -> None:
    """Bring into the values of a journal what `JournalText.change` has told of a change.

    Raises what reading a journal raises for values that are not what they should be.
    """
    data.update(change["job"])
    if "replaced" in change:
        replaced = change["replaced"]
        data["retrievals"][replaced["from"] : replaced["until"]] = replaced["by"]
    for place, values in change.get("retrievals", {}).items():
        data["retrievals"][int(place)] = values
    data["outputs"] = change.get("outputs", data["outputs"])
    data["custody"] += change.get("custody", [])


def written_texts(text: str, job: Job) -> WrittenTexts | None:
    """The texts of retrievals and steps in a whole journal; None where they do not stand there as
    this version of the program writes them.
    """
    lines = text.splitlines()
    retrievals = _texts_of_list(lines, "retrievals", len(job.retrievals))
    steps = _texts_of_list(lines, "custody", len(job.custody))
    return None if retrievals is None or steps is None else WrittenTexts(retrievals, steps)


def checksum(*texts: str) -> str:
    """SHA-256 of all texts, one after the other, hexadecimal."""
    sha256 = hashlib.sha256()
    for text in texts:
        sha256.update(text.encode())
    return sha256.hexdigest()


def seal_of(text: str) -> str:
    """The checksum of a whole journal, if it fits what stands before it; "" if not.

    Whatever ends the lines: an editor or a mail program may turn LF into CRLF.
    """
    lines = text.splitlines()
    if len(lines) < 3:
        return ""
    seal = checksum(*lines[:-2])
    return seal if seal in lines[-2] else ""


def seal_in(lines: Sequence[str]) -> str:
    """The checksum that stands in the lines of a journal."""
    return lines[-2].split('"')[3]


def _difference(now: Mapping[str, object], before: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in now.items() if value != before[key]}


def _list_lines(key: str, texts: Sequence[str]) -> list[str]:
    """A field that is a list: a line for each item."""
    lines = [f"  {text}," for text in texts]
    if lines:
        lines[-1] = lines[-1].removesuffix(",")
    return [f' "{key}": [', *lines, " ],"]


def _texts_of_list(lines: Sequence[str], key: str, count: int) -> list[str] | None:
    """What `_list_lines` made the lines of."""
    opening = f' "{key}": ['
    if opening not in lines:
        return None
    first = lines.index(opening) + 1
    items = [line.strip().removesuffix(",") for line in lines[first : first + count]]
    return items if lines[first + count : first + count + 1] == [" ],"] else None


def _object(texts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'"{key}": {text}' for key, text in texts.items()) + "}"


def _array(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"
