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
from types import ModuleType

from benchmarks import (
    download,
    encoder,
    first_question,
    idle,
    join,
    journal,
    last_clip,
    memory,
    planning,
    resume,
    side_by_side,
)
from benchmarks.measure import Table

# Each module has `measure` and its sizes FULL and QUICK; its docstring begins with its claim.
# `memory` comes after `last_clip`, because it reads the runs that `last_clip` has measured.
BENCHMARKS: Mapping[str, ModuleType] = {
    "join": join,
    "side_by_side": side_by_side,
    "encoder": encoder,
    "last_clip": last_clip,
    "memory": memory,
    "first_question": first_question,
    "idle": idle,
    "download": download,
    "journal": journal,
    "planning": planning,
    "resume": resume,
}


def claims(quick: bool) -> Mapping[str, Callable[[Path, Path], Table]]:
    """What can be measured, by name.

    Each takes a folder in which rendered footage is kept, and a folder for all other files.
    """
    return {
        name: partial(module.measure, module.QUICK if quick else module.FULL)
        for name, module in BENCHMARKS.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the claims named, or all of them; print a table for each."""
    options = _parser().parse_args(arguments)
    begun = time.monotonic()
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-", ignore_cleanup_errors=True) as folder:
        for name, claim in claims(options.quick).items():
            if options.names and name not in options.names:
                continue
            table = claim(Path(folder) / "drawn", Path(folder) / "work")
            _print(table.text())
            failed += [f"{table.title}: {row.claim}" for row in table.rows if not row.holds]
    _print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors, "
        f"{platform.system()}, {time.monotonic() - begun:.0f} s in all."
    )
    for claim_text in failed:
        _print(f"Does not hold: {claim_text}")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    lines = [f"  {name:15} {_claim(module)}" for name, module in BENCHMARKS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure what is claimed to be fast, and say whether each claim holds.",
        epilog="\n".join(["claims:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # `choices` would be checked against the empty list that stands for all of them.
    parser.add_argument(
        "names", nargs="*", metavar="NAME", type=_name, help="what to measure; all by default"
    )
    parser.add_argument("--quick", action="store_true", help="small footage, within two minutes")
    return parser


def _name(text: str) -> str:
    if text not in claims(quick=False):
        raise argparse.ArgumentTypeError(f"there is no {text}; choose from {', '.join(BENCHMARKS)}")
    return text


def _claim(module: ModuleType) -> str:
    first_line = (module.__doc__ or "").splitlines()[0]
    return first_line.removeprefix("Claim: ")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
