"""A list of payments decided by the rules: each row under the law of its own day, by the facts that are recorded.

Set-based: the payments of one day are one statement. A payment never counts as earlier than itself, also when it is
recorded already; the payments of the list before it do.
"""

# ruff: noqa: S608 - text is put together from a relation and whole numbers
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.accounts.access import WHOLE_REGION, Scope
from portal.entitlements.wording import citation_of, fact_label
from portal.policy.answer_frames import answer_frame
from portal.policy.compile import quoted
from portal.policy.engine import RuleSet, clause_of, current_rules
from portal.policy.explain import Verdict, find_missing, wording_of
from portal.policy.law import DayLaw, law_on
from portal.policy.models import Parameter
from portal.policy.rules import Need, Tree
from portal.policy.sets import Relation, Statement, conditions_present, from_clause
from portal.workforce import coverage
from portal.workforce.facts import CERTIFICATE_KEY, Earlier, relation
from portal.workforce.models import SkillLevel
from subsidies.schemes import SCHEMES, TECHNICIAN, Scheme
from subsidies.trials import staging
from subsidies.trials.paid_list import Paid
from subsidies.trials.result import Decided, Outcome, Reason
from subsidies.trials.staging import Found

NOT_REGISTERED = Reason("没有登记此人", "人员档案")
ELSEWHERE = Reason("不在您负责的地区")
NO_CERTIFICATE = Reason("没有登记这本证书", "人员档案的技能证书")
OTHER_NAME = Reason("姓名与登记不一致", "人员档案")
OTHER_CERTIFICATE = Reason("证书与登记不一致", "人员档案的技能证书")
_OF_EARLIER_CLAIMS = frozenset(coverage.columns())
_EXTRACT = "以往补贴登记摘录"


@dataclass(frozen=True)
class Asked:
    """What a trial is about: a place (of the whole region or a part), by which facts, and of which funds the list holds
    all that was paid in its years.
    """

    place: str = WHOLE_REGION
    verified: bool = False
    complete: tuple[str, ...] = ()

    @property
    def where(self) -> Scope:
        if self.place == WHOLE_REGION:
            return Scope(whole=True)
        if self.place.endswith("00"):
            return Scope(leagues=frozenset([self.place]))
        return Scope(banners=frozenset([self.place]))


def decide(paid: Sequence[Paid], asked: Asked, progress: Callable[[int], None]) -> dict[int, Decided]:
    """What comes of each row, by its line. `progress` is told how many are decided, and may raise to stop."""
    decided: dict[int, Decided] = {}
    with staging.staged(paid, asked.where):
        found = staging.found(verified=asked.verified)
        certificates = {}
        for row in paid:
            beside = found[row.line]
            unknown = _cannot_be_decided(row, beside)
            if unknown is None:
                assert beside.certificate_id is not None  # noqa: S101  else it cannot be decided
                certificates[row.line] = beside.certificate_id
            else:
                decided[row.line] = unknown
        staging.make_cases(certificates)
        _decide_cases(paid, asked, found, decided, progress)
    return decided


def _cannot_be_decided(row: Paid, beside: Found) -> Decided | None:
    """Why a row cannot be decided at all; nothing of somebody elsewhere is told."""
    if beside.worker_id is None:
        return Decided(Outcome.UNKNOWN, (NOT_REGISTERED,))
    if not beside.within:
        return Decided(Outcome.UNKNOWN, (ELSEWHERE,))

    def unknown(reason: Reason, said: str = "") -> Decided:
        return Decided(Outcome.UNKNOWN, (reason,), None, beside.worker_id, beside.place, said)

    if row.name and row.name != beside.name:
        return unknown(OTHER_NAME)
    if beside.certificate_id is None:
        return unknown(NO_CERTIFICATE)
    differences = _differences(row, beside)
    return unknown(OTHER_CERTIFICATE, "；".join(differences)) if differences else None


def _differences(row: Paid, beside: Found) -> list[str]:
    differences = []
    if not beside.same_occupation:
        differences.append("职业（工种）不同")
    if beside.level != row.level:
        differences.append(f"等级登记为{SkillLevel(beside.level).label}")  # type: ignore[arg-type]
    if row.issued_on and beside.issued_on and row.issued_on != beside.issued_on:
        differences.append(f"发证日期登记为{beside.issued_on}")
    return differences


def _decide_cases(
    paid: Sequence[Paid],
    asked: Asked,
    found: Mapping[int, Found],
    decided: dict[int, Decided],
    progress: Callable[[int], None],
) -> None:
    """Decide what is staged, the payments of a day at once."""
    rows = {row.line: row for row in paid}
    covered = _covered(asked, [row.claimed_on for row in paid])
    limits = _Limits()
    figures = dict(Parameter.objects.values_list("code", "label"))
    schemes = {scheme.earlier: scheme for scheme in SCHEMES.values()}
    for on, place, kind, lines, people, certificates in staging.groups():
        scheme = schemes[kind]
        law, rules = law_on(on), current_rules([scheme.benefit])
        sql = relation(
            on,
            workers=people,
            verified=asked.verified,
            each_certificate=True,
            earlier=Earlier(staging.claims_before(on, place), covered),
        )
        verdicts = _verdicts(rules, law, sql, certificates)
        for line, certificate in zip(lines, certificates, strict=True):
            came = _decided(rules, law, verdicts.get(certificate), rows[line].paid, figures)
            came = limits.applied(came, scheme, law, line)
            beside = found[line]
            decided[line] = Decided(came.outcome, came.reasons, came.amount, beside.worker_id, beside.place)
        progress(len(decided))


