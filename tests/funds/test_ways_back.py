"""The migrations of posting go back and forth over a ledger that was used: what judges is the same again, and the money too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from portal.funds.proof import differences
from tests.funds.conftest import Office
from tests.stack.running import ROOT

BEFORE = "0013"
LAST = max(path.stem for path in (ROOT / "portal/funds/migrations").glob("0*.py"))
_NOWHERE = 999_999_999
_STANDS = """
SELECT 'function', p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.proname LIKE 'funds%%'
UNION ALL
SELECT 'trigger', t.tgrelid::regclass::text, pg_get_triggerdef(t.oid) FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgrelid::regclass::text LIKE 'funds%%'
UNION ALL
SELECT 'constraint', c.conrelid::regclass::text, c.conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c
WHERE c.conrelid::regclass::text LIKE 'funds%%' AND c.contype <> 'n'
UNION ALL
SELECT 'index', i.tablename, i.indexdef FROM pg_indexes i WHERE i.tablename LIKE 'funds%%'
"""


@pytest.fixture
def owner_runs(command_environment: dict[str, str]) -> Callable[..., None]:
    """A command of the portal, as the owner of the database."""

    def run(*command: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=os.environ | command_environment | {"JHT_DATABASE_ROLE": "owner"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_what_judges_is_the_same_again(
    committed: str,
    office: Office,
    line: Any,
    approved: Any,
    batching: Any,
    owner_sql: Any,
    owner_runs: Callable[..., None],
) -> None:
    """Given a payment that the bank confirmed and one that waits, when the guards of posting are taken back, the earlier ones
    stand and hold what they held; when they come again, they are what they were, and every balance is as it was.
    """
    approved(2000)
    batch = batching.sent()
    batching.taken_in([batching.row(batch.items.select_related("payee").get())])
    (waiting,) = approved(1500)
    stands = set(owner_sql(_STANDS))
    balances = owner_sql("SELECT line_id, bucket, amount FROM funds_balance ORDER BY id")

    owner_runs("migrate", "funds", BEFORE)
    earlier = set(owner_sql(_STANDS))
    assert {name for kind, name, _ in earlier if kind == "function"} & {
        "funds_weigh_balances",
        "funds_check_move",
    } == set()
    assert any("a_transfer_has_a_source FOREIGN KEY" in said for _, _, said in earlier)
    with pytest.raises(Exception, match="funds_transfer_payable_id|not where the transfer takes them from"):
        owner_sql(
            "INSERT INTO funds_transfer"
            " (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)"
            " VALUES ('release', %s, 'reserved', %s, 'available', 1, %s, %s, now())",
            line.pk,
            line.pk,
            _NOWHERE,
            office.finance.pk,
        )

    owner_runs("migrate", "funds", LAST)
    # Tables that were made anew are nobody's until their rights are given.
    owner_runs("install_database")
    assert set(owner_sql(_STANDS)) == stands
    assert owner_sql("SELECT line_id, bucket, amount FROM funds_balance ORDER BY id") == balances
    assert differences() == []
    batching.sent()
    waiting.refresh_from_db()
    assert waiting.bucket == "in_transit"
