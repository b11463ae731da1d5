"""Announcing the list before it is confirmed, and what follows when an objection to it is upheld.

The notice shows who is to be selected, masked, with the digest of the list it was drawn from. An upheld
objection leads to a further version of the list by the same ranking; the notice is revised with what moved,
and lasts longer when somebody new comes onto it, so that everybody on the list has stood in public for the
whole window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from portal.cases.actions import NotNow
from portal.cases.four_eyes import bar
from portal.cases.models import CaseDuty, NoticeVersion, Objection, PublicNotice
from portal.cases.notices import publishing
from portal.cases.notices.kinds import register_notice_kind
from portal.cases.workflow import Duty
from portal.regions.calendar import Deadline, add_working_days
from portal.regions.models import Region
from portal.workforce.models import SkillLevel
from talent_registry.letters import cited_law
from talent_registry.models import Exclusion, ListedNominee, SelectionList, SelectionRound
from talent_registry.selection import listing, verifying
from talent_registry.selection.ranking import TIE_BREAK
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import RoundState

KIND = "registry.selection"
EXCLUDE, REASSESS = "exclude", "reassess"
REMEDIES = (
    (EXCLUDE, "取消资格", "该人选退出排序，名单按原定办法和名额重新确定，缺额依次递补。须指明人选。"),
    (
        REASSESS,
        "按核定信息重新排序",
        "先更正档案中的信息，再按更正后的信息重新计算该人选（未指明人选的，全部人选）的得分和位次。",
    ),
)
COLUMNS = (
    {"label": "位次", "kind": "number"},
    {"label": "姓名", "kind": "text"},
    {"label": "证件尾号", "kind": "text"},
    {"label": "工作单位", "kind": "text"},
    {"label": "盟市", "kind": "text"},
    {"label": "职业（工种）", "kind": "text"},
    {"label": "技能等级", "kind": "text"},
    {"label": "总分", "kind": "number"},
)
# Places in a row of the notice, for what is published from it later.
NAME, ID_TAIL, UNIT, OCCUPATION = 1, 2, 3, 5
NOT_KNOWN = "未登记"
# What the public reads of a change: which remedy, never what somebody was reproached with.
_CHANGED = {
    EXCLUDE: "公示期间收到的异议经核查成立，取消有关人选的资格，名单重新确定。",
    REASSESS: "公示期间收到的异议经核查成立，按核定后的信息重新排序，名单重新确定。",
}
_MOVES = {
    ("selected", "excluded"): "取消资格，不再列入",
    ("selected", "not_selected"): "重新排序后不再列入",
    ("not_selected", "selected"): "重新排序后新列入",
    ("excluded", "selected"): "重新列入",
}


def register() -> None:
    register_notice_kind(
        KIND, remedies=REMEDIES, barred=barred, on_upheld=on_upheld, whole_window=whole_window
    )


@dataclass(frozen=True)
class NoticeText:
    """What the notice of a list says."""

    title: str
    legal_basis: str
    body: str
    rows: list[dict[str, Any]]
    digest: str


def text_of(round_: SelectionRound) -> NoticeText | None:
    """What the notice of the list in force says, or would say; None when there is no list, or nobody on it."""
    list_in_force = round_.standing_list
    rows = rows_of(list_in_force) if list_in_force is not None else []
    if list_in_force is None or not rows:
        return None
    return NoticeText(
        title=f"{round_.year}年度内蒙古自治区高技能领军人才拟入选人员公示",
        legal_basis=legal_basis(),
        body=_notice_body(round_, len(rows)),
        rows=rows,
        digest=list_in_force.digest,
    )


def as_it_would_be(round_: SelectionRound, on: date) -> tuple[PublicNotice, NoticeVersion] | None:
    """The notice and its list as they would be public if they were published on a day; nothing is stored."""
    text = text_of(round_)
    if text is None:
        return None
    closes = add_working_days(on, round_.notice_working_days)
    notice = PublicNotice(
        kind=KIND,
        title=text.title,
        legal_basis=text.legal_basis,
        body=text.body,
        published_on=on,
        opens_on=on,
        closes_on=closes.on,
        closes_certain=closes.certain,
        working_days=round_.notice_working_days,
    )
    return notice, NoticeVersion(position=1, columns=list(COLUMNS), rows=text.rows, digest=text.digest)


def announce(round_: SelectionRound, *, by: Any, on: date) -> PublicNotice:
    """Publish the list in force for the round's working days.

    Part of the step `notice`, which has checked who may. NotNow when there is no list, nobody on it, or when
    computing it again from the frozen facts gives another one.
    """
    if round_.standing_list is None:
        raise NotNow("还没有定稿的名单，不能公示。")
    differences = verifying.verify(round_)
    if differences:
        raise NotNow(
            f"从定稿的事实重新计算，结果与名单不一致，不能公示：{differences[0]}。请联系系统管理员核查。"
        )
    text = text_of(round_)
    if text is None:
        raise NotNow("名单中没有入选人员，不能公示。")
    notice = publishing.publish_notice(
        kind=KIND,
        case=round_.case,
        title=text.title,
        legal_basis=text.legal_basis,
        body=text.body,
        columns=list(COLUMNS),
        rows=text.rows,
        digest=text.digest,
        working_days=round_.notice_working_days,
        by=by,
        on=on,
    )
    round_.notice = notice
    round_.save(update_fields=["notice"])
    return notice


def legal_basis() -> str:
    """The law by which these people's names are shown to everybody."""
    return f"{cited_law()}；{publishing.PERSONAL_DATA}"


