"""Why somebody is in or out, in the words of the office: for pages, letters and the worker's own view.

Whoever explains many people reads the names once (`Words.read`) and hands them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from portal.policy.replay import parse
from portal.regions.models import Region
from talent_registry.models import Assessment, Industry, ListedNominee, Nomination, SelectionList
from talent_registry.selection.assessment import breakdown, conditions_of, explained_conditions, honour_names
from talent_registry.selection.list_basis import frozen_law
from talent_registry.selection.ranking import TIE_BREAK, Reason
from talent_registry.selection.scheme import points_text, read
from talent_registry.selection.scoring import Facts, Part
from talent_registry.selection.scoring import breakdown as parts_of
from talent_registry.selection.workflow import NominationState

WORDS_OF_REASONS: dict[str, str] = {
    Reason.SELECTED: "入选",
    Reason.PLACES_FULL: "全区名额已满",
    Reason.LEAGUE_FULL: "盟市名额已满",
    Reason.INDUSTRY_FULL: "行业名额已满",
    Reason.EXCLUDED: "取消资格",
    Reason.ON_REGISTRY: "已在名录",
    Reason.NOT_ELIGIBLE: "不符合条件",
}
WORDS_OF_MOVES: dict[str, str] = {"selected": "入选", "not_selected": "未入选", "excluded": "取消资格"}
_WORDS_OF_FACTS = {
    "skill_level": "技能等级",
    "on_front_line": "一线岗位",
    "front_line_tenths": "一线年限",
    "honours": "荣誉",
    "achievements": "业绩和贡献",
    "on_registry": "名录状态",
    "outcome": "遴选条件",
}


@dataclass(frozen=True)
class Words:
    """Names that sentences need: leagues by code, kinds of honours by code."""

    leagues: Mapping[str, str]
    honours: Mapping[str, str]

    @classmethod
    def read(cls) -> Words:
        leagues = dict(Region.objects.leagues().values_list("code", "name"))
        return cls(leagues, honour_names())


@dataclass(frozen=True)
class Explanation:
    """Why a nominee is in or out. `position` and `of` are empty for those who were not ranked; points are
    hundredths.
    """

    selected: bool
    sentence: str
    score: int
    parts: list[Part]
    conditions: list[dict[str, Any]]
    position: int | None = None
    of: int | None = None
    tie_break: str = field(default=TIE_BREAK)

    @property
    def score_text(self) -> str:
        return points_text(self.score)


def facts_that_differ(frozen: Mapping[str, Any], live: Mapping[str, Any]) -> list[str]:
    """Which of the frozen facts the register gives otherwise by now, in words."""
    return [word for name, word in _WORDS_OF_FACTS.items() if frozen.get(name) != live.get(name)]


def moves_in_words(selection_list: SelectionList, seen: QuerySet[ListedNominee]) -> list[str]:
    """What moved against the version before, one sentence for each person of those `seen`."""
    rows = seen.values_list(
        "nomination_id",
        "nomination__worker__name",
        "nomination__case__number",
    )
    people = {nomination_id: f"{name}（{number}）" for nomination_id, name, number in rows}
    sentences = []
    for move in selection_list.moved:
        if move["nomination"] not in people:
            continue
        before = WORDS_OF_MOVES[move["from"]]
        after = WORDS_OF_MOVES[move["to"]]
        sentences.append(f"{people[move['nomination']]}：{before}→{after}")
    return sentences


# -- one nominee of a list -----------------------------------------------------------------------------------


def reason_word(listed: ListedNominee) -> str:
    """The outcome in a column of a list."""
    return WORDS_OF_REASONS[listed.reason]


def reason_sentence(
    listed: ListedNominee, *, words: Words, conditions: list[dict[str, Any]] | None = None
) -> str:
    """Why in or out, in one or two sentences, with the quota that decided and the last total that got in."""
    if listed.reason == Reason.SELECTED:
        total = points_text(listed.score)
        return f"总分{total}分，列第{listed.position}位，在入选名额以内，入选。"
    if listed.reason == Reason.EXCLUDED:
        reason = listed.nomination.exclusion.reason.rstrip("。")
        return f"经查实的异议成立，已取消遴选资格，不参加排序：{reason}。"
    if listed.reason == Reason.ON_REGISTRY:
        return "已在高技能领军人才名录中，不占用遴选名额，不再参加排序。"
    if listed.reason == Reason.NOT_ELIGIBLE:
        return _not_eligible_sentence(conditions or [])
    return _quota_full_sentence(listed, words)


def _not_eligible_sentence(conditions: list[dict[str, Any]]) -> str:
    unmet = [
        f"{condition['label']}（{condition['clause']}）"
        for condition in conditions
        if condition["holds"] is not True
    ]
    which = f"：{'、'.join(unmet)}" if unmet else ""
    return f"排序时不符合遴选条件{which}，不参加排序。"


def _quota_full_sentence(listed: ListedNominee, words: Words) -> str:
    total = points_text(listed.score)
    quota = quota_name(listed.detail["quota"], listed.detail["key"], words=words)
    full = f"{quota}{listed.detail['places']}名已用完"
    last_total = listed.detail["last_total"]
    if last_total is not None:
        full += f"，其中最后一名入选人员总分{points_text(last_total)}分"
    return f"总分{total}分，列第{listed.position}位。{full}，未入选。"


def quota_name(quota: str, key: str, *, words: Words) -> str:
    """A quota of `ranking.rank` in words."""
    if quota == "league":
        return f"{words.leagues.get(key, key)}的入选名额"
    if quota == "industry":
        return f"{Industry(key).label}的入选名额"
    return "全区入选名额"


def conditions_of_listed(listed: ListedNominee, selection_list: SelectionList) -> list[dict[str, Any]]:
    """The conditions by the list's own rule and figures, as components/conditions.html shows them."""
    version = selection_list.rule_version
    conditions = conditions_of(parse(version.definition), version, frozen_law(selection_list))
    return explained_conditions(
        conditions,
        listed.facts["failed"],
        listed.facts["unknown"],
        Facts.read(listed.facts),
    )


