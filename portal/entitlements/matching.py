"""Finding people who did not ask: the whole register against all rules, in sets, and offers from what changed
since the last look.

`match` decides about whom something may have changed: everybody the first time and when the law did, else
those whose facts are others than at the last look, or are compared with the day. It writes only whose masks
differ, and derives offers from the bits that were set or fell. So nobody is offered the same thing twice, and
a night in which little happened costs little.
"""

# ruff: noqa: S608 - text is put together from compiled rules, benefit codes and names of columns; values are bound
from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal import audit, locks
from portal.entitlements.catalogue import BITS, OFFERED, Offered
from portal.entitlements.models import MatchRun, MatchState
from portal.policy import policy_version
from portal.policy.compile import LEVEL_CODES, json_literal, text_literal
from portal.policy.day_change import date_dependent_sql
from portal.policy.engine import current_rules
from portal.policy.facts import LEVEL_FACTS
from portal.policy.law import law_on
from portal.policy.sets import Relation, masks
from portal.workforce.fact_table import refresh
from portal.workforce.models import KnownFacts

_FACTS = KnownFacts._meta.db_table
EVERYBODY = f"SELECT * FROM {_FACTS}"
_STEPS = 5
# What `distinction` may hold.
_LONGEST = 120

# Whoever's masks are not what they were; `was…` is what they were, nothing for who is new. OFFSET 0, or every
# rule would be computed once for the comparison and again for what is kept.
_DIFFERENCE = """
CREATE TEMPORARY TABLE newly_matched ON COMMIT DROP AS
SELECT m.subject_id, m.eligible, m.undetermined, m.subject, coalesce(s.eligible, 0) AS was_eligible,
       coalesce(s.undetermined, 0) AS was_undetermined, s.subject AS was_subject
FROM ({masks} OFFSET 0) AS m LEFT JOIN entitlements_matchstate s ON s.worker_id = m.subject_id
WHERE (m.eligible, m.undetermined, m.subject) IS DISTINCT FROM (s.eligible, s.undetermined, s.subject)
"""
# What tells an entitlement apart is put together for those alone who have it. In the order of the keys, here
# and below: indexes of a whole register grow a third faster that way.
_OFFER = """
INSERT INTO entitlements_offer (worker_id, region_id, benefit, distinction, state, matched_on, reason)
SELECT m.subject_id, f.work_region, o.benefit, CASE o.benefit {distinction} ELSE '' END, 'matched', %s, ''
FROM newly_matched m JOIN {facts} f ON f.worker_id = m.subject_id
JOIN (VALUES {offered}) AS o(benefit, bit, again)
  ON m.eligible & o.bit <> 0 AND (m.was_eligible & o.bit = 0 OR (o.again AND m.subject IS DISTINCT FROM m.was_subject))
ORDER BY m.subject_id
{again}
"""
# Of somebody who was looked at before: what lapsed may hold again.
_AGAIN = """
ON CONFLICT (worker_id, benefit, distinction) DO UPDATE
SET state = CASE WHEN entitlements_offer.notified_at IS NULL THEN 'matched' ELSE 'notified' END,
    matched_on = excluded.matched_on, region_id = excluded.region_id
WHERE entitlements_offer.state = 'expired'
"""
_EXPIRE = """
UPDATE entitlements_offer offer SET state = 'expired'
FROM newly_matched m JOIN {facts} f ON f.worker_id = m.subject_id
WHERE offer.worker_id = m.subject_id AND offer.state IN ('matched', 'notified')
  AND (m.eligible & (CASE offer.benefit {bits} END) = 0 OR offer.distinction <> CASE offer.benefit {distinction} ELSE '' END)
"""
# A worker who moved takes what is still open along.
_FOLLOW = """
UPDATE entitlements_offer offer SET region_id = f.work_region
FROM ({whom}) AS f
WHERE f.worker_id = offer.worker_id AND offer.state IN ('matched', 'notified') AND offer.region_id <> f.work_region
"""
_KEEP = """
INSERT INTO entitlements_matchstate (worker_id, eligible, undetermined, subject)
SELECT subject_id, eligible, undetermined, subject FROM newly_matched ORDER BY subject_id {again}
"""
_KEEP_AGAIN = """
ON CONFLICT (worker_id) DO UPDATE
SET eligible = excluded.eligible, undetermined = excluded.undetermined, subject = excluded.subject
"""


@transaction.atomic
def match(
    on: date,
    *,
    cause: str,
    by: Any = None,
    whole: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
) -> MatchRun:
    """Look over the whole register as of `on`, write offers for what people are newly entitled to, and lapse
    what fell away.

    `whole` gathers everybody's facts anew instead of those that changed. One at a time; killed, it has not
    happened. `progress` is told of (step, steps, what it does now).
    """
    tell = progress or (lambda done, total, words: None)
    locks.hold("entitlements.match")
    began_at = timezone.now()
    tell(0, _STEPS, "汇总人员信息")
    facts = refresh(on, whole=whole)
    tell(1, _STEPS, "按政策逐人比对")
    before = MatchRun.objects.order_by("-id").first()
    whom = _whom(on, before)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        changed = compare(cursor, on, whom)
        tell(2, _STEPS, "登记新符合条件的事项")
        new = _offer(cursor, on, first=before is None)
        tell(3, _STEPS, "清理不再符合条件的事项")
        gone = _lapse(cursor, whom) if before else 0
        tell(4, _STEPS, "保存比对结果")
        counts = _counts(cursor, before)
        keep(cursor, first=before is None)
        cursor.execute("DROP TABLE newly_matched")
    run = MatchRun.objects.create(
        on=on,
        cause=cause,
        policy_version=policy_version(on),
        people=MatchState.objects.count(),
        changed=changed,
        offered=new,
        expired=gone,
        counts=counts,
        facts=facts,
        by=by,
        began_at=began_at,
    )
    audit.record(
        "entitlements.match",
        by=by,
        obj=run,
        detail={"cause": cause, "changed": changed, "offered": new, "expired": gone},
    )
    tell(_STEPS, _STEPS, "")
    return run


