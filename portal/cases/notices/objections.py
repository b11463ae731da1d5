"""Objections (异议) to public notices: received from anybody with a contact, decided with reasons by somebody
who did not rank.

Programmes register what an upheld objection may lead to and who is barred from deciding. The barred take the
duty of review in the objection's case when it is received: whoever holds that cannot decide, and the database
knows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal import crypto
from portal.cases.actions import NewCase, NotNow, open_cases, transition
from portal.cases.evidence import files
from portal.cases.four_eyes import bar
from portal.cases.models import Case, NewsKind, Objection, PublicNotice
from portal.cases.news import tell_responsible
from portal.cases.notices import publishing
from portal.cases.notices.kinds import NoticeKind, notice_kind, register_notice_kind
from portal.cases.notices.workflow import OBJECTION
from portal.cases.workflow import Duty
from portal.file_inspection import Inspected, inspect
from portal.formats import date_cn
from portal.names import person_or_unit
from portal.reasons import reason_in
from portal.regions.calendar import add_working_days

__all__ = [
    "MOST_FILES",
    "NoticeKind",
    "contact_as_compared",
    "dismiss",
    "notice_kind",
    "receive",
    "register_notice_kind",
    "uphold",
    "withdraw",
]

# Objections concern the region's notices and are decided there.
REGION = "150000"
MOST_FILES = 5
TEXT_LENGTH = (10, 2000)
# Read by everybody: never what somebody was reproached with.
_NEWLY_LISTED = "名单调整后有新列入的人选，公示相应延长。"
_EXTENDED = "公示期间收到的异议经核查成立，公示期相应延长。"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?\d{7,15}")


# -- receiving -----------------------------------------------------------------------------------------------
def receive(
    notice_id: int,
    *,
    about: str,
    objector: str,
    contact: str,
    text: str,
    uploads: Sequence[UploadedFile],
    on: date,
) -> Objection:
    """Take an objection while the notice is open. `about` is the key of a row of the list, or empty for the
    notice as a whole.

    The caller limits how often one address asks. Raises NotNow (not open, sent before), ValidationError by
    field, FileRefused.
    """
    objector, contact, text = person_or_unit(objector), _narrow(contact), text.strip()
    _check_words(objector, contact, text)
    if len(uploads) > MOST_FILES:
        raise ValidationError({"uploads": f"最多上传{MOST_FILES}个文件，请合并后再提交。"})
    evidence = [inspect(upload) for upload in uploads]
    with transaction.atomic():
        notice = PublicNotice.objects.select_for_update().get(pk=notice_id)
        fingerprint = _fingerprint(about, contact, text)
        _check_may_be_received(notice, about, fingerprint, on)
        barred = notice_kind(notice.kind).barred(notice)
        opening = NewCase(REGION, None, f"对“{notice.title}”的异议"[:160])
        [case] = open_cases(OBJECTION, [opening], by=None, on=on)
        bar(case.pk, barred, by=Duty.REVIEW)
        objection = Objection.objects.create(
            case=case,
            notice=notice,
            about=about,
            objector=objector,
            contact=contact,
            text=text,
            fingerprint=fingerprint,
            received_on=on,
        )
        _keep_evidence(case, evidence, on)
        tell_responsible(_cases_announced(notice, about), NewsKind.OBJECTION, by=None)
    return objection


def _cases_announced(notice: PublicNotice, about: str) -> list[int]:
    """The case that is decided after the notice, and that of the row the objection is about."""
    of_row = Case.objects.filter(number=about).values_list("pk", flat=True) if about else []
    return [*of_row, *([notice.case_id] if notice.case_id else [])]


def _check_may_be_received(notice: PublicNotice, about: str, fingerprint: bytes, on: date) -> None:
    if not notice.is_open(on):
        raise NotNow("该公示已截止，不再接受异议。仍有问题的，可以向就近的服务窗口反映。")
    if about and all(row["key"] != about for row in publishing.current_version(notice).rows):
        raise ValidationError({"about": "请从公示名单中选择，或选择“针对整个公示”。"})
    sent_before = notice.objections.filter(fingerprint=fingerprint).select_related("case").first()
    if sent_before is not None:
        raise NotNow(
            f"您已于{date_cn(sent_before.received_on)}提交过相同内容的异议，"
            f"办件编号{sent_before.case.number}，不必重复提交，可凭办件编号和这一联系方式查询进度。"
        )


def _keep_evidence(case: Case, evidence: Sequence[Inspected], on: date) -> None:
    for number, file in enumerate(evidence, start=1):
        files.keep(case, file, label=f"异议材料{number}", by=None, on=on)


def _check_words(objector: str, contact: str, text: str) -> None:
    problems = {}
    if not 2 <= len(objector) <= 40:
        problems["objector"] = "请填写姓名或单位名称，2到40个字。"
    if not _can_be_reached_by(contact):
        problems["contact"] = "请填写可以联系到您的手机号码、固定电话（含区号）或电子邮箱。"
    least, most = TEXT_LENGTH
    if not least <= len(text) <= most:
        problems["text"] = f"请写明异议的事实和理由，{least}到{most}个字。"
    if problems:
        raise ValidationError(problems)


def _can_be_reached_by(contact: str) -> bool:
    if len(contact) > 80:
        return False
    is_email = _EMAIL.fullmatch(contact) is not None
    is_phone = _PHONE.fullmatch(_without_dashes(contact)) is not None
    return is_email or is_phone


def _without_dashes(contact: str) -> str:
    return re.sub(r"[-()]", "", contact)


def _narrow(contact: str) -> str:
    """Without blanks, full-width characters as their plain ones: how it is kept and compared."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", contact))


