"""A new data key: everything is written with it, histories included, and nothing changes but the key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from django.conf import settings

from portal import crypto
from portal.reencrypting import encrypted_columns
from tests.cast import make_worker
from tests.stack.running import ROOT

pytestmark = pytest.mark.program

NEWER = "9:00112233445566778899aabbccddeeff"


def test_there_are_encrypted_columns_and_histories_of_them() -> None:
    tables = {model._meta.db_table for model, _ in encrypted_columns()}
    assert any("event" in table for table in tables), "a history keeps the number too"
    assert any("event" not in table for table in tables)


def versions(sql: Callable[..., list[tuple]]) -> dict[str, set[int]]:
    """The key numbers in use, by column."""
    return {
        f"{model._meta.db_table}.{field.column}": {
            version
            for (version,) in sql(
                f'SELECT DISTINCT get_byte("{field.column}", 1) FROM "{model._meta.db_table}" WHERE "{field.column}" IS NOT NULL'
            )
        }
        for model, field in encrypted_columns()
    }


def test_everything_is_written_with_the_new_key(
    committed: str,
    owner_sql: Callable[..., list[tuple]],
    command_environment: dict[str, str],
    settings_keys: str,
) -> None:
    first, second = make_worker("王建国", phone="13800000001"), make_worker("李秀英")
    number = first.id_number
    first.name = "王建國"
    first.save()  # its history holds the number as well
    before = counts(owner_sql)
    assert versions(owner_sql)["workforce_worker.id_number"] == {1}

    env = command_environment | {"JHT_DATA_KEYS": f"{NEWER},{settings_keys}"}
    for _ in range(2):  # repeating it changes nothing
        result = subprocess.run(
            [sys.executable, "manage.py", "reencrypt"],
            env=env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
    assert "0 values written with key 9" in result.stdout

    assert {version for found in versions(owner_sql).values() for version in found} == {9}
    assert counts(owner_sql) == before, "the content is the same, so no history is written"
    read = "from portal.workforce.models import Worker; print(*sorted(w.id_number for w in Worker.objects.all()))"
    only_new = command_environment | {"JHT_DATA_KEYS": NEWER, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    shown = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {read}"],
        env=only_new,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.stdout.split() == sorted([number, second.id_number]), shown.stderr


@pytest.fixture
def settings_keys() -> str:
    assert crypto.current_key_version() == 1
    return str(settings.DATA_KEYS)


def counts(sql: Callable[..., list[tuple]]) -> dict[str, int]:
    return {
        model._meta.db_table: sql(f'SELECT count(*) FROM "{model._meta.db_table}"')[0][0]
        for model, _ in encrypted_columns()
    }
