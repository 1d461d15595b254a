"""What people call time zones: abbreviations, everyday names, and the names that Windows gives.

None of them is a zone. The IANA database has `EST`, `MST` and `HST` as well, but without daylight
saving, while who types `EST` means the clock of New York, in summer too. So each is answered with
the zones that are meant most likely, and never taken for one.
"""

from __future__ import annotations

import re

# Zones of the IANA database that are a fixed offset under the abbreviation of a zone that is not.
FIXED = ("EST", "MST", "HST")

_EASTERN, _CENTRAL = ("America/New_York",), ("America/Chicago",)
_MOUNTAIN = ("America/Denver", "America/Phoenix")  # Arizona has no daylight saving
_PACIFIC, _ALASKA = ("America/Los_Angeles",), ("America/Anchorage",)
_HAWAII, _ATLANTIC = ("Pacific/Honolulu",), ("America/Halifax",)
_NEWFOUNDLAND = ("America/St_Johns",)

_WORDS = {
    **dict.fromkeys(("et", "est", "edt", "eastern"), _EASTERN),
    **dict.fromkeys(("ct", "cst", "cdt", "central"), _CENTRAL),
    **dict.fromkeys(("mt", "mst", "mountain"), _MOUNTAIN),
    "mdt": ("America/Denver",),
    "arizona": ("America/Phoenix",),
    **dict.fromkeys(("pt", "pst", "pdt", "pacific"), _PACIFIC),
    **dict.fromkeys(("akst", "akdt", "alaska", "alaskan"), _ALASKA),
    **dict.fromkeys(("hst", "hawaii", "hawaiian"), _HAWAII),
    "hdt": ("America/Adak",),
    **dict.fromkeys(("at", "ast", "adt", "atlantic"), _ATLANTIC),
    **dict.fromkeys(("nt", "nst", "ndt", "newfoundland"), _NEWFOUNDLAND),
    **dict.fromkeys(("bst", "british"), ("Europe/London",)),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "cest": ("Europe/Berlin",),
    "eest": ("Europe/Athens",),
    "west": ("Europe/Lisbon",),
    "msk": ("Europe/Moscow",),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "pht": ("Asia/Manila",),
    "sast": ("Africa/Johannesburg",),
    **dict.fromkeys(("aest", "aedt"), ("Australia/Sydney", "Australia/Brisbane")),
    **dict.fromkeys(("acst", "acdt"), ("Australia/Adelaide", "Australia/Darwin")),
    "awst": ("Australia/Perth",),
    **dict.fromkeys(("nzst", "nzdt"), ("Pacific/Auckland",)),
}
_ENDING = re.compile(r" (?:(?:standard|daylight|summer|saving|savings) )?(?:time|zone|time zone)$")


def meant_zones(text: str) -> tuple[str, ...]:
    """The IANA names of the zones that may be meant, the likeliest first; () for none.

    Understood are "CST", "Central", "Central time", "Central Standard Time" and each name that
    Windows gives to a zone ("W. Europe Standard Time").
    """
    word = " ".join(text.replace("_", " ").split()).casefold()
    if word in _WORDS:
        return _WORDS[word]
    windows = _windows_zones()
    named = windows.get(word) or windows.get(word.replace(" daylight ", " standard "))
    if named:
        return (named,)
    return _WORDS.get(_ENDING.sub("", word), ())


def _windows_zones() -> dict[str, str]:
    """Windows' names, in small letters, with the IANA names of these zones."""
    from tzlocal.windows_tz import win_tz  # late: seldom needed

    return {name.casefold(): zone for name, zone in win_tz.items()}
