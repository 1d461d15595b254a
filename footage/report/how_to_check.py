"""How anybody checks a list of hashes, with what their system comes with.

The commands are typed in the folder of the list. They take a list as `sha256sum` writes it: the
hash, two blanks, the name.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

# PowerShell ends a text in single quotes at any of these, and takes two of them for one.
_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")

# For the PowerShell that comes with Windows (5.1): told so, it reads UTF-8; and with -LiteralPath a
# name with brackets in it is a name, and no pattern.
_READ = "$list = Get-Content -Encoding UTF8 -LiteralPath {name}"
_COMPARE = (
    "$list | ForEach-Object { $hash, $file = $_ -split '  ', 2; "
    'if (-not (Test-Path -LiteralPath $file)) { "MISSING  $file" } '
    'elseif ((Get-FileHash -Algorithm SHA256 -LiteralPath $file).Hash -eq $hash) { "OK  $file" } '
    'else { "CHANGED  $file" } }'
)


NAME = "VERIFY.txt"  # what a package calls the file with these commands


@dataclass(frozen=True)
class Way:
    """How a list is checked on one system.

    system:   what it is called
    terminal: how a command line is opened in the folder of the list, as one sentence
    lines:    what is typed there
    answers:  what then stands there for a file that is as listed, and for one that is not
    """

    system: str
    terminal: str
    lines: tuple[str, ...]
    answers: tuple[str, str]


def ways(name: str) -> tuple[Way, ...]:
    """How the list of this name is checked on Windows, macOS and Linux."""
    return (
        Way(
            "Windows",
            "Open the folder in Explorer, type powershell into its address bar, press Enter.",
            (_READ.format(name=_powershell(name)), _COMPARE),
            ("OK", "CHANGED or MISSING"),
        ),
        Way(
            "macOS",
            "Open Terminal, type cd and a blank, drag the folder into the window, press Enter.",
            (f"shasum -a 256 -c {shlex.quote(name)}",),
            ("OK", "FAILED"),
        ),
        Way(
            "Linux",
            "Open a terminal in the folder.",
            (f"sha256sum -c {shlex.quote(name)}",),
            ("OK", "FAILED"),
        ),
    )


def package_text() -> str:
    """How a package is checked, in ten lines; each that begins with blanks is typed as it is."""
    windows, macos, linux = ways("manifest-sha256.txt")
    lines = [
        "This folder can be checked with what your system comes with: a file that is not as it was "
        "packaged gives another hash.",
        f"WINDOWS: {windows.terminal} Type these two lines:",
        *(f"    {line}" for line in windows.lines),
        f"MACOS: {macos.terminal} Type this line:",
        *(f"    {line}" for line in macos.lines),
        f"LINUX: {linux.terminal} Type this line:",
        *(f"    {line}" for line in linux.lines),
        f"Each file has to be {windows.answers[0]}; {windows.answers[1]}, or {linux.answers[1]}, "
        "names one that is not. The same with tagmanifest-sha256.txt checks the lists themselves.",
        "Files that no list names: any validator of BagIt (RFC 8493) finds them, such as "
        "`bagit.py --validate`; data/report.html does, too.",
    ]
    return "".join(f"{line}\n" for line in lines)


def _powershell(text: str) -> str:
    """The text in single quotes, between which PowerShell reads all but these as it stands."""
    return "'" + _QUOTES.sub(r"\1\1", text) + "'"
