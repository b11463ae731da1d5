"""./jht test and ./jht bench: what they run, what they report, how they end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portal.run import benchmark, foreign, in_memory, kept, scratch, supervisor, testing
from portal.run.layout import Folders
from portal.run.processes import Interrupted
from tests.stack.running import ROOT


class Calls:
    """Stands for the commands that would be run, and answers for them."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.environments: list[Mapping[str, str]] = []
        self.answers: dict[str, int] = {}

    def __call__(self, supervisor: Any, command: Sequence[str], env: Mapping[str, str]) -> int:
        self.commands.append(list(command))
        self.environments.append(dict(env))
        return next(
            (answer for word, answer in self.answers.items() if any(word in part for part in command)), 0
        )

    @property
    def pytest(self) -> list[str]:
        """The command by which pytest was last called."""
        return [command for command in self.commands if command[1:3] == ["-m", "pytest"]][-1]

    @property
    def environment_of_pytest(self) -> Mapping[str, str]:
        return self.environments[self.commands.index(self.pytest)]

    def side_by_side(
        self, supervisor: Any, commands: Mapping[str, Sequence[str]], env: Mapping[str, str]
    ) -> Iterator[tuple[str, int, float]]:
        for name, command in commands.items():
            yield name, self(supervisor, command, env), 0.0


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Calls:
    @contextmanager
    def no_servers(supervisor: Any, *, durable: bool) -> Iterator[tuple[Folders, dict[str, str]]]:
        yield Folders(tmp_path), {}

    calls = Calls()
    monkeypatch.setattr(in_memory, "work_there", lambda: None)
    monkeypatch.setattr(scratch, "servers", no_servers)
    monkeypatch.setattr(scratch, "call", calls)
    monkeypatch.setattr(scratch, "call_side_by_side", calls.side_by_side)
    monkeypatch.setattr(supervisor, "Supervisor", lambda **_: None)
    monkeypatch.setattr(benchmark, "Supervisor", lambda **_: None)
    monkeypatch.setattr(
        benchmark, "Preparation", lambda *_: type("Nothing", (), {"database": lambda self: None})()
    )
    monkeypatch.delenv("JHT_TEST_WORKERS", raising=False)
    monkeypatch.delenv("CI", raising=False)
    return calls


def test_without_arguments_everything_is_checked(calls: Calls) -> None:
    assert testing.run([]) == 0
    programs = [Path(command[0]).name for command in calls.commands]
    assert programs[:4] == ["ruff", "ruff", "djlint", "lint-imports"]
    # The longest goes on while the tests run.
    assert programs[-1] == "mypy" and calls.commands[-2] == calls.pytest
    assert calls.pytest[-5:] == ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]


def test_arguments_are_for_pytest_alone(calls: Calls) -> None:
    assert testing.run(["tests/stack", "-k", "one"]) == 0
    assert len(calls.commands) == 1
    assert calls.commands[0][-3:] == ["tests/stack", "-k", "one"]


def test_quick_leaves_out_what_takes_long_and_keeps_the_checks(calls: Calls) -> None:
    assert testing.run(["--quick"]) == 0
    assert len(calls.commands) == len(testing.CHECKS) + 1
    left_out = calls.pytest[calls.pytest.index("-m", 2) + 1]
    markers = ("journey", "kill", "portal", "program", "sweep", "hypothesis", "long")
    assert left_out == " and ".join(f"not {marker}" for marker in markers)
    assert calls.pytest[calls.pytest.index("-n") + 1] == "2"
    assert testing.run(["--quick", "tests/stack"]) == 0
    assert len(calls.commands) == len(testing.CHECKS) + 2
    assert calls.commands[-1][-1] == "tests/stack"


def test_one_file_runs_in_one_process(calls: Calls) -> None:
    for one in (["tests/test_paging.py"], ["tests/test_paging.py::test_one", "-q"]):
        testing.run(one)
        assert "loadfile" not in calls.commands[-1]
    testing.run(["tests/test_paging.py", "tests/policy"])
    assert "loadfile" in calls.commands[-1]


