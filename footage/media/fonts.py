"""Which font has which letters: one that comes with a package, else one of the computer's.

The package's (Noto Sans, free licence) has Latin with all accents, Greek and Cyrillic. For other
alphabets the usual folders of the computer's fonts are gone through, once for each set of letters.
Nothing of it is loaded or looked for before a text needs it.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_PROBE = 24  # pixels; the size at which letters are compared
_MOST_FILES = 3000  # of the computer's; a TeX installation has many more
_ENDINGS = (".ttf", ".ttc", ".otf", ".otc")
# Gone through first: fonts that systems have for other alphabets, in upright letters.
_USUAL = (
    *("msyh", "simsun", "msjh", "yugoth", "meiryo", "msgothic", "malgun"),  # Windows
    *("segoeui", "tahoma", "arial", "nirmala", "leelawui", "ebrima", "gadugi", "seguisym"),
    *("pingfang", "hiragino", "stheiti", "applesdgothic", "geeza", "thonburi", "kohinoor"),  # macOS
    *("notosanscjk", "notosans", "droidsans", "wqy", "dejavusans", "freesans", "unifont"),  # Linux
)
_SLANTED_OR_BOLD = ("bold", "italic", "oblique", "black", "heavy", "thin", "mono", "serif")
# They have a picture for every letter there is: boxes, or nothing at all.
_PLACEHOLDERS = ("lastresort", "adobeblank")


@lru_cache(maxsize=1)
def packaged() -> Path:
    """The file of the font that comes with a package."""
    import fontpkg_noto_sans  # late: only what draws needs it

    (path,) = (fontpkg_noto_sans.ROOT / "files").glob("NotoSans[[]*.ttf")
    return Path(path)


@lru_cache(maxsize=64)
def load(path: Path, size: int, shaped: bool = False) -> FreeTypeFont:
    """A font file, for letters of `size` pixels.

    shaped: letters are joined and ordered as their script wants it, which takes longer
    """
    from PIL import ImageFont

    layout = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(path), size, layout_engine=layout)


@lru_cache(maxsize=1)
def can_shape() -> bool:
    """Whether Pillow can order and join the letters of scripts that need it."""
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


@lru_cache(maxsize=256)
def with_all(letters: frozenset[str]) -> Path | None:
    """The first font that has all of these letters."""
    return next((path for path in _in_order() if not letters - _had(path, letters)), None)


@lru_cache(maxsize=256)
def by_letter(letters: frozenset[str]) -> dict[str, Path]:
    """For each letter a font that has it: one for all of them where there is one.

    What no font has is left out.
    """
    own = _had(packaged(), letters)
    chosen = dict.fromkeys(own, packaged())
    missing = letters - own
    if missing and (one := with_all(missing)):
        return chosen | dict.fromkeys(missing, one)
    for path in _in_order() if missing else ():
        here = _had(path, missing)
        chosen |= dict.fromkeys(here, path)
        missing -= here
        if not missing:
            break
    return chosen


def _had(path: Path, letters: frozenset[str]) -> frozenset[str]:
    """Those of the letters for which a font has a picture of its own."""
    try:
        font = load(path, _PROBE)
        missing = _picture(font, "\uffff")  # which is no character, so what stands for any other
        return frozenset(
            c for c in letters if c == " " or _picture(font, c) not in (missing, _EMPTY)
        )
    except (OSError, ValueError):  # no font after all, or one of bitmaps only
        return frozenset()


_EMPTY = (b"", (0, 0))


def _picture(font: FreeTypeFont, letter: str) -> tuple[bytes, tuple[int, int]]:
    mask = font.getmask(letter)
    data = bytes(mask)
    return (data, mask.size) if any(data) else _EMPTY


def _in_order() -> Iterator[Path]:
    yield packaged()
    yield from _of_computer()


@lru_cache(maxsize=1)
def _of_computer() -> tuple[Path, ...]:
    """The computer's font files, the likeliest first."""
    files: dict[Path, None] = {}
    for folder in _folders():
        for parent, _, names in os.walk(folder):
            files |= dict.fromkeys(
                Path(parent, name) for name in sorted(names) if name.lower().endswith(_ENDINGS)
            )
            if len(files) >= _MOST_FILES:
                break
    return tuple(sorted(files, key=_rank))


def _rank(path: Path) -> tuple[bool, int, bool, str]:
    name = unicodedata.normalize("NFC", path.stem).casefold().replace(" ", "").replace("-", "")
    usual = next((n for n, begin in enumerate(_USUAL) if name.startswith(begin)), len(_USUAL))
    odd = any(part in name for part in _SLANTED_OR_BOLD)
    return any(name.startswith(one) for one in _PLACEHOLDERS), usual, odd, name


def _folders() -> list[Path]:
    """Where the system keeps fonts: its own, then the user's."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises where there is none
    if sys.platform == "win32":
        own = os.environ.get("LOCALAPPDATA")
        folders = [Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts")]
        return folders + ([Path(own, "Microsoft", "Windows", "Fonts")] if own else [])
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local" / "share" / "fonts",
        home / ".fonts",
    ]
