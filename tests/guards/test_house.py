"""The house rules that a machine can see."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import get_resolver

from tests.guards.layout import production_files
from tests.installed import our_apps, templates

ROOT = Path(__file__).resolve().parent.parent.parent
TRACKED = [
    ROOT / line
    for line in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / line).is_file()
]
PYTHON = [p for p in TRACKED if p.suffix == ".py" and "migrations" not in p.parts]
TEMPLATES = [p for p in TRACKED if p.suffix == ".html"]
TEXT = [
    p
    for p in TRACKED
    if p.suffix
    in {".py", ".html", ".md", ".toml", ".yml", ".css", ".js", ".txt", ".in", ".lock", ".sh", ".conf"}
]


def where(paths: list[Path], pattern: str, *, but: str = r"$^") -> list[str]:
    """`file:line` of what matches, but not what matches `but` as well."""
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(pattern, line) and not re.search(but, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def test_pages_have_no_inline_script_or_style() -> None:
    """The content security policy would refuse them; letters are printed, not served, and carry their own
    styles.
    """
    pages = [p for p in TEMPLATES if "letters" not in p.parts or "pages" in p.parts]
    assert not where(pages, r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=[\"']|javascript:")


def test_assets_are_local() -> None:
    assert not where(
        [p for p in TRACKED if p.suffix in {".html", ".css", ".js"} and "vendor" not in p.parts],
        r"https?://",
        but=r"www\.w3\.org|127\.0\.0\.1|\{\{|purl\.org",
    )


def test_every_address_a_template_names_exists() -> None:
    def names(resolver, prefix: str = "") -> set[str]:
        found = {f"{prefix}{name}" for name in resolver.reverse_dict if isinstance(name, str)}
        for namespace, (_, inner) in resolver.namespace_dict.items():
            found |= names(inner, f"{prefix}{namespace}:")
        return found

    known = names(get_resolver())
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in templates()
        for name in re.findall(r"""{%\s*url\s+['"]([^'"]+)['"]""", path.read_text(encoding="utf-8"))
        if name not in known
    ]
    assert not missing


def test_what_answers_get_answers_head() -> None:
    """Django's own door for GET alone refuses HEAD."""
    refusing = re.compile(r"require_GET|\"GET\"(?!, \"HEAD\")[,\])]")
    assert [str(path) for path in production_files() if refusing.search(path.read_text("utf-8"))] == []


def test_no_file_is_too_large_to_hold_in_the_head() -> None:
    large = {
        str(p.relative_to(ROOT)): n
        for p in PYTHON
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not large


def test_no_room_for_things_without_a_place() -> None:
    assert not [
        p for p in PYTHON if {"utils", "helpers", "misc", "common"} & {p.stem, *p.relative_to(ROOT).parts}
    ]


def test_nothing_is_unfinished_by_its_own_words() -> None:
    words = "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "敬请" + "期待", "建设" + "中", "暂未" + "开放"])
    assert not where([p for p in TEXT if p.suffix != ".lock"], rf"\b({words})\b|敬请" + "期待")


def test_nothing_committed_names_a_package_index_or_a_machine() -> None:
    pattern = "index-" + r"url|pypi\.org|pythonhosted|registry\.npm|/home/[a-z]+/|/root/|/work/"
    assert not where([p for p in TEXT if p.name != "test_house.py"], pattern)


def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_can_be_taken_back() -> None:
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.operations import RunPython, RunSQL

    loader = MigrationLoader(connection=None)
    ours = {config.label for config in our_apps()}
    one_way = [
        f"{app}.{name}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in ours
        for operation in migration.operations
        if isinstance(operation, RunSQL | RunPython) and not operation.reversible
    ]
    assert not one_way


FOREIGN_KEYS_WITHOUT_INDEX = """
SELECT c.conrelid::regclass::text || '.' || a.attname
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
ORDER BY 1
"""


def test_every_foreign_key_has_its_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS_WITHOUT_INDEX)
        assert [row[0] for row in cursor.fetchall()] == []


def test_the_application_owns_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relowner = current_user::regrole AND relpersistence <> 't'"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "table", ["audit_entry", "audit_chainlink", "cases_caseevent", "cases_caseduty", "policy_officialtext"]
)
def test_what_stands_cannot_be_changed_by_the_application(db: None, table: str) -> None:
    from django.db.utils import ProgrammingError

    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            from django.db import transaction

            with transaction.atomic():
                cursor.execute(
                    statement.replace("SET id = id", "SET position = 1") if "link" in table else statement
                )
