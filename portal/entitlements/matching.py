"""Finding people who did not ask: the register against all rules, in sets, and offers from what changed.

`match` decides about whom something may have changed: everybody the first time and when the law did, else
those whose facts are others than at the last look, or are compared with the day. What names money is decided
from what is verified, all else from what is recorded. It writes only whose masks
differ, and derives offers from the bits that were set or fell. So nobody is offered the same thing twice, and
a night in which little happened costs little.
"""

# ruff: noqa: S608 - text is put together from compiled rules, codes and names of columns; values are bound
from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal import audit, locks
from portal.entitlements.catalogue import BITS, MONEY, OFFERED, WITHOUT_MONEY, Offered
from portal.entitlements.models import MatchRun, MatchState
from portal.entitlements.offered_subjects import (
    STANDS_BESIDE,
    find_beside,
    lapse_beside,
    offer_beside,
    subject_of_newest,
)
from portal.policy import policy_version
from portal.policy.compile import LEVEL_CODES, json_literal, text_literal
from portal.policy.day_change import date_dependent_sql
from portal.policy.engine import current_rules
from portal.policy.facts import LEVEL_FACTS
from portal.policy.law import law_on
from portal.policy.sets import Relation, masks
from portal.workforce.fact_table import LOOKED_AT, refresh
from portal.workforce.models import KnownFacts, MergedPerson, Refresh, VerifiedFacts

_FACTS = KnownFacts._meta.db_table
_VERIFIED = VerifiedFacts._meta.db_table
EVERYBODY = f"SELECT * FROM {_FACTS}"
_MONEY_BITS = f"{sum(OFFERED[benefit].bit for benefit in MONEY)}::bigint"
# By which one entitlement to a benefit is told from the next, each once.
_DISTINGUISHING_FACTS = tuple(
    dict.fromkeys(fact for offered in OFFERED.values() for fact in offered.distinguishing_facts)
)
_STEPS = 5
# What `distinction` may hold.
_LONGEST = 120

