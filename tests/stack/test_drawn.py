"""A random test that finds something in CI: it ends soon, and tells what it drew."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.running import own_environment

pytestmark = pytest.mark.program

# It says how long the search for a smaller example has gone on. The pause makes every attempt slow, as a test on a
# database is: unbounded, the search takes more than a minute, and only the bound under test can end it.
FAILING = """
import time
from hypothesis import given, strategies as st
failed_first = []

@given(st.lists(st.integers(), min_size=40, max_size=200))
def test_sums(numbers):
    time.sleep(0.1)
    if sum(numbers) % 7 == 3:
        failed_first.append(time.monotonic())
        raise AssertionError(f"searched for {time.monotonic() - failed_first[0]:.0f} s")
"""


def run(folder: Path, **variables: str) -> str:
    """What pytest prints about the failing test, in the environment of a run in CI."""
    (folder / "test_sums.py").write_text(FAILING)
    (folder / "conftest.py").write_text('pytest_plugins = ["tests.drawn", "portal.run.pytest_summary"]\n')
    command = [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "no:schemathesis"]
    command += ["-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(folder)]
    command += ["--hypothesis-seed=7", str(folder)]
    env = own_environment(**variables)
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_the_search_for_the_smallest_example_is_bounded_in_ci(tmp_path: Path) -> None:
    said = run(tmp_path, CI="true", JHT_SHRINK_SECONDS="1")
    seconds = [int(found) for found in re.findall(r"searched for (\d+) s", said)]
    assert seconds and max(seconds) < 20
    assert "numbers=[" in said
    assert re.search(r"@reproduce_failure\('", said)
    assert "--hypothesis-seed=7" in said
    assert "1 failed" in said.splitlines()[-1]
