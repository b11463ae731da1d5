"""The data folders of earlier releases, started with the present code: upgraded, and whole.

Each archive in tests/kept/folders is one. tests/kept/make.py makes them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.run.layout import Folders
from portal.run.postgres import DATABASE, OWNER, Postgres
from tests import databases
from tests.kept import archive
from tests.stack.running import ROOT, Portal

pytestmark = pytest.mark.kill
FIRST_START_SECONDS = 300


# One process for all commands: each would first start Python and Django anew.
ASK = """
import hashlib, io, json, sys
from django.core.management import call_command
from portal import sealed_files
from portal.workforce.models import Worker

def told(*command):
    out = io.StringIO()
    try:
        call_command(*command, stdout=out)
    except (Exception, SystemExit) as error:
        out.write(f"FAILED {error}")
    return out.getvalue()

facts = json.loads(sys.stdin.read())
print("ANSWERS", json.dumps({
    "audit": told("verify_audit", "--expect", facts["audit"]["head"]),
    "determinations": told("rederive"),
    "lists": {year: told("selection", year, "verify") for year in facts["lists"]},
    "letters": [hashlib.sha256(sealed_files.read(one["path"])).hexdigest() for one in facts["letters"]],
    "number": Worker.objects.get(pk=facts["worker"]["id"]).id_number,
}))
"""


@dataclass
class Kept:
    """A portal that runs on a kept folder, and what was noted about the folder when it was made."""

    portal: Portal
    facts: dict[str, Any]

    def page(self, path: str) -> str:
        with urllib.request.urlopen(self.portal.url + path, timeout=20) as answer:  # noqa: S310 - loopback
            assert answer.status == 200
            return answer.read().decode()


@pytest.fixture(scope="module", params=sorted(archive.FOLDERS.glob("*.tar.xz")), ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    # Not pytest's own folder: PostgreSQL of root runs as an account that may not enter it.
    base = Path(tempfile.mkdtemp(prefix="jht-kept-"))
    base.chmod(0o755)
    facts = archive.unpack(request.param, Folders(base / "var"))
    portal = Portal(base)
    portal.env["JHT_DEMO"] = "1"  # what was kept are demonstrations, and they stay that
    portal.start()
    try:
        portal.wait_ready(FIRST_START_SECONDS)
        yield Kept(portal, facts)
    finally:
        if portal.process and portal.process.poll() is None:
            portal.stop()
        for number in portal.everything():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="module")
def answers(kept: Kept) -> dict[str, Any]:
    """What the management commands say about it."""
    asked = subprocess.run(
        [*kept.portal.command, "manage", "shell", "--verbosity", "0", "-c", ASK],
        env=kept.portal.env,
        cwd=ROOT,
        input=json.dumps(kept.facts),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr
    return json.loads(asked.stdout.partition("ANSWERS ")[2])


def test_there_is_one() -> None:
    assert list(archive.FOLDERS.glob("*.tar.xz"))


def test_it_is_upgraded_not_filled_anew(kept: Kept) -> None:
    said = kept.portal.said()
    assert "preparing the database" in said
    assert "loading the demo data" not in said


def test_no_row_is_lost(kept: Kept) -> None:
    with contextlib.closing(kept.portal.database()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        tables = {name for (name,) in cursor.fetchall()}
        fewer = {}
        for table, rows in kept.facts["rows"].items():
            if table in tables:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                (now,) = cursor.fetchone()
                if now < rows:
                    fewer[table] = (rows, now)
    assert not fewer


def test_the_audit_trail_holds_and_goes_on_from_where_it_was(kept: Kept, answers: dict[str, Any]) -> None:
    (links,) = re.findall(r"^OK {2}(\d+) links", answers["audit"]) or [answers["audit"]]
    assert int(links) >= kept.facts["audit"]["links"]


def test_every_determination_is_derived_again(kept: Kept, answers: dict[str, Any]) -> None:
    said = answers["determinations"]
    (count,) = re.findall(r"复算 (\d+) 条认定，全部一致", said) or [said]
    assert int(count) >= kept.facts["determinations"] > 0


def test_the_lists_of_the_years_come_out_as_they_were(kept: Kept, answers: dict[str, Any]) -> None:
    assert kept.facts["lists"]
    for year, digest in kept.facts["lists"].items():
        assert f"与重新计算的结果一致，摘要 {digest}" in answers["lists"][year]


def test_what_is_encrypted_opens(kept: Kept, answers: dict[str, Any]) -> None:
    assert answers["number"] == kept.facts["worker"]["number"]


# What every encrypted column says, as one digest: none of the values may change.
READ = """
import hashlib
from portal import unbound_values
from portal.reencrypting import encrypted_columns