def contact_as_compared(contact: str) -> str:
    """The letters and digits of a contact, by which an objector without account finds the objection again."""
    return re.sub(r"[^0-9A-Z]", "", _narrow(contact).upper())


def _fingerprint(about: str, contact: str, text: str) -> bytes:
    """The same for the same objection, however it is spaced: that one sent twice is noticed."""
    parts = [about, _without_dashes(contact).lower(), "".join(text.split())]
    return crypto.digest("\x1f".join(parts), purpose="objection")


# -- deciding ------------------------------------------------------------------------------------------------
@transaction.atomic
def uphold(
    case_id: int,
    *,
    reason: str,
    reply: str,
    remedy: str,
    by: Any,
    on: date,
    extend_working_days: int | None = None,
    not_extended: str = "",
) -> Objection:
    """The objection is right: the programme carries out the remedy, in this transaction, and the notice may
    last longer.

    `reason` is kept on the case, `reply` goes to the objector. With `extend_working_days` the notice ends no
    sooner than so many whole working days after its last day, or after `on` if that is over. Whoever is newly
    listed stands in public for the whole window, unless `not_extended` says why not, which is kept on the case.
    Raises Refused, NotNow, and what the remedy raises.
    """
    objection = _locked(case_id)
    notice = objection.notice
    kind = notice_kind(notice.kind)
    if remedy not in {known.code for known in kind.remedies}:
        raise NotNow("请选择异议成立后如何处理。")
    _check_reply(reply)
    closes = None
    if extend_working_days:
        closes = add_working_days(max(notice.closes_on, on), extend_working_days)
    detail = {"remedy": remedy, "label": kind.label_of(remedy)}
    if written := reason_in(not_extended):
        detail["not_extended"] = written[:300]
    with transition(case_id, "uphold", by=by, on=on, reason=reason, detail=detail):
        _answer(objection, reply, on, remedy)
        kind.on_upheld(objection, by=by, on=on, reason=reason.strip(), remedy=remedy)
        notice.refresh_from_db()
        if "not_extended" not in detail:
            _let_newly_listed_stand(kind, notice, by=by, on=on)
        # The remedy may have extended it already, but not as far as the officer wants.
        if closes and notice.closes_on < closes.on:
            publishing.extend_to(notice.pk, closes, reason=_EXTENDED, by=by)
    return objection


def _let_newly_listed_stand(kind: NoticeKind, notice: PublicNotice, *, by: Any, on: date) -> None:
    """The notice lasts until everybody on the list has stood in public for the whole window."""
    closes = kind.whole_window(notice, on) if kind.whole_window is not None else None
    if closes is not None and closes.on > notice.closes_on:
        publishing.extend_to(notice.pk, closes, reason=_NEWLY_LISTED, by=by)
        notice.refresh_from_db()


@transaction.atomic
def dismiss(case_id: int, *, reason: str, reply: str, by: Any, on: date) -> Objection:
    """The objection is not right; the list stays. Raises Refused, NotNow."""
    objection = _locked(case_id)
    _check_reply(reply)
    with transition(case_id, "dismiss", by=by, on=on, reason=reason):
        _answer(objection, reply, on, "")
    return objection


@transaction.atomic
def withdraw(case_id: int, *, reason: str, by: Any, on: date) -> Objection:
    """The objector has taken it back; `reason` tells how that is known. Raises Refused, NotNow."""
    objection = _locked(case_id)
    with transition(case_id, "withdraw", by=by, on=on, reason=reason):
        pass
    return objection


def _locked(case_id: int) -> Objection:
    """The objection, its notice locked before its case: the order in which objections are received. Who has
    become barred since it was received is barred from now on.
    """
    objection = Objection.objects.select_related("case").get(pk=case_id)
    objection.notice = PublicNotice.objects.select_for_update().get(pk=objection.notice_id)
    bar(case_id, notice_kind(objection.notice.kind).barred(objection.notice), by=Duty.REVIEW)
    return objection


def _check_reply(reply: str) -> None:
    if not reply.strip():
        raise NotNow("作出处理决定须写明给异议人的答复。")
    if len(reply.strip()) > 2000:
        raise NotNow("答复不超过2000字。")


def _answer(objection: Objection, reply: str, on: date, remedy: str) -> None:
    objection.reply = reply.strip()
    objection.decided_on = on
    objection.remedy = remedy
    objection.save(update_fields=["reply", "decided_on", "remedy"])
