"""Lists of the selection: drawn up from the recommended nominees, frozen with everything they rest on,
derived again years later.

A list keeps the facts of each nominee, the scheme, the places, the rule and the figures of the law. `verify`
computes conditions, scores, order and digest from these alone, and says every difference.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal import audit, locks
from portal.cases.actions import NotNow
from portal.policy.engine import RuleSet
from portal.policy.law import DayLaw, Figure, law_on
from portal.policy.replay import parse
from portal.policy.rules import digest_of
from portal.policy.sets import Relation, condition_masks
from talent_registry.models import (
    Exclusion,
    ListedNominee,
    Nomination,
    QuotaKind,
    RegistryEntry,
    SelectionList,
    SelectionRound,
)
from talent_registry.selection.assessment import assessed, law_used, nomination_rule
from talent_registry.selection.explain import WORDS_OF_MOVES, facts_that_differ
from talent_registry.selection.ranking import Candidate, Placed, Reason, draw, rank
from talent_registry.selection.register import codes_of_today
from talent_registry.selection.scheme import Scheme, read
from talent_registry.selection.scoring import Facts, parts
from talent_registry.selection.workflow import NominationState, RoundState

_LIVE = (RoundState.RECOMMENDATION, RoundState.RANKED)
# Beside the facts of `Facts`: what the conditions came to, and whether an objection took the nominee out.
_OUTCOME = ("outcome", "failed", "unknown")


def draw_up(
    round_: SelectionRound, *, by: Any, on: date, reason: str, refresh: Collection[int] | None = None
) -> SelectionList:
    """Rank the recommended nominees within the quotas and keep the list as the next version. Part of a
    caller's action.

    Before the round is frozen everybody's facts are read from the register as of the round's day. After that
    they are those of the version before, except of the nominations in `refresh`, which are read again;
    whoever has an `Exclusion` by now is out. The caller checks the permission, moves the round and sets
    `standing_list`. Raises `NotNow` when nobody is recommended.
    """
    with transaction.atomic():
        locks.hold(f"selection {round_.pk} list")
        state = SelectionRound.objects.values_list("case__state", flat=True).get(pk=round_.pk)
        previous = latest(round_)
        nominations = recommended(round_)
        if not nominations:
            raise NotNow(f"{round_}没有已推荐的人选，不能形成名单。")
        if previous is None or state in _LIVE:
            kept, made_of = {}, _made_of_today(round_)
        else:
            kept = {
                one.nomination_id: one
                for one in previous.nominees.all()
                if one.nomination_id not in set(refresh or ())
            }
            made_of = _made_of_list(previous)
        rows = _from_register(round_, [one for one in nominations if one.pk not in kept], made_of)
        excluded = set(
            Exclusion.objects.filter(nomination__round=round_).values_list("nomination_id", flat=True)
        )
        entrants = []
        for one in nominations:
            entrant = (
                _copied(kept[one.pk])
                if one.pk in kept
                else _entrant(round_, one, rows[one.pk], made_of["scheme"])
            )
            entrant.nomination, entrant.facts = one, {**entrant.facts, "excluded": one.pk in excluded}
            entrants.append(entrant)
        made = SelectionList(
            round=round_,
            version=previous.version + 1 if previous else 1,
            by=by,
            reason=reason.strip(),
            as_of=round_.as_of,
            scheme=made_of["scheme"].data(),
            places=round_.places,
            quotas=made_of["quotas"],
            rule_version=made_of["version"],
            law=made_of["law"],
        )
        nominees = _ranked(made, entrants)
        made.digest = digest_of_list(round_.year, made, nominees)
        made.moved = moved(list(previous.nominees.all()) if previous else [], nominees)
        made.save(force_insert=True)
        for nominee in nominees:
            nominee.list = made
        ListedNominee.objects.bulk_create(nominees, batch_size=1000)
        audit.record(
            "selection.draw_up",
            by=by,
            obj=made,
            region=round_.case.region_id,
            detail={
                "year": round_.year,
                "version": made.version,
                "digest": made.digest,
                "on": on.isoformat(),
                "moved": len(made.moved),
            },
        )
    return made


def recommended(round_: SelectionRound) -> list[Nomination]:
    """The nominations that are ranked: recommended ones, also after the result was decided."""
    listed = ListedNominee.objects.filter(list__round=round_).values("nomination")
    # Whom their league did not recommend ends as not selected too, and was on no list.
    ranked = Q(case__state__in=[NominationState.RECOMMENDED, NominationState.SELECTED])
    found = Nomination.objects.filter(
        ranked | Q(case__state=NominationState.NOT_SELECTED, pk__in=listed), round=round_
    )
    return list(
        found.select_related("case", "worker").defer("worker__id_number", "worker__phone").order_by("pk")
    )


def latest(round_: SelectionRound) -> SelectionList | None:
    return round_.lists.select_related("rule_version").order_by("-version").first()


def preview(
    round_: SelectionRound,
    nominations: Iterable[Nomination],
    quotas: Mapping[str, Mapping[str, int]] | None = None,
) -> list[Placed]:
    """How these nominations would be ranked as things stand now; nothing is kept. `Placed.candidate.key` is
    the nomination.
    """
    chosen = list(nominations)
    made_of = _made_of_today(round_)
    limits = made_of["quotas"] if quotas is None else quotas
    rows = _from_register(round_, chosen, made_of)
    candidates = [_candidate(one, _entrant(round_, one, rows[one.pk], made_of["scheme"])) for one in chosen]
    return rank(
        candidates, places=round_.places, leagues=limits.get("league"), industries=limits.get("industry")
    )


# -- what a list is made of ----------------------------------------------------------------------------------


def _made_of_today(round_: SelectionRound) -> dict[str, Any]:
    rules, rule, version = nomination_rule()
    law = law_on(round_.as_of)
    quotas: dict[str, dict[str, int]] = {"league": {}, "industry": {}}
    for kind, key, places in round_.quotas.order_by("kind", "key").values_list("kind", "key", "places"):
        if kind != QuotaKind.RECOMMENDATION:
            quotas[kind][key] = places
    return {
        "scheme": read(round_.scheme),
        "quotas": quotas,
        "rules": rules,
        "version": version,
        "day": law,
        "law": law_used(rules, rule, law),
    }


def _made_of_list(made: SelectionList) -> dict[str, Any]:
    rules = RuleSet([parse(made.rule_version.definition)])
    law = DayLaw(made.as_of, {code: Figure(**figure) for code, figure in made.law.items()})
    return {
        "scheme": read(made.scheme),
        "quotas": made.quotas,
        "rules": rules,
        "version": made.rule_version,
        "day": law,
        "law": made.law,
    }


def _from_register(
    round_: SelectionRound, nominations: Sequence[Nomination], made_of: dict[str, Any] | None = None
) -> dict[int, dict[str, Any]]:
    """Facts and conditions of the nominees as the register has them, as of the round's day, by nomination."""
    made_of = made_of or _made_of_today(round_)
    of_worker = {one.worker_id: one.pk for one in nominations}
    if not of_worker:
        return {}
    codes = codes_of_today()
    said = assessed(round_, made_of["scheme"], made_of["rules"], made_of["day"], codes, list(of_worker))
    return {
        of_worker[row["worker_id"]]: {
            **Facts.read(codes.named(row)).data(),
            **{name: row[name] for name in _OUTCOME},
        }
        for row in said.rows()
    }