def test_kept_servers_run_pytest_alone(calls: Calls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    became: list[Any] = []
    held = (tmp_path / "used").open("w")
    monkeypatch.setattr(kept, "use", lambda: ({"REDIS_URL": "unix:kept"}, held))
    monkeypatch.setattr(foreign, "forget_foreign_variables", lambda: None)
    monkeypatch.setattr(os, "execve", lambda *given: became.append(given))
    monkeypatch.chdir(tmp_path)
    testing.run(["--keep", "tests/test_paging.py"])
    ((program, command, env),) = became
    assert command[1:3] == ["-m", "pytest"] and command[0] == program
    assert "--keep" not in command
    assert env["REDIS_URL"] == "unix:kept"
    assert os.get_inheritable(held.fileno())
    assert calls.commands == []


@pytest.mark.parametrize("arguments", [["-n", "1"], ["-n0"], ["--collect-only"]])
def test_the_number_of_processes_may_be_chosen(calls: Calls, arguments: list[str]) -> None:
    testing.run(arguments)
    assert "loadfile" not in calls.commands[0]


@pytest.mark.parametrize(("failing", "status"), [("mypy", 1), ("djlint", 1), ("pytest", 5)])
def test_one_failure_is_enough(calls: Calls, failing: str, status: int) -> None:
    """The tests run all the same: one start tells everything that is wrong."""
    calls.answers[failing] = status
    assert testing.run([]) == status
    assert len(calls.commands) == len(testing.CHECKS) + 1
    told_before = failing if failing == "djlint" else ""
    assert calls.environment_of_pytest["JHT_FAILED_CHECKS"] == told_before


def test_an_interrupted_run_is_no_success(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise Interrupted

    monkeypatch.setattr(scratch, "call", interrupted)
    assert testing.run([]) == 130


def test_failed_checks_and_missing_browsers_stand_before_pytests_last_line(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    env = os.environ | {
        "JHT_FAILED_CHECKS": "mypy",
        "JHT_NO_BROWSER": "apt-get install chromium-headless-shell",
        "PYTHONPATH": str(ROOT),
    }
    plugins = [
        part
        for name in ("portal.run.pytest_summary", "no:django", "no:cacheprovider")
        for part in ("-p", name)
    ]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *plugins,
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    result = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = result.stdout.strip().splitlines()
    assert "1 passed" in lines[-1]
    assert any(line.startswith("FAILED: mypy") for line in lines)
    assert any("apt-get install chromium-headless-shell" in line for line in lines)


def test_nothing_of_the_person_leaks_into_throwaway_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATABASE_URL",
        "DATABASE_URL_FILE",
        "REDIS_URL",
        "JHT_SECRET_KEY_FILE",
        "JHT_DEBUG",
        "JHT_VAR",
    ):
        assert foreign.is_foreign(name)
    assert not any(map(foreign.is_foreign, ("JHT_TEST_WORKERS", "PATH", "HOME")))


def test_benchmarks_are_chosen_by_name(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert {"letters", "roster", "lists"} <= set(benchmark.names())
    assert benchmark.run(["roster", "--", "--rows", "10"]) == 0
    assert calls.commands == [[sys.executable, "-m", "portal.run.benchmark", "roster", "--rows", "10"]]
    assert benchmark.run(["rooster"]) == 2
    assert "there is no benchmark rooster; there are:" in capsys.readouterr().err


def test_a_benchmark_that_misses_its_number_fails_the_run(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.answers["lists"] = 1
    assert benchmark.run([]) == 1
    assert "not reached: lists" in capsys.readouterr().err
    assert len(calls.commands) == len(benchmark.names())


def test_ci_is_the_same_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.rstrip().endswith("exec ./jht test")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    for package in (
        "chromium-headless-shell",
        "fonts-noto-cjk",
        "libpango-1.0-0",
        "libpangoft2-1.0-0",
        "libharfbuzz-subset0",
        "poppler-utils",
    ):
        assert package in script
