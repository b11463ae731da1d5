"""Changes to the law as data: one officer enters a value, a second confirms it; the office loads the text.

Nothing is ever overwritten.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import audit, locks
from portal.accounts import access
from portal.accounts.models import User
from portal.policy.events import announce_law_change
from portal.policy.models import (
    LAW_LOCK,
    Clause,
    OfficialClause,
    OfficialText,
    Parameter,
    ParameterValue,
    PolicyDocument,
)
from portal.policy.official_text import ReadText, read_clauses
from portal.policy.values import BadValue, canonical_value
from portal.reasons import reason_in

# Said in place of the id of a value by callers who show nobody what a confirmation would change.
UNSEEN = -1


class UnknownDocument(Exception):
    """No document of that number has clauses on the shelf."""


@transaction.atomic
def add_parameter_value(
    parameter: Parameter,
    value: Any,
    *,
    by: User,
    since: dt.date,
    document: str,
    until: dt.date | None = None,
    article: str = "",
    caveat: str = "",
    caveat_since: dt.date | None = None,
    gives_way_to: dt.date | None = None,
) -> ParameterValue:
    """Enter a value beside those there are; it counts once a second person has confirmed it.

    `value` None says that from `since` on there is no value (a document has expired). `gives_way_to` names, by
    its first day, the value that holds again after `until`. Raises `Refused`
    without the right, `ValidationError` for a value that does not fit the parameter's kind, without a source,
    or while another one of the same first day waits to be confirmed.
    """
    access.require(by, "policy.parameter.enter", access.WHOLE_REGION)
    try:
        canonical = canonical_value(parameter.kind, value)
    except BadValue as error:
        raise ValidationError({"value": str(error)}) from error
    entered = ParameterValue(
        parameter=parameter,
        value=canonical,
        since=since,
        until=until,
        document=document.strip(),
        article=article.strip(),
        caveat=caveat.strip(),
        caveat_since=caveat_since,
        gives_way_to=gives_way_to,
        entered_by=by,
    )
    _require_base(entered)
    entered.full_clean()
    try:
        with transaction.atomic():
            entered.save(force_insert=True)
    except IntegrityError:
        # Somebody was faster by a moment: the same check again says so in words.
        entered.full_clean()
        raise
    audit.record("policy.parameter.enter", by=by, obj=entered, detail=_audit_detail(entered))
    return entered


def _require_base(entered: ParameterValue) -> None:
    """ValidationError when the value that is to hold again is not there, or ends itself."""
    if entered.gives_way_to is None:
        return
    values = ParameterValue.objects.confirmed().filter(parameter=entered.parameter)
    base = values.filter(since=entered.gives_way_to).order_by("-confirmed_at", "-id").first()
    if base is None or base.until is not None:
        raise ValidationError({"gives_way_to": "该参数没有自这一天起执行且不设截止的已复核取值。"})


@transaction.atomic
def confirm_parameter_value(
    value: ParameterValue, *, by: User, replacing: int | None = UNSEEN
) -> ParameterValue:
    """Confirm what another person entered: from this moment decisions read it.

    `replacing` is what the person saw to be in force on the value's first day (an id, None for nothing): when
    another value has been confirmed since, the change is another one than they saw. Those who keep what is
    derived from the law are told inside the transaction. Raises `Refused` without the right,
    `ValidationError` when it is one's own entry, already confirmed, taken back, or no longer the change that
    was seen.
    """
    access.require(by, "policy.parameter.confirm", access.WHOLE_REGION)
    # The lock of the confirmation itself, taken early: two values of one parameter are confirmed one after
    # the other.
    locks.hold(LAW_LOCK)
    held = _lock_value(value)
    if held.confirmed_at is not None:
        who = f"{held.confirmed_by}已" if held.confirmed_by else "已"
        raise ValidationError(
            f"该取值{who}于 {timezone.localtime(held.confirmed_at):%Y-%m-%d %H:%M} 复核，无需重复操作。"
        )
    if held.entered_by_id == by.pk:
        raise ValidationError("本人录入的取值须由其他人员复核。")
    if replacing != UNSEEN and replaced_value_id(held) != replacing:
        raise ValidationError("您查看期间，该参数的另一项取值已经复核，变化与您看到的不同。请核对后再复核。")
    held.confirmed_by = by
    # Any moment does: the trigger replaces it by the database's, taken under the lock that decisions share.
    held.confirmed_at = held.entered_at
    held.save(update_fields=["confirmed_by", "confirmed_at"])
    held.refresh_from_db(fields=["confirmed_at"])
    audit.record("policy.parameter.confirm", by=by, obj=held, detail=_audit_detail(held))
    announce_law_change([held.parameter.code])
    return held


@transaction.atomic
def withdraw_parameter_value(value: ParameterValue, *, by: User, reason: str) -> None:
    """Take back an entry that nobody has confirmed yet; the audit keeps what it said and why it went.

    It is taken back by who entered it, or by another officer once that person can no longer enter values.
    Raises `Refused`, or `ValidationError` without a reason, when another entered it, or once it is confirmed
    or gone.
    """
    access.require(by, "policy.parameter.enter", access.WHOLE_REGION)
    if not reason_in(reason):
        raise ValidationError({"reason": "请写明撤回原因。"})
    held = _lock_value(value)
    if held.confirmed_at is not None:
        raise ValidationError("已复核的取值不能撤回；如需更正，请录入新的取值。")
    if refusal := withdrawal_refused(held, by):
        raise ValidationError(refusal)
    audit.record(
        "policy.parameter.withdraw", by=by, obj=held, detail={**_audit_detail(held), "reason": reason.strip()}
    )
    held.delete()


def withdrawal_refused(value: ParameterValue, by: User) -> str:
    """Why `by` may not take back this waiting value; empty when they may."""
    author = value.entered_by
    if author is None or author.pk == by.pk:
        return ""
    if not access.can(author, "policy.parameter.enter", access.WHOLE_REGION):
        return ""
    return f"该取值由{author}录入，须由录入人撤回。"


def replaced_value_id(value: ParameterValue) -> int | None:
    """The confirmed value that `value` takes the place of: what is in force on its first day without it."""
    in_force = ParameterValue.objects.in_force(value.since).filter(parameter=value.parameter_id)
    return in_force.exclude(pk=value.pk).values_list("pk", flat=True).first()


def _lock_value(value: ParameterValue) -> ParameterValue:
    """The value as it stands now, locked until the end of the transaction."""
    rows = ParameterValue.objects.select_for_update(of=("self",)).select_related(
        "parameter", "entered_by", "confirmed_by"
    )
    held = rows.filter(pk=value.pk).first()
    if held is None:
        raise ValidationError("该取值已被撤回，不再等待复核。")
    return held


# -- the official text ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TextLoaded:
    """What loading a file did or, on a dry run, would do. `official` None: nothing was stored yet."""

    read: ReadText
    digest: str
    version: int
    changed: bool
    official: OfficialText | None


@transaction.atomic
def load_official_text(
    number: str, data: bytes, *, file_name: str, by: User | None, dry_run: bool = False
) -> TextLoaded:
    """Keep the official text of a document, clause by clause, as the version that is shown from now on.

    `number` is the document's (内党办发〔2019〕6号), `by` None is who operates the server. A file that says
    the same as the version shown changes nothing. Raises `Refused`, `UnknownDocument`, or `TextRefused` for a
    file whose clauses are not those of the shelf; nothing is stored then.
    """
    if by is not None:
        access.require(by, "policy.parameter.enter", access.WHOLE_REGION)
    document = PolicyDocument.objects.filter(number=number).first()
    clauses = list(Clause.objects.filter(document=document).order_by("order")) if document else []
    if document is None or not clauses:
        raise UnknownDocument(number)
    read = read_clauses(data, {clause.number: clause.title for clause in clauses})
    digest = hashlib.sha256(data).hexdigest()
    # Two files of one document are loaded one after the other.
    locks.hold("policy.text")
    shown = OfficialText.objects.latest_of(number)
    if shown is not None and (shown.digest == digest or texts_of(shown) == read.clauses):
        return TextLoaded(read, digest, shown.version, False, shown)
    version = shown.version + 1 if shown else 1
    if dry_run:
        return TextLoaded(read, digest, version, True, None)
    official = OfficialText.objects.create(
        document=document, version=version, file_name=file_name[-200:], digest=digest, loaded_by=by
    )
    OfficialClause.objects.bulk_create(
        OfficialClause(official=official, clause=clause, text=read.clauses[clause.number])
        for clause in clauses
    )
    audit.record(
        "policy.text.load",
        by=by,
        obj=official,
        detail={"document": number, "version": version, "file": official.file_name, "digest": digest},
    )
    return TextLoaded(read, digest, version, True, official)


def texts_of(official: OfficialText) -> dict[str, str]:
    """The words of each clause by its number."""
    return dict(official.clauses.values_list("clause__number", "text"))


def _audit_detail(value: ParameterValue) -> dict[str, Any]:
    return {
        "parameter": value.parameter.code,
        "value": value.value,
        "since": value.since.isoformat(),
        "until": value.until.isoformat() if value.until else None,
        **({"gives_way_to": value.gives_way_to.isoformat()} if value.gives_way_to else {}),
        "document": value.document,
    }