def _entrant(
    round_: SelectionRound, nomination: Nomination, facts: dict[str, Any], scheme: Scheme
) -> ListedNominee:
    """Not yet placed."""
    worth = parts(Facts.read(facts), scheme, nomination.panel_score)
    return ListedNominee(
        nomination=nomination,
        league_code=nomination.case.league_code,
        industry=nomination.industry,
        facts=facts,
        parts=worth,
        score=sum(worth.values()),
        draw=draw(round_.year, bytes(nomination.worker.id_digest)),
    )


def _copied(one: ListedNominee) -> ListedNominee:
    """As it was frozen, not yet placed."""
    return ListedNominee(
        league_code=one.league_code,
        industry=one.industry,
        facts=one.facts,
        parts=one.parts,
        score=one.score,
        draw=one.draw,
    )


def _candidate(key: Any, one: ListedNominee) -> Candidate:
    return Candidate(
        key=key,
        league=one.league_code,
        industry=one.industry,
        parts=one.parts,
        draw=one.draw,
        eligible=one.facts["outcome"] == "eligible",
        on_registry=one.facts["on_registry"],
        excluded=one.facts.get("excluded", False),
    )


def _ranked(made: SelectionList, entrants: Iterable[ListedNominee]) -> list[ListedNominee]:
    """The entrants with place, outcome and reason, in order."""
    placed = rank(
        [_candidate(one, one) for one in entrants],
        places=made.places,
        leagues=made.quotas["league"],
        industries=made.quotas["industry"],
    )
    nominees = []
    for found in placed:
        one: ListedNominee = found.candidate.key
        one.position, one.selected, one.reason, one.detail = (
            found.position,
            found.selected,
            found.reason.value,
            found.detail,
        )
        nominees.append(one)
    return nominees


