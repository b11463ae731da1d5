"""Why somebody is in or out, in the words of the office: for pages, letters and the worker's own view.

Whoever explains many people reads the names once (`Words.read`) and hands them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.policy.law import DayLaw, Figure
from portal.policy.replay import parse
from portal.regions.models import Region
from talent_registry.models import Assessment, Industry, ListedNominee, Nomination, SelectionList
from talent_registry.selection.assessment import breakdown, conditions_of, explained_conditions, honour_names
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
        return cls(dict(Region.objects.leagues().values_list("code", "name")), honour_names())


@dataclass(frozen=True)
class Explanation:
    """What a nominee is told. `position` and `of` are empty for those who were not ranked; points are
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


def reason_word(listed: ListedNominee) -> str:
    """The outcome in a column of a list."""
    return WORDS_OF_REASONS[listed.reason]


def reason_sentence(
    listed: ListedNominee, *, words: Words, conditions: list[dict[str, Any]] | None = None
) -> str:
    """Why in or out, in one or two sentences, with the quota that decided and the last total that got in."""
    total = points_text(listed.score)
    if listed.reason == Reason.SELECTED:
        return f"总分{total}分，列第{listed.position}位，在入选名额以内，入选。"
    if listed.reason == Reason.EXCLUDED:
        return f"经查实的异议成立，已取消遴选资格，不参加排序：{listed.nomination.exclusion.reason.rstrip('。')}。"
    if listed.reason == Reason.ON_REGISTRY:
        return "已在高技能领军人才名录中，不占用遴选名额，不再参加排序。"
    if listed.reason == Reason.NOT_ELIGIBLE:
        unmet = "、".join(
            f"{one['label']}（{one['clause']}）" for one in conditions or [] if one["holds"] is not True
        )
        return f"排序时不符合遴选条件{f'：{unmet}' if unmet else ''}，不参加排序。"
    quota = quota_said(listed.detail["quota"], listed.detail["key"], words=words)
    full = f"{quota}{listed.detail['places']}名已用完"
    last = listed.detail["last_total"]
    until = "" if last is None else f"，其中最后一名入选人员总分{points_text(last)}分"
    return f"总分{total}分，列第{listed.position}位。{full}{until}，未入选。"


def quota_said(quota: str, key: str, *, words: Words) -> str:
    """The name of a quota of `ranking.rank`."""
    if quota == "league":
        return f"{words.leagues.get(key, key)}的入选名额"
    return f"{Industry(key).label}的入选名额" if quota == "industry" else "全区入选名额"


def conditions_of_listed(listed: ListedNominee, made: SelectionList) -> list[dict[str, Any]]:
    """The conditions as of the list, by its own rule and figures, as components/conditions.html shows them."""
    law = DayLaw(made.as_of, {code: Figure(**figure) for code, figure in made.law.items()})
    conditions = conditions_of(parse(made.rule_version.definition), made.rule_version, law)
    return explained_conditions(
        conditions, listed.facts["failed"], listed.facts["unknown"], Facts.read(listed.facts)
    )


def parts_of_listed(listed: ListedNominee, made: SelectionList, *, words: Words) -> list[Part]:
    """How the total adds up, from the frozen facts and the list's scheme."""
    return parts_of(Facts.read(listed.facts), read(made.scheme), words.honours, listed.parts["panel"])


def explain_listed(listed: ListedNominee, made: SelectionList, *, of: int, words: Words) -> Explanation:
    """One nominee of a list; `of` is how many stand on it."""
    conditions = conditions_of_listed(listed, made)
    return Explanation(
        selected=listed.selected,
        sentence=reason_sentence(listed, words=words, conditions=conditions),
        score=listed.score,
        parts=parts_of_listed(listed, made, words=words),
        conditions=conditions,
        position=listed.position,
        of=of,
    )


def explain(nomination: Nomination, *, words: Words | None = None) -> Explanation | None:
    """What came of a nomination by the standing list of its round; None while there is none, or the
    nomination did not get so far.

    Whom the league did not recommend learns the league's reason, and the score of the register without the
    panel's.
    """
    made = nomination.round.standing_list
    if made is None:
        return None
    words = words or Words.read()
    listed = made.nominees.select_related("nomination__exclusion").filter(nomination=nomination).first()
    if listed is not None:
        return explain_listed(listed, made, of=made.nominees.count(), words=words)
    if nomination.case.state not in (NominationState.NOT_RECOMMENDED, NominationState.NOT_SELECTED):
        return None
    assessment = (
        Assessment.objects.select_related("run")
        .filter(round=nomination.round, worker=nomination.worker)
        .first()
    )
    said = breakdown(assessment, words.honours) if assessment else None
    return Explanation(
        selected=False,
        sentence=not_recommended_sentence(nomination, words=words),
        score=said.score if said else 0,
        parts=said.parts if said else [],
        conditions=said.conditions if said else [],
    )


def not_recommended_sentence(nomination: Nomination, *, words: Words) -> str:
    """The league's reason, as it was written down when the nomination was passed over."""
    passed_over = nomination.case.events.filter(action="pass_over").order_by("-position").first()
    league = words.leagues.get(nomination.case.league_code, "所在盟市")
    reason = f"：{passed_over.reason.rstrip('。')}" if passed_over and passed_over.reason else ""
    return f"{league}未推荐参加全区排序{reason}。"