def _notice_body(round_: SelectionRound, count: int) -> str:
    scheme = "评分办法和名额为示例。"
    if round_.scheme_document:
        scheme = f"评分办法和名额见{round_.scheme_document}。"
    paragraphs = (
        f"经申报、全员评价、专家评审、盟市推荐和全区排序，拟将以下{count}人列为"
        f"{round_.year}年度内蒙古自治区高技能领军人才入选人员，现予公示。证件号码只公布后四位。",
        f"{scheme}名单按总分由高到低，在盟市、行业名额之内依次确定。{TIE_BREAK}",
        publishing.HOW_TO_OBJECT,
    )
    return "\n".join(paragraphs)


def rows_of(selection_list: SelectionList) -> list[dict[str, Any]]:
    """The selected of a list as the notice shows them, by place; the key is the case number.

    Of the ID number only the ending is shown.
    """
    leagues = dict(Region.objects.leagues().values_list("code", "name"))
    selected = selection_list.nominees.filter(selected=True)
    selected = selected.select_related("nomination__case", "nomination__worker__employer")
    rows = []
    for nominee in selected.order_by("position"):
        rows.append({"key": nominee.nomination.case.number, "cells": _cells(nominee, leagues)})
    return rows


def _cells(nominee: ListedNominee, leagues: dict[str, str]) -> list[str]:
    worker = nominee.nomination.worker
    level = nominee.facts.get("skill_level")
    return [
        str(nominee.position),
        worker.name,
        worker.id_number[-4:],
        worker.employer.name if worker.employer else NOT_KNOWN,
        leagues.get(nominee.league_code, nominee.league_code),
        worker.occupation or NOT_KNOWN,
        str(SkillLevel(level).label) if level else NOT_KNOWN,
        points_text(nominee.score),
    ]


# -- objections ----------------------------------------------------------------------------------------------
def barred(notice: PublicNotice) -> set[int]:
    """Who ranked the list the notice shows: they do not decide what somebody says against it."""
    reviewers = CaseDuty.objects.filter(case=notice.case_id, duty=Duty.REVIEW)
    return set(reviewers.values_list("person_id", flat=True))