def digest_of_list(year: int, made: SelectionList, nominees: Iterable[ListedNominee]) -> str:
    """SHA-256 over canonical JSON: numbers and codes, never names, labels, or the number of the version."""
    return digest_of(
        {
            "year": year,
            "scheme": read(made.scheme).digest(),
            "places": made.places,
            "quotas": made.quotas,
            "as_of": made.as_of.isoformat(),
            "rule": made.rule_version.digest,
            "law": {code: figure["value"] for code, figure in made.law.items()},
            "nominees": [
                [
                    one.position,
                    one.nomination.case.number,
                    one.league_code,
                    one.industry,
                    one.facts,
                    one.parts,
                    one.score,
                    one.draw,
                    one.selected,
                    one.reason,
                ]
                for one in sorted(nominees, key=lambda one: one.position)
            ],
        }
    )


def _word(one: ListedNominee) -> str:
    return "excluded" if one.reason == Reason.EXCLUDED else "selected" if one.selected else "not_selected"


def moved(previous: Iterable[ListedNominee], new: Iterable[ListedNominee]) -> list[dict[str, Any]]:
    """Who is in, out or excluded otherwise than before, in the order of the new list. Nothing moved against
    no list.
    """
    before = {one.nomination_id: _word(one) for one in previous}
    return [
        {"nomination": one.nomination_id, "from": before[one.nomination_id], "to": _word(one)}
        for one in sorted(new, key=lambda one: one.position)
        if one.nomination_id in before and before[one.nomination_id] != _word(one)
    ]


# -- derived again -------------------------------------------------------------------------------------------


def verify(round_: SelectionRound) -> list[str]:
    """Every list of the round computed again from what it froze: all differences in words, none when
    identical.
    """
    said: list[str] = []
    before: list[ListedNominee] = []
    for made in round_.lists.select_related("rule_version").order_by("version"):
        stored = list(made.nominees.select_related("nomination__case").order_by("position"))
        said += [f"第{made.version}版：{text}" for text in _differences(round_.year, made, before, stored)]
        before = stored
    said += _published_otherwise(round_, before)
    return said


def _differences(
    year: int, made: SelectionList, before: list[ListedNominee], stored: list[ListedNominee]
) -> list[str]:
    said = []
    made_of = _made_of_list(made)
    scheme = made_of["scheme"]
    if made.rule_version.digest != made_of["rules"].rules[0].digest:
        said.append("规则版本的内容与其摘要不一致")
    conditions = _conditions_again(made_of, {one.nomination_id: one.facts for one in stored})
    entrants = []
    for one in stored:
        number = one.nomination.case.number
        facts = {**one.facts, **conditions[one.nomination_id]}
        if facts != one.facts:
            said.append(f"{number}的条件重新计算后不同")
        worth = parts(Facts.read(facts), scheme, one.parts["panel"])
        if worth != one.parts or sum(worth.values()) != one.score:
            said.append(f"{number}的得分重新计算后不同")
        entrants.append(
            ListedNominee(
                nomination=one.nomination,
                league_code=one.league_code,
                industry=one.industry,
                facts=facts,
                parts=worth,
                score=sum(worth.values()),
                draw=one.draw,
            )
        )
    again = _ranked(made, entrants)
    by_nomination = {one.nomination_id: one for one in again}
    for one in stored:
        other = by_nomination[one.nomination_id]
        if (one.position, one.selected, one.reason, one.detail) != (
            other.position,
            other.selected,
            other.reason,
            other.detail,
        ):
            said.append(f"{one.nomination.case.number}的位次或结果重新计算后不同")
    if (digest := digest_of_list(year, made, again)) != made.digest:
        said.append(f"摘要重新计算为{digest}，保存的是{made.digest}")
    if made.moved != moved(before, again):
        said.append("与上一版的变动重新计算后不同")
    return said


