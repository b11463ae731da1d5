"""Lists derived again from what they froze, and compared with what was published and what the register says.

`verify` computes conditions, scores, order and digest from a list's own facts, scheme, places, rule and
figures alone, and names every difference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from portal.policy.sets import Relation, condition_masks
from talent_registry.models import (
    ListedNominee,
    Nomination,
    RegistryEntry,
    SelectionList,
    SelectionRound,
)
from talent_registry.selection.explain import facts_that_differ
from talent_registry.selection.list_basis import OUTCOME_FACTS, ListBasis, facts_from_register
from talent_registry.selection.listing import (
    digest_of_list,
    in_ranked_order,
    latest,
    moves_between,
    recommended,
)
from talent_registry.selection.scheme import read
from talent_registry.selection.scoring import Facts, parts
from talent_registry.selection.workflow import RoundState

_FROZEN_FACTS = """
SELECT * FROM jsonb_to_recordset(%s::jsonb)
    AS frozen(worker_id bigint, skill_level smallint, on_front_line boolean)
"""


def verify(round_: SelectionRound) -> list[str]:
    """Every list of the round computed again: all differences in words, none when identical."""
    differences: list[str] = []
    previous: list[ListedNominee] = []
    for selection_list in round_.lists.select_related("rule_version").order_by("version"):
        rows = selection_list.nominees.select_related("nomination__case")
        stored = list(rows.order_by("position"))
        for difference in _differences(round_.year, selection_list, previous, stored):
            differences.append(f"第{selection_list.version}版：{difference}")
        previous = stored
    return differences + _published_otherwise(round_, previous)


def _differences(
    year: int,
    selection_list: SelectionList,
    previous: list[ListedNominee],
    stored: list[ListedNominee],
) -> list[str]:
    """What comes out otherwise when one list is computed again."""
    basis = ListBasis.of_list(selection_list)
    differences = []
    if selection_list.rule_version.digest != basis.rules.rules[0].digest:
        differences.append("规则版本的内容与其摘要不一致")
    entrants = []
    conditions = _conditions_again(basis, stored)
    for listed in stored:
        entrant = _scored_again(listed, conditions[listed.nomination_id], basis)
        differences += _differences_of_nominee(listed, entrant)
        entrants.append(entrant)
    ranked_again = in_ranked_order(selection_list, entrants)
    differences += _differences_of_order(stored, ranked_again)
    digest = digest_of_list(year, selection_list, ranked_again)
    if digest != selection_list.digest:
        differences.append(f"摘要重新计算为{digest}，保存的是{selection_list.digest}")
    if selection_list.moved != moves_between(previous, ranked_again):
        differences.append("与上一版的变动重新计算后不同")
    return differences


def _conditions_again(basis: ListBasis, stored: Sequence[ListedNominee]) -> dict[int, dict[str, Any]]:
    """The conditions by the frozen rule and figures over frozen facts alone, by nomination."""
    frozen = []
    for listed in stored:
        frozen.append(
            {
                "worker_id": listed.nomination_id,
                "skill_level": listed.facts["skill_level"],
                "on_front_line": listed.facts["on_front_line"],
            }
        )
    relation = Relation(_FROZEN_FACTS, (json.dumps(frozen),))
    masks = condition_masks(basis.rules, relation, basis.law, ["worker_id"])
    conditions = {}
    for row in masks.rows():
        conditions[row["worker_id"]] = {name: row[name] for name in OUTCOME_FACTS}
    return conditions


def _scored_again(listed: ListedNominee, conditions: Mapping[str, Any], basis: ListBasis) -> ListedNominee:
    """A nominee from frozen facts with conditions and score computed again, not yet placed."""
    facts = {**listed.facts, **conditions}
    points = parts(Facts.read(facts), basis.scheme, listed.parts["panel"])
    return ListedNominee(
        nomination=listed.nomination,
        league_code=listed.league_code,
        industry=listed.industry,
        facts=facts,
        parts=points,
        score=sum(points.values()),
        draw=listed.draw,
    )


def _differences_of_nominee(listed: ListedNominee, again: ListedNominee) -> list[str]:
    number = listed.nomination.case.number
    differences = []
    if again.facts != listed.facts:
        differences.append(f"{number}的条件重新计算后不同")
    if again.parts != listed.parts or again.score != listed.score:
        differences.append(f"{number}的得分重新计算后不同")
    return differences


def _differences_of_order(
    stored: Sequence[ListedNominee], ranked_again: Sequence[ListedNominee]
) -> list[str]:
    again_by_nomination = {nominee.nomination_id: nominee for nominee in ranked_again}
    differences = []
    for listed in stored:
        again = again_by_nomination[listed.nomination_id]
        if _place(again) != _place(listed):
            differences.append(f"{listed.nomination.case.number}的位次或结果重新计算后不同")
    return differences


def _place(nominee: ListedNominee) -> tuple[int, bool, str, dict[str, Any]]:
    return nominee.position, nominee.selected, nominee.reason, nominee.detail


# -- what went out under the round's name --------------------------------------------------------------------


def _published_otherwise(round_: SelectionRound, newest_nominees: Sequence[ListedNominee]) -> list[str]:
    """Where notice or registry differ from the list in force."""
    differences = []
    newest = latest(round_)
    if round_.standing_list_id is not None and newest is not None:
        differences += _notice_differs(round_, newest)
    if round_.state in (RoundState.PUBLISHED, RoundState.CLOSED):
        differences += _registry_differs(round_, newest_nominees)
    return differences


def _notice_differs(round_: SelectionRound, newest: SelectionList) -> list[str]:
    differences = []
    if round_.standing_list_id != newest.pk:
        differences.append(f"现行名单不是最新的第{newest.version}版")
    notice = round_.notice
    shown = notice.versions.order_by("-position").first() if notice else None
    if shown is not None and shown.digest != newest.digest:
        differences.append(f"公示的摘要{shown.digest}与现行名单的{newest.digest}不一致")
    return differences


def _registry_differs(round_: SelectionRound, nominees: Sequence[ListedNominee]) -> list[str]:
    selected = {nominee.nomination_id: nominee for nominee in nominees if nominee.selected}
    entered = set(round_.entries.values_list("case_id", flat=True))
    # Who came onto the registry by an honour between the freeze and the publication has that entry, and no
    # second one.
    entries = RegistryEntry.objects.filter(worker__nominations__in=selected.keys() - entered)
    entered_otherwise = set(entries.values_list("worker_id", flat=True))
    differences = []
    for nomination_id, nominee in selected.items():
        if nomination_id in entered or nominee.nomination.worker_id in entered_otherwise:
            continue
        differences.append(f"{nominee.nomination.case.number}入选但名录中没有")
    for nomination_id in sorted(entered - selected.keys()):
        differences.append(f"名录中有未入选的申报（{nomination_id}）")
    return differences


# -- what has changed in the register ------------------------------------------------------------------------


def stale(round_: SelectionRound) -> list[str]:
    """Before the freeze: nominees of whom facts, panel score or place differ by now from the newest list."""
    newest = latest(round_)
    if newest is None:
        return ["尚未排序"]
    rows = newest.nominees.select_related("nomination__case", "nomination__worker")
    listed_by_nomination = {listed.nomination_id: listed for listed in rows}
    nominations = recommended(round_)
    live = facts_from_register(round_, nominations, ListBasis.of_today(round_))
    scheme = read(newest.scheme)
    problems = []
    for nomination in nominations:
        listed = listed_by_nomination.pop(nomination.pk, None)
        if listed is None:
            problems.append(f"{_named(nomination)}推荐后尚未参加排序")
            continue
        changed = facts_that_differ(listed.facts, live[nomination.pk])
        points = parts(Facts.read(live[nomination.pk]), scheme, nomination.panel_score)
        if listed.parts["panel"] != points["panel"]:
            changed.append("专家评审得分")
        if listed.industry != nomination.industry or listed.league_code != nomination.case.league_code:
            changed.append("所属盟市或行业")
        if changed:
            problems.append(f"{_named(nomination)}的{'、'.join(changed)}在排序后有变动")
    for listed in listed_by_nomination.values():
        problems.append(f"{_named(listed.nomination)}已不在推荐之列")
    return problems


def _named(nomination: Nomination) -> str:
    return f"{nomination.case.number}（{nomination.worker.name}）"