whole, count = hashlib.sha256(), 0
for model, field in encrypted_columns():
    for row in model._base_manager.order_by("pk").values_list("pk", field.name):
        whole.update(repr((model.__name__, field.name, *row)).encode())
        count += 1
print("READ", count, whole.hexdigest(), unbound_values.are_refused())
"""


def test_what_is_encrypted_is_bound_to_its_place(kept: Kept) -> None:
    def read() -> list[str]:
        said = kept.portal.run("manage", "shell", "--verbosity", "0", "-c", READ)
        return said.stdout.partition("READ ")[2].split()

    before = read()
    assert int(before[0]) > 0 and before[2] == "False"
    left = kept.portal.run("manage", "reencrypt", "--check")
    assert left.returncode == 1 and "bound to nothing" in left.stdout, left.stderr
    done = kept.portal.run("manage", "reencrypt")
    assert done.returncode == 0, done.stdout + done.stderr
    assert read() == [*before[:2], "True"]
    assert kept.portal.run("manage", "reencrypt", "--check").returncode == 0
    assert "\n0 values written" in kept.portal.run("manage", "reencrypt").stdout


def test_letters_are_there_and_can_be_checked(kept: Kept, answers: dict[str, Any]) -> None:
    letters = kept.facts["letters"]
    assert letters
    for letter in letters:
        lying = (kept.portal.var / "files" / letter["path"]).read_bytes()
        assert lying.startswith(b"\0"), "it was written anew"
    assert [letter["sha256"] for letter in letters] == answers["letters"]
    code = letters[0]["code"]
    assert code in kept.page(f"/letters/verify/{code}/")


def test_pages_answer(kept: Kept) -> None:
    for path in ("/", "/registry/", "/accounts/login/", "/check/"):
        kept.page(path)


def _run(program: Path, *arguments: str, given: str | None = None, **env: str) -> str:
    done = subprocess.run(
        [str(program), *arguments],
        env=os.environ | env,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _schema(programs: Path, *database: str, **env: str) -> list[str]:
    """The statements that make a schema, as a database says them that was made by them: a first reading may
    set some brackets otherwise.
    """
    plain = ("--schema-only", "--no-owner", "--no-privileges")
    statements = _run(programs / "pg_dump", *plain, *database, **env)
    copy = f"jht_test_{os.getpid()}_schema"
    databases.clone("template0", copy)
    url = databases.renamed(os.environ["DATABASE_OWNER_URL"], copy)
    _run(programs / "psql", "--quiet", "--set=ON_ERROR_STOP=1", url, given=statements)
    text = _run(programs / "pg_dump", *plain, url)
    databases.drop(copy)
    lines = [line for line in text.splitlines() if not line.startswith(("--", "\\", "COMMENT ON TABLE"))]
    return sorted(part.strip() for part in "\n".join(lines).split("\n\n\n") if part.strip())


def test_its_schema_is_that_of_a_new_database(kept: Kept, template_database: str) -> None:
    """What earlier releases installed and what this one installs is the same, function by function."""
    server = Postgres(Folders(kept.portal.var))
    password = (server.folders.secrets / f"{OWNER}_password").read_text(encoding="utf-8")
    there = (f"--host={server.socket}", f"--username={OWNER}", DATABASE)
    upgraded = _schema(server.programs, *there, PGPASSWORD=password)
    new = _schema(server.programs, databases.renamed(os.environ["DATABASE_OWNER_URL"], template_database))
    assert upgraded == new