def _whom(on: date, before: MatchRun | None) -> str:
    """SELECT text of the facts of those of whom something else than at the last look may hold."""
    if before is None or before.facts_id is None or before.policy_version != policy_version(before.on):
        return EVERYBODY
    days = date_dependent_sql(current_rules(), law_on(before.on), law_on(on))
    return EVERYBODY if days is None else f"{EVERYBODY} WHERE changed_in > {before.facts_id} OR {days}"


def compare(cursor: Any, on: date, whom: str = EVERYBODY) -> int:
    """Those of `whom` decided as of `on`; whose masks are not what they were stand in `newly_matched`
    afterwards. How many.
    """
    found = masks(
        current_rules(),
        Relation(whom),
        law_on(on),
        places=BITS,
        keep={"subject": distinguishing_number_sql()},
    )
    cursor.execute(_DIFFERENCE.format(masks=found.sql), found.params)
    changed = int(cursor.rowcount)
    cursor.execute("ANALYZE newly_matched")
    return changed


def keep(cursor: Any, *, first: bool = False) -> None:
    """What was compared is what holds from now on. The first time nobody's masks stand yet."""
    cursor.execute(_KEEP.format(again="" if first else _KEEP_AGAIN))


def _offer(cursor: Any, on: date, *, first: bool) -> int:
    """Offers of what people are newly entitled to; how many."""
    offered = ", ".join(_row(one) for one in OFFERED.values())
    cursor.execute(
        _OFFER.format(
            facts=_FACTS, offered=offered, distinction=_distinction_cases(), again="" if first else _AGAIN
        ),
        [on],
    )
    return int(cursor.rowcount)


def _distinction_cases() -> str:
    return " ".join(
        f"WHEN {text_literal(one.benefit)} THEN {distinction_sql(one)}"
        for one in OFFERED.values()
        if one.distinguishing_facts
    )


def _lapse(cursor: Any, whom: str) -> int:
    """Open offers whose entitlement fell away, or became another one; how many. The others of `whom` follow
    their worker.
    """
    bits = " ".join(f"WHEN {text_literal(one.benefit)} THEN {one.bit}::bigint" for one in OFFERED.values())
    cursor.execute(_EXPIRE.format(facts=_FACTS, bits=bits, distinction=_distinction_cases()))
    gone = int(cursor.rowcount)
    cursor.execute(_FOLLOW.format(whom=whom))
    return gone


def distinguishing_number_sql() -> str:
    """SQL of a number that differs when a fact differs by which one entitlement is told from the next."""
    facts = dict.fromkeys(fact for one in OFFERED.values() for fact in one.distinguishing_facts)
    return f"hashtext(concat_ws('|', {', '.join(_text(fact) for fact in facts)}))"


def distinction_sql(one: Offered) -> str:
    """SQL, over fact columns, of what tells this entitlement from another one to the same benefit."""
    if not one.distinguishing_facts:
        return "''"
    return f"left(concat_ws(' ', {', '.join(_text(fact) for fact in one.distinguishing_facts)}), {_LONGEST})"


def _text(fact: str) -> str:
    return f"({json_literal(LEVEL_CODES)} ->> {fact}::text)" if fact in LEVEL_FACTS else f"{fact}::text"


def _row(one: Offered) -> str:
    again = "true" if one.distinguishing_facts else "false"
    return f"({text_literal(one.benefit)}, {one.bit}::bigint, {again})"


def _counts(cursor: Any, before: MatchRun | None) -> dict[str, dict[str, int]]:
    """Per benefit how many are entitled and how many cannot be told now, and how many gained and lost it
    since the last run.
    """
    columns = []
    for place in BITS.values():
        bit = 1 << place
        columns += [
            f"count(*) FILTER (WHERE eligible & {bit} <> 0 AND was_eligible & {bit} = 0)",
            f"count(*) FILTER (WHERE eligible & {bit} = 0 AND was_eligible & {bit} <> 0)",
            f"count(*) FILTER (WHERE undetermined & {bit} <> 0) - count(*) FILTER (WHERE was_undetermined & {bit} <> 0)",
        ]
    cursor.execute(f"SELECT {', '.join(columns)} FROM newly_matched")
    found = cursor.fetchone()
    counts = {}
    for benefit, gained, lost, open_ in zip(BITS, found[0::3], found[1::3], found[2::3], strict=True):
        was = (before.counts if before else {}).get(benefit, {"eligible": 0, "undetermined": 0})
        counts[benefit] = {
            "eligible": was["eligible"] + gained - lost,
            "undetermined": was["undetermined"] + open_,
            "gained": gained,
            "lost": lost,
        }
    return counts
