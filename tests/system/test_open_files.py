"""The limit of open files is raised as far as the system lets it be."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import resource
from footage.system.open_files import allow_many, most_jobs
resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard}))
allow_many()
print(*resource.getrlimit(resource.RLIMIT_NOFILE), most_jobs())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
@pytest.mark.parametrize("hard", [100, 5000])
def test_as_many_files_as_are_allowed_may_be_open(hard: int) -> None:
    code = CODE.format(hard=hard)  # in a program of its own: what is lowered stays so
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    limit = min(hard, 4096)
    assert done.stdout.split() == [str(each) for each in (limit, hard, limit - 80)]
