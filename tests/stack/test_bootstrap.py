"""./jht itself: a project in miniature, whose portal only tells how it was called."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.stack.running import ROOT, own_environment

pytestmark = pytest.mark.program

REPORT = """
import os, sys
print("called", sys.argv[1:], os.getcwd(), sys.prefix)
sys.exit(7)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Locks without packages: nothing is downloaded, everything else happens."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "jht").write_bytes((ROOT / "jht").read_bytes())
    (folder / "jht").chmod(0o755)
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock"):
        (folder / name).write_text("")
    (folder / "portal" / "run").mkdir(parents=True)
    (folder / "portal" / "__init__.py").touch()
    (folder / "portal" / "run" / "__init__.py").touch()
    (folder / "portal" / "run" / "__main__.py").write_text(REPORT)
    return folder


def jht(
    project: Path, *arguments: str, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    env = own_environment(PIP_NO_INDEX="1", **variables)
    return subprocess.run(
        [sys.executable, str(project / "jht"), *arguments],
        env=env,
        cwd=cwd or project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def made(project: Path) -> subprocess.CompletedProcess[str]:
    return jht(project, "run", "--option")


def test_the_first_call_makes_the_environment_and_hands_over(
    project: Path, made: subprocess.CompletedProcess[str]
) -> None:
    assert "installing requirements.lock" in made.stderr
    assert made.returncode == 7, made.stderr
    assert made.stdout.split("\n")[0] == f"called ['run', '--option'] {project} {project / '.venv'}"


def test_the_second_call_installs_nothing(project: Path, made: subprocess.CompletedProcess[str]) -> None:
    again = jht(project, "run")
    assert again.returncode == 7
    assert "installing" not in again.stderr


def test_the_person_stays_in_their_folder(
    project: Path, made: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    """A file named on the command line is looked for where the person stands, and a folder `portal` there is
    not ours.
    """
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "__init__.py").write_text("raise SystemExit('the wrong portal')")
    result = jht(project, "manage", "import_roster", "file.xlsx", cwd=tmp_path)
    assert result.stdout.startswith(f"called ['manage', 'import_roster', 'file.xlsx'] {tmp_path} ")


def test_a_changed_lock_is_installed_and_a_contained_one_is_not(
    project: Path, made: subprocess.CompletedProcess[str]
) -> None:
    (project / "requirements.lock").write_text("# changed\n")
    assert "installing requirements.lock" in jht(project, "run").stderr
    assert "installing requirements-dev.lock" in jht(project, "test").stderr
    assert "installing" not in jht(project, "run").stderr
    # Back to what was installed before: the environment holds the newer one now, so it is installed again.
    (project / "requirements.lock").write_text("")
    assert "installing requirements.lock" in jht(project, "run").stderr


def test_an_installation_that_fails_is_not_taken_for_one_that_worked(
    project: Path, made: subprocess.CompletedProcess[str]
) -> None:
    before = (project / "requirements-bench.lock").read_text()
    (project / "requirements-bench.lock").write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    for _ in range(2):
        failed = jht(project, "bench")
        assert failed.returncode == 2
        assert "installing requirements-bench.lock failed" in failed.stderr
    (project / "requirements-bench.lock").write_text(before)
    assert jht(project, "bench").returncode == 7


def test_help_and_unknown_commands_need_no_environment(project: Path, tmp_path: Path) -> None:
    shown = jht(project, "help", JHT_VENV=str(tmp_path / "none"))
    assert shown.returncode == 0
    assert "./jht run " in shown.stdout
    unknown = jht(project, "start", JHT_VENV=str(tmp_path / "none"))
    assert unknown.returncode == 2
    assert "there is no command start" in unknown.stderr
    assert not (tmp_path / "none").exists()


def load_bootstrap() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("jht_bootstrap", str(ROOT / "jht"))
    spec = importlib.util.spec_from_loader("jht_bootstrap", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("may", [True, False])
def test_missing_system_libraries(
    may: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Installed when that is allowed; otherwise the start goes on and names what is missing, its price and
    the line to run.
    """
    bootstrap = load_bootstrap()
    monkeypatch.setattr(bootstrap, "loads", lambda name: name != "libharfbuzz-subset.so.0")
    asked: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "apt_install", lambda packages, tried: asked.append(packages) or may)
    bootstrap.system_libraries(tmp_path)
    assert asked == [["libharfbuzz-subset0"]]
    said = capsys.readouterr().err
    if may:
        assert not said
    else:
        assert "forty times as long" in said
        assert "run: apt-get install libharfbuzz-subset0" in said


def test_a_failed_installation_of_libraries_is_not_tried_at_every_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bootstrap = load_bootstrap()
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/usr/bin/" + name)
    calls: list[list[str]] = []

    def offline(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 100)

    monkeypatch.setattr(bootstrap.subprocess, "run", offline)
    tried = tmp_path / ".apt-tried"
    assert not bootstrap.apt_install(["libpango-1.0-0"], tried)
    assert [command[0] for command in calls] == ["apt-get"] * 3
    assert not bootstrap.apt_install(["libpango-1.0-0"], tried)
    assert len(calls) == 3
    os.utime(tried, (0, 0))
    bootstrap.apt_install(["libpango-1.0-0"], tried)
    assert len(calls) == 6


def pins(name: str) -> dict[str, str]:
    """Package and version of every line of a lock."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line) for line in lines)
    return {match[1].lower(): match[2] for match in found if match}


def test_locks_name_no_index_and_hash_everything() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and "file:" not in text, name
        lines = [line.strip() for line in text.splitlines()]
        assert all(re.match(r"[a-z0-9]|--hash=sha256:|--no-binary |#|$", line) for line in lines), name
        assert "index-" + "url" not in text, name
        assert text.count("--hash=sha256:") >= len(pins(name)) > 10, name


@pytest.mark.parametrize("larger", ["requirements-dev.lock", "requirements-bench.lock"])
def test_the_larger_locks_contain_the_plain_one(larger: str) -> None:
    """./jht relies on it: after `test`, `run` installs nothing."""
    assert pins("requirements.lock").items() <= pins(larger).items()