@transaction.atomic
def on_upheld(objection: Objection, *, by: Any, on: date, reason: str, remedy: str) -> SelectionList:
    """Exclude the nominee, or read the facts again, and put the list that follows in force.

    In the transaction of the decision. Raises NotNow when the round is past its notice, or when the
    objection names nobody to exclude.
    """
    locked = SelectionRound.objects.select_for_update(of=("self", "case"))
    locked = locked.select_related("case", "standing_list", "notice")
    round_ = locked.get(notice=objection.notice_id)
    previous = round_.standing_list
    if round_.state != RoundState.PUBLIC_NOTICE or previous is None:
        raise NotNow(f"{round_.title}已不在公示阶段，名单不能再据异议调整。")
    nominee = _nominee(previous, objection.about)
    refresh: list[int] = []
    if remedy == EXCLUDE:
        _exclude(nominee, objection, by=by, on=on, reason=reason)
    elif nominee:
        refresh = [nominee.nomination_id]
    else:
        refresh = list(previous.nominees.values_list("nomination_id", flat=True))
    why = f"异议{objection.case.number}成立：{reason}"[:500]
    revised = listing.draw_up(round_, by=by, on=on, reason=why, refresh=refresh)
    round_.standing_list = revised
    round_.save(update_fields=["standing_list"])
    _bar_from_confirming(round_, by)
    _revise_notice(round_, revised, remedy, by=by, on=on)
    return revised


def _nominee(selection_list: SelectionList, case_number: str) -> ListedNominee | None:
    if not case_number:
        return None
    nominees = selection_list.nominees.select_related("nomination")
    return nominees.filter(nomination__case__number=case_number).first()


def _exclude(nominee: ListedNominee | None, objection: Objection, *, by: Any, on: date, reason: str) -> None:
    if nominee is None:
        raise NotNow(
            "该异议针对整个公示，没有指明人选，不能“取消资格”。"
            "请选择“按核定信息重新排序”，或者作异议不成立处理并说明理由。"
        )
    if not Exclusion.objects.filter(nomination=nominee.nomination_id).exists():
        Exclusion.objects.create(
            nomination=nominee.nomination,
            objection=objection,
            reason=reason[:500],
            on=on,
            by=by,
        )


def _bar_from_confirming(round_: SelectionRound, by: Any) -> None:
    """Whose decision changed the list does not confirm it."""
    bar(round_.case_id, {by.pk}, by=Duty.SECOND_REVIEW)


def _revise_notice(
    round_: SelectionRound,
    revised: SelectionList,
    remedy: str,
    *,
    by: Any,
    on: date,
) -> None:
    """Revise the notice by what the list says now."""
    notice = round_.notice
    assert notice is not None  # noqa: S101  the round was found by it
    rows = rows_of(revised)
    moves = moves_in_public(revised)
    if not moves:
        same = rows == publishing.current_version(notice).rows
        moves = ["入选人员、位次和得分均不变。" if same else "入选人员不变，位次或得分有调整。"]
    publishing.revise_notice(
        notice.pk,
        columns=list(COLUMNS),
        rows=rows,
        digest=revised.digest,
        reason=_CHANGED[remedy],
        moved=moves,
        by=by,
        on=on,
    )


def whole_window(notice: PublicNotice, on: date) -> Deadline | None:
    """The end of the whole window from a day on, when the list in force selects somebody whom the version before it did
    not; else None.
    """
    round_ = SelectionRound.objects.select_related("standing_list").get(notice=notice)
    revised = round_.standing_list
    assert revised is not None  # noqa: S101  it is announced
    previous = round_.lists.filter(version__lt=revised.version).order_by("-version").first()
    if previous is None:
        return None
    before = previous.nominees.filter(selected=True).values("nomination")
    newly_listed = revised.nominees.filter(selected=True).exclude(nomination__in=before)
    return add_working_days(on, round_.notice_working_days) if newly_listed.exists() else None


def moves_in_public(selection_list: SelectionList) -> list[str]:
    """What moved, as the public reads it: only of those who were or are on the announced list."""
    moved = [move["nomination"] for move in selection_list.moved]
    nominees = selection_list.nominees.filter(nomination__in=moved)
    names = dict(nominees.values_list("nomination_id", "nomination__worker__name"))
    sentences = []
    for move in selection_list.moved:
        words = _MOVES.get((move["from"], move["to"]))
        if words:
            sentences.append(f"{names[move['nomination']]}：{words}。")
    return sentences
