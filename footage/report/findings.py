"""What a verification has found, as plain data, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from footage.errors import ExitStatus
from footage.system.text import count_text, size_text


class Fault(str, Enum):
    """What is wrong with a file."""

    CHANGED = "changed"
    MISSING = "missing"
    SURPLUS = "surplus"
    UNREADABLE = "cannot be read"
    RECORDS_DIFFER = "recorded differently"  # list, journal or manifests do not say the same of it
    NOT_ITS_CLIPS = "not its clips' own"  # a merge has other packets than its clips


@dataclass(frozen=True)
class Finding:
    """One fault: which, of which file, and what more there is to say."""

    fault: Fault
    file: str
    text: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.fault.value.upper()}: {self.file}" + (f" ({self.text})" if self.text else "")


@dataclass(frozen=True)
class Verified:
    """What came of verifying a job, a list or a package.

    what:     its name, for people
    folder:   where its files are
    files:    how many were hashed, and their bytes
    findings: what is wrong
    notes:    what else was found, in sentences
    """

    what: str
    folder: Path
    files: int
    size: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_status(self) -> ExitStatus:
        return ExitStatus.CHANGED if self.findings else ExitStatus.COMPLETE

    @property
    def in_short(self) -> str:
        """The result in one sentence, which claims no more than was looked at."""
        if not self.files and not self.findings:
            return "there are no files yet"
        hashed = f"{count_text(self.files, 'file')} ({size_text(self.size)}) hashed"
        if not self.findings:
            return f"{hashed}: nothing is changed, missing or surplus"
        parts = []
        for fault in Fault:
            count = sum(finding.fault is fault for finding in self.findings)
            if count:
                parts.append(f"{count} {fault.value}")
        return f"{hashed}: {', '.join(parts)}"
