"""`python -m benchmarks [NAME ...] [--quick]`: every claim, measured within one run.

Exit status 0 when every claim holds, 1 when one does not, 2 for a name that is none.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import first_question, join, last_clip, memory, side_by_side
from benchmarks.measure import Table


def claims(quick: bool) -> Mapping[str, Callable[[Path, Path], Table]]:
    """What can be measured, by name; each is given a folder for drawn footage and one for files."""
    return {
        "join": partial(join.measure, join.QUICK if quick else join.FULL),
        "side_by_side": partial(
            side_by_side.measure, side_by_side.QUICK if quick else side_by_side.FULL
        ),
        "last_clip": partial(last_clip.measure, last_clip.QUICK if quick else last_clip.FULL),
        "memory": partial(memory.measure, memory.QUICK if quick else memory.FULL),
        "first_question": partial(
            first_question.measure, first_question.QUICK if quick else first_question.FULL
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the claims named, or all of them; print a table for each."""
    names = list(claims(quick=False))
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure what is claimed to be fast."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="small footage, within two minutes")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in names]
    if unknown:
        parser.error(f"there is no {unknown[0]}; choose from {', '.join(names)}")
    begun = time.monotonic()
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-", ignore_cleanup_errors=True) as folder:
        for name, claim in claims(options.quick).items():
            if options.names and name not in options.names:
                continue
            # One folder of files for all: `memory` reads what the runs of `last_clip` measured.
            table = claim(Path(folder) / "drawn", Path(folder) / "work")
            _say(table.text())
            failed += [f"{table.title}: {row.claim}" for row in table.rows if not row.holds]
    _say(
        f"Python {platform.python_version()}, {os.cpu_count()} processors, "
        f"{platform.system()}, {time.monotonic() - begun:.0f} s in all."
    )
    for claim_text in failed:
        _say(f"Does not hold: {claim_text}")
    return 1 if failed else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