def parts_of_listed(listed: ListedNominee, selection_list: SelectionList, *, words: Words) -> list[Part]:
    """How the total adds up, from the frozen facts and the list's scheme."""
    scheme = read(selection_list.scheme)
    return parts_of(Facts.read(listed.facts), scheme, words.honours, listed.parts["panel"])


def explain_listed(
    listed: ListedNominee, selection_list: SelectionList, *, of: int, words: Words
) -> Explanation:
    """Why one nominee of a list is in or out; `of` is how many the list has."""
    conditions = conditions_of_listed(listed, selection_list)
    return Explanation(
        selected=listed.selected,
        sentence=reason_sentence(listed, words=words, conditions=conditions),
        score=listed.score,
        parts=parts_of_listed(listed, selection_list, words=words),
        conditions=conditions,
        position=listed.position,
        of=of,
    )


# -- one nomination ------------------------------------------------------------------------------------------


def explain(nomination: Nomination, *, words: Words | None = None) -> Explanation | None:
    """What came of a nomination by the list in force of its round.

    None while there is no such list, or when the nomination did not get so far. Whom the league did not
    recommend learns the league's reason, and the score of the register without the panel's.
    """
    list_in_force = nomination.round.standing_list
    if list_in_force is None:
        return None
    words = words or Words.read()
    nominees = list_in_force.nominees.select_related("nomination__exclusion")
    listed = nominees.filter(nomination=nomination).first()
    if listed is not None:
        return explain_listed(listed, list_in_force, of=list_in_force.nominees.count(), words=words)
    if nomination.case.state in (NominationState.NOT_RECOMMENDED, NominationState.NOT_SELECTED):
        return _explain_not_recommended(nomination, words)
    return None


def _explain_not_recommended(nomination: Nomination, words: Words) -> Explanation:
    sentence = not_recommended_sentence(nomination, words=words)
    assessments = Assessment.objects.select_related("run").filter(round=nomination.round)
    assessment = assessments.filter(worker=nomination.worker).first()
    if assessment is None:
        return Explanation(selected=False, sentence=sentence, score=0, parts=[], conditions=[])
    of_register = breakdown(assessment, words.honours)
    return Explanation(
        selected=False,
        sentence=sentence,
        score=of_register.score,
        parts=of_register.parts,
        conditions=of_register.conditions,
    )


def not_recommended_sentence(nomination: Nomination, *, words: Words) -> str:
    """The league's reason, as it was written down when the nomination was passed over."""
    passed_over = nomination.case.events.filter(action="pass_over").order_by("-position").first()
    league = words.leagues.get(nomination.case.league_code, "所在盟市")
    reason = ""
    if passed_over and passed_over.reason:
        reason = f"：{passed_over.reason.rstrip('。')}"
    return f"{league}未推荐参加全区排序{reason}。"