def _conditions_again(
    made_of: dict[str, Any], facts: Mapping[int, Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """The conditions by the frozen rule and figures over frozen facts alone."""
    rows = [
        {"worker_id": key, "skill_level": one["skill_level"], "on_front_line": one["on_front_line"]}
        for key, one in facts.items()
    ]
    sql = "SELECT * FROM jsonb_to_recordset(%s::jsonb) AS frozen(worker_id bigint, skill_level smallint, on_front_line boolean)"
    said = condition_masks(
        made_of["rules"], Relation(sql, (json.dumps(rows),)), made_of["day"], ["worker_id"]
    )
    return {row["worker_id"]: {name: row[name] for name in _OUTCOME} for row in said.rows()}


def _published_otherwise(round_: SelectionRound, standing: list[ListedNominee]) -> list[str]:
    """What went out under the round's name and is not the standing list: the digest on the notice, entries of
    the registry.
    """
    said = []
    newest = latest(round_)
    if round_.standing_list_id is not None and newest is not None:
        if round_.standing_list_id != newest.pk:
            said.append(f"现行名单不是最新的第{newest.version}版")
        version = round_.notice.versions.order_by("-position").first() if round_.notice else None
        if version is not None and version.digest != newest.digest:
            said.append(f"公示的摘要{version.digest}与现行名单的{newest.digest}不一致")
    if round_.state in (RoundState.PUBLISHED, RoundState.CLOSED):
        selected = {one.nomination_id: one for one in standing if one.selected}
        entered = set(round_.entries.values_list("case_id", flat=True))
        # Who came onto the registry by an honour between the freeze and the publication has that entry, and
        # no second one.
        otherwise = set(
            RegistryEntry.objects.filter(worker__nominations__in=selected.keys() - entered).values_list(
                "worker_id", flat=True
            )
        )
        said += [
            f"{one.nomination.case.number}入选但名录中没有"
            for pk, one in selected.items()
            if pk not in entered and one.nomination.worker_id not in otherwise
        ]
        said += [f"名录中有未入选的申报（{pk}）" for pk in sorted(entered - selected.keys())]
    return said


def stale(round_: SelectionRound) -> list[str]:
    """Before the freeze: nominees whose facts in the register, panel score or standing differ by now from
    those of the newest list.
    """
    made = latest(round_)
    if made is None:
        return ["尚未排序"]
    stored = {
        one.nomination_id: one
        for one in made.nominees.select_related("nomination__case", "nomination__worker")
    }
    nominations = recommended(round_)
    live = _from_register(round_, nominations)
    said = []
    for one in nominations:
        listed = stored.pop(one.pk, None)
        if listed is None:
            said.append(f"{one.case.number}（{one.worker.name}）推荐后尚未参加排序")
            continue
        differ = facts_that_differ(listed.facts, live[one.pk])
        if (
            listed.parts["panel"]
            != parts(Facts.read(live[one.pk]), read(made.scheme), one.panel_score)["panel"]
        ):
            differ.append("专家评审得分")
        if listed.industry != one.industry or listed.league_code != one.case.league_code:
            differ.append("所属盟市或行业")
        if differ:
            said.append(f"{one.case.number}（{one.worker.name}）的{'、'.join(differ)}在排序后有变动")
    said += [
        f"{one.nomination.case.number}（{one.nomination.worker.name}）已不在推荐之列"
        for one in stored.values()
    ]
    return said


def moves_said(made: SelectionList) -> list[str]:
    """What moved against the version before, in words, one sentence a person."""
    people = {
        pk: f"{name}（{number}）"
        for pk, name, number in made.nominees.values_list(
            "nomination_id", "nomination__worker__name", "nomination__case__number"
        )
    }
    return [
        f"{people[one['nomination']]}：{WORDS_OF_MOVES[one['from']]}→{WORDS_OF_MOVES[one['to']]}"
        for one in made.moved
    ]


__all__ = ["draw_up", "latest", "moved", "moves_said", "preview", "recommended", "stale", "verify"]