def _covered(asked: Asked, days: Iterable[date]) -> str:
    """Query of what the list itself covers: all that these funds paid, from the first of its years until its last day."""
    listed = sorted(days)
    if not asked.complete or not listed:
        return ""
    held = f"daterange(DATE '{listed[0].year}-01-01', DATE '{listed[-1]}', '[]')"
    parts = [
        f"SELECT '{asked.place}', '{fund}', {held}, 'infinity'::timestamptz"
        for fund in sorted(asked.complete)
    ]
    return " UNION ALL ".join(parts)


def _verdicts(rules: RuleSet, law: DayLaw, sql: str, certificates: Iterable[int]) -> dict[int, Verdict]:
    """What the rule says of each of these certificates that was issued by the day."""
    (rule,) = rules.rules
    needs = conditions_present(rule, law.on)
    columns = [f"facts.{CERTIFICATE_KEY}", f"{rules.verdict_sql(rule)} AS eligible"]
    columns.append(f"round({rules.result_sql(rule, 'amount')}, 2) AS amount")
    columns += [f"{rules.condition_sql(rule, need)} AS holds_{place}" for place, need in enumerate(needs)]
    columns += [f"facts.{quoted(fact)}" for fact in rules.facts]
    source = from_clause(rules, Relation(sql), law)
    listed = ",".join(str(int(number)) for number in certificates)
    statement = Statement(
        f"SELECT {', '.join(columns)} FROM {source.sql} WHERE facts.{CERTIFICATE_KEY} IN ({listed})",
        source.params,
    )
    verdicts = {}
    for row in statement.rows():
        holds = {need.code: row[f"holds_{place}"] for place, need in enumerate(needs)}
        amount = row["amount"] if row["eligible"] else None
        verdicts[row[CERTIFICATE_KEY]] = Verdict(rule, law, row, holds, row["eligible"], amount, {}, "")
    return verdicts


def _decided(
    rules: RuleSet, law: DayLaw, verdict: Verdict | None, paid: Decimal, figures: Mapping[str, str]
) -> Decided:
    (rule,) = rules.rules
    if verdict is None:
        clause = citation_of(rule.clause.data())
        return Decided(Outcome.REFUSES, (_unmet("证书在申领之日已经核发", clause),))
    if verdict.eligible is False:
        words = wording_of(rule.benefit)["conditions"]
        _, refusing = _refusing(rule.when, verdict.holds)
        reasons = [
            _unmet(words[need.code]["label"], citation_of(clause_of(rule, need, law))) for need in refusing
        ]
        return Decided(Outcome.REFUSES, tuple(dict.fromkeys(reasons)))
    if verdict.amount is not None:
        return Decided(Outcome.AGREES if verdict.amount == paid else Outcome.OTHERWISE, (), verdict.amount)
    facts, without_value = find_missing(verdict, answer_frame(rule, law))
    missing = [
        Reason(f"缺少：{fact_label(fact)}", _EXTRACT if fact in _OF_EARLIER_CLAIMS else "人员档案")
        for fact in facts
    ]
    missing += [Reason(f"没有标准：{figures.get(code, code)}", "标准尚未公布") for code in without_value]
    return Decided(Outcome.UNKNOWN, tuple(missing))


def _unmet(label: str, clause: str) -> Reason:
    return Reason(f"不符合：{label}", clause)


def _refusing(node: Need | Tree, holds: Mapping[str, bool | None]) -> tuple[bool | None, list[Need]]:
    """The value of a node, and the conditions that make it false: of alternatives all."""
    if isinstance(node, Need):
        return holds[node.code], [node]
    values: list[bool | None] = []
    refusing: list[Need] = []
    for part in node.parts:
        if not any(need.code in holds for need in part.needs()):  # absent on the day
            continue
        value, below = _refusing(part, holds)
        values.append(value)
        if value is False:
            refusing += below
    decisive = not node.every
    if decisive in values:
        return decisive, [] if decisive else refusing
    return (None if None in values else not decisive), refusing


class _Limits:
    """What is claimed once in the employment subsidy fund: not in its rule, but held by the keys of a claim
    (subsidies.keys).
    """

    def __init__(self) -> None:
        self._scheme = SCHEMES[TECHNICIAN]
        self._drawn = staging.drawn_before(self._scheme.earlier)

    def applied(self, came: Decided, scheme: Scheme, law: DayLaw, line: int) -> Decided:
        """The same, or refused by them."""
        if scheme is not self._scheme:
            return came
        certificate, level, in_year, in_life = self._drawn[line]
        most, drawn = scheme.places_on(law), in_year if scheme.yearly else in_life
        reasons = []
        if certificate:
            reasons.append(_unmet("同一证书只申领一次", self._clause(law)))
        if level:
            reasons.append(_unmet("同一职业（工种）同一等级只申领一次", self._clause(law)))
        if most is not None and drawn >= most:
            reasons.append(_unmet("申领次数未达上限", self._clause(law)))
        if not reasons:
            return came
        kept = came.reasons if came.outcome == Outcome.REFUSES else ()
        return Decided(Outcome.REFUSES, (*kept, *reasons))

    def _clause(self, law: DayLaw) -> str:
        figure = law.figures.get(self._scheme.places[0])
        if figure is None:
            return ""
        return citation_of({"document": figure.document, "number": figure.article or None})
