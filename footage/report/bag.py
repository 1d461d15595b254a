"""The files of a BagIt folder (RFC 8493) that describe the others, as text, and back.

Its manifests have two blanks between hash and name, so that `sha256sum -c` reads them too. For the
same reason no name in a package of ours has a `%`, CR or LF, which BagIt writes otherwise than
`sha256sum` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from footage.report import hash_list
from footage.system.text import single_line

DECLARATION_NAME = "bagit.txt"
INFO_NAME = "bag-info.txt"
MANIFEST_NAME = "manifest-sha256.txt"
TAG_MANIFEST_NAME = "tagmanifest-sha256.txt"
PAYLOAD = "data"

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_LINE = re.compile(r"([0-9A-Fa-f]{64})[ \t]+\*?(?:\./)?(.+)")
_ENCODED = re.compile("%(0[dD]|0[aA]|25)")


def manifest_text(hashes: Mapping[str, str]) -> str:
    """A manifest, by name."""
    return "".join(f"{line}\n" for line in hash_list.lines(dict(sorted(hashes.items()))))


def read_manifest(text: str) -> dict[str, str]:
    """The hashes of a manifest by name, of any program's. Raises ValueError."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line.removesuffix("\r"))
        if match is None:
            raise ValueError(f"line {number} is no hash and name")
        name = _ENCODED.sub(lambda one: chr(int(one[1], 16)), match[2])
        found[name] = match[1].lower()
    return found


def info_text(values: Iterable[tuple[str, str]]) -> str:
    """The lines of bag-info.txt; each value on one line, however long, and none that is empty."""
    lines = ((label, single_line(value, None)) for label, value in values)
    return "".join(f"{label}: {value}\n" for label, value in lines if value)


def read_info(text: str) -> dict[str, str]:
    """The values of a bag-info.txt by their labels; lines that begin with a blank go on."""
    values: dict[str, str] = {}
    label = ""
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and label:
            values[label] += f" {line.strip()}"
        elif ":" in line:
            label, _, value = line.partition(":")
            values[label] = value.strip()
    return values


def oxum(sizes: Sequence[int]) -> str:
    """`Payload-Oxum`: the bytes of all files in data, and how many files there are."""
    return f"{sum(sizes)}.{len(sizes)}"
