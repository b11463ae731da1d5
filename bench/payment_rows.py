"""Synthetic payments: a fund's line, people to be paid, and payables that were approved. Every value follows from a counter.

Cases, and payables where they stand, the owner writes in a few statements with the guards off; what is measured goes
through the actions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from bench import asking, crowd
from bench.database import owner, vacuum, without_guards, without_references
from portal.accounts.models import User
from portal.entitlements.workflow import RECTIFICATION
from portal.funds import ledger, lines
from portal.funds.models import DocumentKind, Fund, Line, PayeeKind
from portal.funds.money import fen
from portal.funds.moves import MoveCode
from portal.funds.payees import Payee, digests, register_payees

PLACE = "150624"
_SUM = Decimal(1500)


def total(count: int) -> Decimal:
    """What so many payments come to."""
    return _SUM * count


class Office:
    """Whoever keeps money: four officers and two approvers."""

    def __init__(self) -> None:
        self.finance = [asking.person(f"bench.finance{n}", "finance_officer", "150000") for n in range(4)]
        self.approvers = [asking.person(f"bench.approver{n}", "approver", "150000") for n in range(2)]
        self.recorder = asking.person("bench.recorder", "window_clerk", PLACE)
        self.confirmer = asking.person("bench.confirmer", "league_reviewer", "150600")


def payee(case_id: int, office: Office) -> Payee:
    return Payee(
        kind=PayeeKind.PERSON,
        legal_name=f"{crowd.SURNAMES[case_id % 60]}{crowd.GIVEN[case_id % 70]}{crowd.GIVEN[case_id % 47]}",
        bank_spelling=None,
        account=f"62284800{case_id:011d}",
        bank="合成银行鄂托克旗支行",
        identity_number="150624198506150018",
        recorded_by=office.recorder.pk,
        confirmed_by=office.confirmer.pk,
        confirmed_at=timezone.now(),
    )


def know_payees(office: Office) -> None:
    def provide(case_ids: Collection[int]) -> dict[int, Payee]:
        return {case_id: payee(case_id, office) for case_id in case_ids}

    register_payees(RECTIFICATION, provide)


_CASES = """
INSERT INTO cases_case (
    number, kind, region_id, worker_id, subject, state, state_since, version, opened_on, opened_at, due_certain)
SELECT 'GZ-2026-' || lpad(n::text, 7, '0'), %(kind)s, %(place)s,
       (SELECT min(id) FROM workforce_worker) + n %% %(workers)s, '合成办件', 'received', now(), 1,
       date '2026-11-02', now(), true
FROM generate_series(1, %(count)s) n ORDER BY n
RETURNING id
"""


def cases(count: int) -> list[int]:
    """So many cases, of up to 20,000 people."""
    workers = min(count, 20_000)
    crowd.write_workers(workers)
    with owner() as cursor, without_guards(cursor, "cases_case"):
        cursor.execute(_CASES, {"kind": RECTIFICATION, "place": PLACE, "count": count, "workers": workers})
        made = [number for (number,) in cursor.fetchall()]
    vacuum()
    return made


def line(office: Office, amount: Decimal, *, number: int = 1) -> Line:
    """Employment subsidies for a banner, given by the document of that number and ordered by two."""
    fund = Fund.objects.get(pk="employment_subsidy_fund")
    said = {
        "kind": DocumentKind.INDICATOR,
        "number": f"合成财社〔2026〕{number}号",
        "title": "下达资金",
        "issuer": "合成财政局",
        "issued_on": date(2026, 1, 4),
    }
    first, second = office.finance[:2]
    document = lines.record_document(fund, said=said, amount=amount, region=PLACE, by=first)
    document = lines.confirm_document(document.pk, by=second)
    usable = date(2026, 1, 1), date(2099, 12, 31)
    opened = lines.open_line(document, use="training", region=PLACE, year=2026, usable=usable, by=first)
    given = ledger.order(
        MoveCode.APPROPRIATE, opened, amount=amount, reason="下达", document=document, by=first
    )
    for approver in office.approvers:
        ledger.approve_order(given.pk, by=approver)
    ledger.carry_out(given.pk, by=second)
    return opened


# As the actions post them, a set at a time; the guards judge every row. What the actions add is the audit.
_DRAW = """
INSERT INTO funds_payable (
    case_id, share, line_id, use, payee_kind, amount, calculation_digest, payee_digest, made_by_id, made_at, bucket, moves)
SELECT one.case_id, %(share)s, %(line)s, 'training', 'person', %(amount)s, repeat('c', 64), one.digest, %(maker)s, now(),
       'available', 0
