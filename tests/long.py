"""Tests that take long: `long.txt`, a function a line, which the quick run leaves out.

`./jht test --note-long` runs tests and writes the list anew as far as they go. Measured is what a test takes of a
processor, in its own process and in those it started: how busy the machine is beside it counts little.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("long.txt")
# Seconds that one call of the function takes, with what it begins with.
LONG = 0.3
_MEASURED = "processor seconds"
# What the quick run leaves out whether it takes long or not.
LEFT_OUT_ANYWAY = ("journey", "kill", "portal", "program", "sweep", "hypothesis")


def function_of(nodeid: str) -> str:
    return nodeid.partition("[")[0]


def known() -> set[str]:
    return set(LIST.read_text(encoding="utf-8").split())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of the list, before -m chooses by the marker."""
    listed = known()
    for item in items:
        if function_of(item.nodeid) in listed:
            item.add_marker(pytest.mark.long)


def long_ones(seconds: dict[str, list[float]]) -> list[str]:
    """By what each call of a function took. The shortest function of a file is never long: a quick run looks into
    every file.
    """
    means = {function: sum(calls) / len(calls) for function, calls in seconds.items()}
    shortest: dict[str, str] = {}
    for function in sorted(means, key=lambda function: means[function]):
        shortest.setdefault(function.partition("::")[0], function)
    return sorted(
        function for function, mean in means.items() if mean > LONG and function not in shortest.values()
    )


# -- measuring -----------------------------------------------------------------------------------------------
def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--note-long", action="store_true", help=f"measure the tests and write {LIST.name} anew")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--note-long"):
        config.pluginmanager.register(Measuring(), "measuring")


class Measuring:
    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.began = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        self.began = _spent()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        try:
            return (yield)
        finally:
            if not any(item.get_closest_marker(name) for name in LEFT_OUT_ANYWAY):
                item.user_properties.append((_MEASURED, _spent() - self.began))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also in the process that hands out the work: reports bring what was measured elsewhere."""
        if report.when == "teardown":
            self.seconds[function_of(report.nodeid)] += [
                value for name, value in report.user_properties if name == _MEASURED
            ]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """What the list says of files that were not run stays."""
        if hasattr(session.config, "workerinput"):
            return
        measured = {function: calls for function, calls in self.seconds.items() if calls}
        files = {function.partition("::")[0] for function in measured}
        others = [function for function in known() if function.partition("::")[0] not in files]
        lines = sorted([*others, *long_ones(measured)])
        LIST.write_text("".join(f"{function}\n" for function in lines), encoding="utf-8")


def _spent() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