# Whoever's masks are not what they were; `was…` is what they were, nothing for who is new.
_CREATE_DIFFERENCES = """
CREATE TEMPORARY TABLE newly_matched ON COMMIT DROP AS
SELECT m.subject_id, m.eligible, m.undetermined, m.subject, coalesce(s.eligible, 0) AS was_eligible,
       coalesce(s.undetermined, 0) AS was_undetermined, s.subject AS was_subject
FROM ({masks}) AS m LEFT JOIN entitlements_matchstate s ON s.worker_id = m.subject_id
WHERE (m.eligible, m.undetermined, m.subject) IS DISTINCT FROM (s.eligible, s.undetermined, s.subject)
"""
# Whose record was merged into another, or entered by mistake, has no right of their own.
_MERGED_PEOPLE = """
INSERT INTO newly_matched
SELECT s.worker_id, 0, 0, s.subject, s.eligible, s.undetermined, s.subject
FROM entitlements_matchstate s JOIN workforce_mergedperson m ON m.source_id = s.worker_id
WHERE s.eligible <> 0 OR s.undetermined <> 0
"""
# Of whom everything is confirmed one look decides. Of the others what names money is decided by what is
# verified; of whom nothing is, no right to money can be decided yet.
_BY_BOTH = """
SELECT * FROM ({all_confirmed}) AS one_look
UNION ALL
SELECT s.subject_id,
       s.eligible | coalesce(v.eligible, 0) AS eligible,
       s.undetermined | coalesce(v.undetermined, {money}) AS undetermined,
       coalesce(v.subject, hashtext('')) AS subject
FROM ({stated}) AS s LEFT JOIN ({verified}) AS v USING (subject_id)
"""
# What tells an entitlement apart is put together for those alone who have it. In the order of the keys, here
# and below: indexes of a whole register grow a third faster that way.
_INSERT_OFFERS = """
INSERT INTO entitlements_offer
    (worker_id, region_id, benefit, distinction, state, matched_on, reason, subject_type, subject_id)
SELECT m.subject_id, f.region, o.benefit, CASE o.benefit {distinction} ELSE '' END, 'matched', %s, '',
       {subject_type}, {subject_number}
FROM newly_matched m JOIN ({verified}) f ON f.worker_id = m.subject_id
JOIN (VALUES {offered}) AS o(benefit, bit, again)
  ON m.eligible & o.bit <> 0
 AND (m.was_eligible & o.bit = 0 OR (o.again AND m.subject IS DISTINCT FROM m.was_subject))
ORDER BY m.subject_id
{again}
"""
# Of somebody who was looked at before: what lapsed may hold again.
_REVIVE_OFFERS = """
ON CONFLICT (worker_id, benefit, distinction) DO UPDATE
SET state = CASE WHEN entitlements_offer.notified_at IS NULL THEN 'matched' ELSE 'notified' END,
    matched_on = excluded.matched_on, region_id = excluded.region_id
WHERE entitlements_offer.state = 'expired'
"""
_EXPIRE_OFFERS = """
UPDATE entitlements_offer offer SET state = 'expired'
FROM newly_matched m LEFT JOIN ({verified}) f ON f.worker_id = m.subject_id
WHERE offer.worker_id = m.subject_id AND offer.state IN ('matched', 'notified')
  AND (m.eligible & (CASE offer.benefit {bits} END) = 0
       OR offer.distinction <> CASE offer.benefit {distinction} ELSE '' END)
  AND NOT {stands}
"""
# A worker who moved takes what is still open along.
_MOVE_OFFERS = """
UPDATE entitlements_offer offer SET region_id = f.work_region
FROM ({whom}) AS f
WHERE f.worker_id = offer.worker_id AND offer.state IN ('matched', 'notified')
  AND offer.region_id <> f.work_region
"""
_INSERT_MASKS = """
INSERT INTO entitlements_matchstate (worker_id, eligible, undetermined, subject)
SELECT subject_id, eligible, undetermined, subject FROM newly_matched ORDER BY subject_id {again}
"""
_COUNT_MASKS = """
SELECT eligible, was_eligible, undetermined, was_undetermined, count(*) FROM newly_matched
GROUP BY eligible, was_eligible, undetermined, was_undetermined
"""
_UPDATE_MASKS = """
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
    """Look over the whole register as of `on`: offers for what is new, and what fell away lapses.

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
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        whom = _people_to_decide(cursor, on, before)
        changed = compare_masks(cursor, on, whom)
        looked_at = _people_looked_at(whom, facts, before)
        find_beside(cursor, on, looked_at)
        tell(2, _STEPS, "登记新符合条件的事项")
        new = _write_offers(cursor, on, first=before is None) + offer_beside(cursor, on)
        tell(3, _STEPS, "清理不再符合条件的事项")
        gone = _lapse_offers(cursor, whom) if before else 0
        tell(4, _STEPS, "保存比对结果")
        counts = _count_by_benefit(cursor, before)
        keep_masks(cursor, first=before is None)
        gone += lapse_beside(
            cursor, looked_at, verified=_verified_sql(), bits=_bit_cases(), distinction=_distinction_cases()
        )
        cursor.execute("DROP TABLE IF EXISTS newly_matched, to_decide")
    run = MatchRun.objects.create(
        on=on,
        cause=cause,
        policy_version=policy_version(on),
        people=MatchState.objects.count() - _merged_people(),
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


def _merged_people() -> int:
    """How many of those looked at before stand for nobody of their own by now."""
    return MatchState.objects.filter(worker__in=MergedPerson.objects.values("source")).count()


def _people_to_decide(cursor: Any, on: date, before: MatchRun | None) -> str:
    """SELECT text of the facts of those of whom something else than at the last look may hold. If that is not
    everybody, they stand in the temporary table `to_decide`: what is asked for several times is looked up once.
    """
    if before is None or before.facts_id is None or before.policy_version != policy_version(before.on):
        return EVERYBODY
    days = date_dependent_sql(current_rules(), law_on(before.on), law_on(on))
    if days is None:
        return EVERYBODY
    # What is verified of somebody may have another day than what is recorded.
    cursor.execute(
        "CREATE TEMPORARY TABLE to_decide ON COMMIT DROP AS"
        f" {EVERYBODY} WHERE changed_in > {before.facts_id} OR {days}"
        f" UNION {EVERYBODY} WHERE worker_id IN (SELECT worker_id FROM {_VERIFIED} WHERE {days})"
        " ORDER BY worker_id"
    )
    cursor.execute("ANALYZE to_decide (worker_id, all_confirmed)")
    return "SELECT * FROM to_decide"


def _people_looked_at(whom: str, facts: Refresh, before: MatchRun | None) -> str:
    """Query of the people of whom anything may hold otherwise than at the last look, whatever it is about; empty for
    everybody.
    """
    gathered_between = (
        before is None or Refresh.objects.filter(pk__gt=before.facts_id or 0, pk__lt=facts.pk).exists()
    )
    if whom == EVERYBODY or facts.whole or gathered_between:
        return ""
    return f"SELECT worker_id FROM {LOOKED_AT} UNION SELECT worker_id FROM ({whom}) AS decided"


def compare_masks(cursor: Any, on: date, whom: str = EVERYBODY) -> int:
    """Decide those of `whom`; who is matched otherwise than before stands in `newly_matched`. How many."""
    law = law_on(on)
    subject = {"subject": distinguishing_number_sql()}
    one_look = f"SELECT * FROM ({whom}) AS asked WHERE all_confirmed"
    by_facts = f"SELECT * FROM ({whom}) AS asked WHERE NOT all_confirmed"
    by_verified = (
        f"SELECT * FROM {_VERIFIED} WHERE worker_id IN (SELECT worker_id FROM ({by_facts}) AS others)"
    )
    all_confirmed = masks(current_rules(BITS), Relation(one_look), law, places=BITS, keep=subject)
    stated = masks(current_rules(WITHOUT_MONEY), Relation(by_facts), law, places=BITS)
    verified = masks(current_rules(MONEY), Relation(by_verified), law, places=BITS, keep=subject)
    decided = _BY_BOTH.format(
        all_confirmed=all_confirmed.sql, stated=stated.sql, verified=verified.sql, money=_MONEY_BITS
    )
    params = (*all_confirmed.params, *stated.params, *verified.params)
    # Much is computed for each row, and little handed over: several processes pay sooner than the planner thinks.
    cursor.execute("SET LOCAL parallel_tuple_cost = 0.01")
    cursor.execute(_CREATE_DIFFERENCES.format(masks=decided), params)
    changed = int(cursor.rowcount)
    if MergedPerson.objects.exists():
        cursor.execute(_MERGED_PEOPLE)
        changed += int(cursor.rowcount)
    cursor.execute("ANALYZE newly_matched (subject_id)")
    return changed


def keep_masks(cursor: Any, *, first: bool = False) -> None:
    """What was compared is what holds from now on. The first time nobody's masks stand yet."""
    cursor.execute(_INSERT_MASKS.format(again="" if first else _UPDATE_MASKS))


def _write_offers(cursor: Any, on: date, *, first: bool) -> int:
    """Offers of what people are newly entitled to; how many."""
    merged = MergedPerson.objects.exists()
    subject_type, subject_number = subject_of_newest("o", "m.subject_id", "f", merged=merged)
    sql = _INSERT_OFFERS.format(
        subject_type=subject_type,
        subject_number=subject_number,
        verified=_verified_sql(),
        offered=", ".join(map(_offered_row, OFFERED.values())),
        distinction=_distinction_cases(),
        again="" if first else _REVIVE_OFFERS,
    )
    cursor.execute(sql, [on])
    return int(cursor.rowcount)


def _verified_sql() -> str:
    """SELECT text of where everybody works, and of what is verified of them by which entitlements are told apart."""
    facts = [
        f"CASE WHEN known.all_confirmed THEN known.{fact} ELSE verified.{fact} END AS {fact}"
        for fact in _DISTINGUISHING_FACTS
    ]
    return (
        f"SELECT known.worker_id, known.work_region AS region, {', '.join(facts)}"
        f" FROM {_FACTS} known LEFT JOIN {_VERIFIED} verified ON verified.worker_id = known.worker_id"
    )


def _distinction_cases() -> str:
    cases = []
    for offered in OFFERED.values():
        if offered.distinguishing_facts:
            cases.append(f"WHEN {text_literal(offered.benefit)} THEN {distinction_sql(offered)}")
    return " ".join(cases)


def _lapse_offers(cursor: Any, whom: str) -> int:
    """Open offers whose entitlement fell away or became another one lapse; the others follow their worker.

    How many lapsed.
    """
    sql = _EXPIRE_OFFERS.format(
        verified=_verified_sql(),
        bits=_bit_cases(),
        distinction=_distinction_cases(),
        stands=STANDS_BESIDE,
    )
    cursor.execute(sql)
    lapsed = int(cursor.rowcount)
    cursor.execute(_MOVE_OFFERS.format(whom=whom))
    return lapsed


def _bit_cases() -> str:
    cases = [
        f"WHEN {text_literal(offered.benefit)} THEN {offered.bit}::bigint" for offered in OFFERED.values()
    ]
    return " ".join(cases)


def distinguishing_number_sql() -> str:
    """SQL of a number that differs when a fact differs by which one entitlement is told from the next."""
    return f"hashtext(concat_ws('|', {', '.join(map(_fact_text, _DISTINGUISHING_FACTS))}))"


def distinction_sql(offered: Offered) -> str:
    """SQL, over fact columns, of what tells this entitlement from another one to the same benefit."""
    if not offered.distinguishing_facts:
        return "''"
    texts = ", ".join(map(_fact_text, offered.distinguishing_facts))
    return f"left(concat_ws(' ', {texts}), {_LONGEST})"


def _fact_text(fact: str) -> str:
    if fact in LEVEL_FACTS:
        return f"({json_literal(LEVEL_CODES)} ->> {fact}::text)"
    return f"{fact}::text"


def _offered_row(offered: Offered) -> str:
    again = "true" if offered.distinguishing_facts else "false"
    return f"({text_literal(offered.benefit)}, {offered.bit}::bigint, {again})"


def _count_by_benefit(cursor: Any, before: MatchRun | None) -> dict[str, dict[str, int]]:
    """Per benefit how many are entitled, cannot be told, and gained or lost it since the last run."""
    # Hardly any two masks differ: few groups stand for everybody.
    cursor.execute(_COUNT_MASKS)
    groups = cursor.fetchall()
    counts = {}
    counts_before = before.counts if before else {}
    for benefit, place in BITS.items():
        bit = 1 << place
        gained = sum(people for now, was, _, _, people in groups if bit & now & ~was)
        lost = sum(people for now, was, _, _, people in groups if bit & was & ~now)
        open_now = sum(people for _, _, now, _, people in groups if bit & now)
        open_before = sum(people for _, _, _, was, people in groups if bit & was)
        more_open = open_now - open_before
        was = counts_before.get(benefit, {"eligible": 0, "undetermined": 0})
        counts[benefit] = {
            "eligible": was["eligible"] + gained - lost,
            "undetermined": was["undetermined"] + more_open,
            "gained": gained,
            "lost": lost,
        }
    return counts
