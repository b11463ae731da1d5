"""A pytest plugin: repeats in pytest's own summary what happened before the tests, so that it is not scrolled
away.
"""

from __future__ import annotations

import os
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Names failed checks, and the line that installs the browser when journeys were skipped for want of one."""
    failed = os.environ.get("JHT_FAILED_CHECKS", "").split()
    if failed:
        terminalreporter.section("checks before the tests", red=True)
        terminalreporter.line(
            f"FAILED: {', '.join(failed)} (see above the tests); the exit status is 1 whatever the tests say"
        )
    seed = terminalreporter.config.getoption("--hypothesis-seed", None)
    if seed is not None and terminalreporter.stats.get("failed"):
        terminalreporter.section("drawn examples")
        terminalreporter.line(f"to draw the same ones again: ./jht test --hypothesis-seed={seed} PATH")
    install = os.environ.get("JHT_NO_BROWSER")
    if install:
        terminalreporter.section("journeys in the browser", yellow=True)
        terminalreporter.line(f"skipped, there is no Chromium on this machine. Run: {install}")
