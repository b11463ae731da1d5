"""The letters of somebody whose published row was corrected: one that says so, and those that carried what was
wrong anew.
"""

from __future__ import annotations

from copy import copy
from datetime import date
from typing import Any

from portal.formats import date_cn
from portal.letters import actions, kinds
from portal.letters.composing import compose
from portal.letters.decisions import Recipient
from portal.letters.kinds import Kind
from portal.letters.models import Letter
from talent_registry.letters import AUTHORITY, ISSUER
from talent_registry.models import EntryCorrection
from talent_registry.standing import standing_of

CORRECTION = "registry.correction"

KIND = Kind(
    CORRECTION,
    "名录信息更正通知",
    "关于更正内蒙古自治区高技能领军人才名录信息的通知",
    "letters/letter.html",
    needs=("paragraphs", "entry_number"),
    public=(("entry_number", "名录编号"), ("corrected", "更正事项")),
    standing=standing_of,
)
# How a letter names each field of an entry, and how it is said there.
_IN_LETTER = {
    "name": (("name", "{}"),),
    "id_shown": (("id_number", "{}"),),
    "employer_name": (("employer", "{}"),),
    "occupation": (("occupation", "{}"),),
    "skill_level": (("skill_level", "{}"),),
    "region": (("region", "{}"), ("window", "{}服务窗口")),
}
_ADDRESS = "同志"


def register() -> None:
    kinds.register(KIND)


def replace_letters(correction: EntryCorrection, *, by: Any, on: date) -> list[Letter]:
    """Tell the person what was corrected, and issue anew every letter in force that carries what was wrong.

    Each points to the one that takes its place; grounds and remedies of a decision stay those of its day.
    """
    outdated = [letter for letter in _in_force(correction) if _is_outdated(letter, correction)]
    notice = _issue_notice(correction, outdated, by=by, on=on)
    return [notice, *(_issue_anew(letter, correction, by=by, on=on) for letter in outdated)]


def _in_force(correction: EntryCorrection) -> list[Letter]:
    letters = Letter.objects.in_force().filter(case_id=correction.entry.case_id)
    return list(letters.exclude(kind=CORRECTION).order_by("pk"))


def _is_outdated(letter: Letter, correction: EntryCorrection) -> bool:
    """Whether anything that was corrected is printed in the letter."""
    return compose(letter).html != compose(_as_corrected(letter, correction)).html


def _as_corrected(letter: Letter, correction: EntryCorrection) -> Letter:
    """The letter as it would be written today; it is not stored."""
    context, addressee = dict(letter.says), letter.addressee
    for difference in correction.differences:
        for key, words in _IN_LETTER[difference["field"]]:
            if context.get(key) == words.format(difference["before"]):
                context[key] = words.format(difference["after"])
        if difference["field"] == "name" and addressee.removesuffix(_ADDRESS) == difference["before"]:
            addressee = difference["after"] + addressee[len(difference["before"]) :]
    written = copy(letter)
    written.context = context
    written.addressee = addressee
    return written


def _issue_notice(correction: EntryCorrection, outdated: list[Letter], *, by: Any, on: date) -> Letter:
    entry = correction.entry
    said = "；".join(
        f"{difference['label']}由“{difference['before'] or '未登记'}”更正为“{difference['after'] or '未登记'}”"
        for difference in correction.differences
    )
    paragraphs = [
        f"内蒙古自治区高技能领军人才名录公布的你的信息（名录编号{entry.number}）与登记信息不一致。"
        f"经两名工作人员核对，自{date_cn(on)}起作如下更正：{said}。",
        f"更正理由：{correction.reason}",
    ]
    if outdated:
        numbers = "、".join(letter.number_text for letter in outdated)
        paragraphs.append(f"原发{numbers}由更正后的信函替代，随本通知一并送达。名录编号和纳入日期不变。")
    else:
        paragraphs.append("名录编号和纳入日期不变。")
    paragraphs.append("特此通知。")
    context = {
        "paragraphs": paragraphs,
        "entry_number": entry.number,
        "corrected": correction.fields_in_words,
    }
    recipient = Recipient(entry.name, entry.region_id, entry.worker_id, entry.case_id)
    return AUTHORITY.write(CORRECTION, recipient, context, by=by, on=on)


def _issue_anew(letter: Letter, correction: EntryCorrection, *, by: Any, on: date) -> Letter:
    """The same letter with what is right; it takes the place of the first."""
    written = _as_corrected(letter, correction)
    return actions.issue(
        kind=letter.kind,
        issuer=ISSUER,
        addressee=written.addressee,
        region=correction.entry.region_id,
        worker=letter.worker_id,
        case=letter.case_id,
        context=written.says,
        grounds=letter.grounds or "",
        clause=letter.clause,
        remedy=letter.remedy,
        supersedes=letter,
        by=by,
        on=on,
    )