FROM unnest(%(cases)s::bigint[], %(digests)s::text[]) AS one (case_id, digest) ORDER BY one.case_id
"""
_MOVE = """
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
SELECT m.code, p.line_id, m.from_bucket, p.line_id, m.to_bucket, p.amount, p.id, %(poster)s, now()
FROM funds_payable p JOIN funds_ledgermove m ON m.code = %(move)s
WHERE p.line_id = %(line)s AND p.bucket = m.from_bucket ORDER BY p.id
"""
_APPROVE = """
INSERT INTO funds_approval (payable_id, at_moves, move, by_id, at)
SELECT p.id, p.moves, 'commit', %(approver)s, now()
FROM funds_payable p WHERE p.line_id = %(line)s AND p.bucket = 'reserved' ORDER BY p.id
"""


def drawn(case_ids: Iterable[int], on: Line, office: Office, *, share: int = 1, settled: bool = True) -> None:
    """A payable of each case; `settled` where none follow and the planner's numbers are brought up to date."""
    listed = list(case_ids)
    given = {
        "line": on.pk,
        "amount": fen(_SUM),
        "cases": listed,
        "digests": list(digests(payee(case_id, office) for case_id in listed)),
        "share": share,
        "maker": office.finance[0].pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, given)
    if settled:
        vacuum("funds_payable")


def approved(case_ids: Iterable[int], on: Line, office: Office) -> None:
    """A payable of each case, committed as two people approved it."""
    drawn(case_ids, on, office)
    given = {"line": on.pk, "poster": office.finance[1].pk, "approver": office.approvers[0].pk}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, given | {"move": MoveCode.RESERVE})
        cursor.execute(_APPROVE, given)
        vacuum("funds_payable", "funds_approval")
        cursor.execute(_MOVE, given | {"move": MoveCode.COMMIT})
    vacuum("funds_payable", "funds_approval", "funds_transfer")


# -- for the list --------------------------------------------------------------------------------------------
# Of a hundred items: in which state.
_STATES = ["paid"] * 90 + ["returned"] * 4 + ["withdrawn"] * 3 + ["sent"] * 2 + ["listed"]
_OF_ITEMS = """
INSERT INTO funds_payable (
    case_id, share, line_id, use, payee_kind, amount, calculation_digest, payee_digest, made_by_id, made_at, bucket, moves)
SELECT c.id, 100 + s.n, %(line)s, 'training', 'person', 150000, repeat('c', 64), repeat('p', 64), %(by)s, now(), 'paid', 4
FROM (SELECT id FROM cases_case ORDER BY id LIMIT %(cases)s) c CROSS JOIN generate_series(1, %(shares)s) s(n)
"""
_BATCHES = """
INSERT INTO funds_batch (fund_id, channel_id, region_id, made_by_id, made_at, state, round, count, amount)
SELECT f.fund, f.channel, r.code, %(by)s, now(), 'closed', 1, 500, 75000000
FROM generate_series(1, %(batches)s) n
JOIN LATERAL (SELECT * FROM (VALUES
    ('employment_subsidy_fund', 'one_card', 0), ('unemployment_insurance_fund', 'agency_account', 1),
    ('award_budget', 'one_card', 2), ('facility_budget', 'treasury', 3)) v (fund, channel, place)
    WHERE v.place = CASE WHEN n %% 200 = 0 THEN 3 WHEN n %% 50 = 0 THEN 2 ELSE n %% 2 END) f ON true
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place, count(*) OVER () AS places
      FROM regions_region WHERE tier = 'banner_county') r ON r.place = (n * 7919) %% r.places
"""
_ITEMS = """
INSERT INTO funds_item (
    batch_id, position, payable_id, reference, amount, payee_kind, state, fund_id, channel_id, region_id)
SELECT b.id, p.place %% 500 + 1, p.id,
       'FK' || lpad(b.id::text, 6, '0') || 'N' || lpad((p.place %% 500 + 1)::text, 6, '0'), p.amount, p.payee_kind,
       (%(states)s::text[])[1 + (hashint8(p.id) & 2147483647) %% 100], b.fund_id, b.channel_id, b.region_id
FROM (SELECT id, amount, payee_kind, row_number() OVER (ORDER BY id) - 1 AS place FROM funds_payable WHERE share > 100) p
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM funds_batch WHERE id > %(last)s) b
    ON b.place = p.place / 500
ORDER BY p.id
"""


def list_items(count: int, of_line: Line, by: User) -> None:
    """So many items in batches of 500, in all places and states."""
    with owner() as cursor:
        cursor.execute("SELECT count(*) FROM cases_case")
        cases_there = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(max(id), 0) FROM funds_batch")
        last = cursor.fetchone()[0]
        shares = -(-count // cases_there)
        given = {
            "line": of_line.pk,
            "by": by.pk,
            "cases": -(-count // shares),
            "shares": shares,
            "batches": -(-count // 500) + 1,
            "states": _STATES,
            "last": last,
        }
        tables = ("funds_payable", "funds_batch", "funds_item")
        with without_guards(cursor, *tables), without_references(cursor, "funds_payable", "funds_item"):
            for statement in (_OF_ITEMS, _BATCHES, _ITEMS):
                cursor.execute(statement, given)
    vacuum()


def bank_rows(items: Iterable[Any], office: Office) -> Iterator[list[str]]:
    """What the bank was sent of each item: reference, account, name, amount."""
    for reference, case_id in items:
        paid = payee(case_id, office)
        yield [reference, paid.account, paid.name_at_bank, f"{_SUM:.2f}"]
