"""Changes to the law as data: a policy officer enters a value, a second one confirms it. Nothing is ever overwritten."""
from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portal import audit
from portal.accounts import access
from portal.accounts.models import User
from portal.policy.models import Parameter, ParameterValue
from portal.policy.values import BadValue, canonical_value


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
) -> ParameterValue:
    """Enter a value beside those there are; it counts once a second person has confirmed it.

    `value` None says that from `since` on there is no value (a document has expired). Raises `Refused` without the right,
    `ValidationError` for a value that does not fit the parameter's kind, or without a source.
    """
    access.require(by, "policy.parameter.enter")
    try:
        canonical = canonical_value(parameter.kind, value)
    except BadValue as error:
        raise ValidationError({"value": str(error)}) from error
    entered = ParameterValue(
        parameter=parameter, value=canonical, since=since, until=until, document=document.strip(), article=article.strip(),
        caveat=caveat.strip(), caveat_since=caveat_since, entered_by=by,
    )  # fmt: skip
    entered.full_clean()
    entered.save(force_insert=True)
    audit.record("policy.parameter.enter", by=by, obj=entered, detail=_detail(entered))
    return entered


@transaction.atomic
def confirm_parameter_value(value: ParameterValue, *, by: User) -> ParameterValue:
    """Confirm what another person entered: from this moment decisions read it. The database takes the moment itself.

    Raises `Refused` without the right, `ValidationError` when it is one's own entry or already confirmed.
    """
    access.require(by, "policy.parameter.confirm")
    held = ParameterValue.objects.select_for_update(of=("self",)).select_related("parameter").get(pk=value.pk)
    if held.confirmed_at is not None:
        raise ValidationError("该取值已复核，无需重复操作。")
    if held.entered_by_id == by.pk:
        raise ValidationError("本人录入的取值须由其他人员复核。")
    held.confirmed_by = by
    # Any moment does: the trigger replaces it by the database's, taken under the lock that decisions share.
    held.confirmed_at = held.entered_at
    held.save(update_fields=["confirmed_by", "confirmed_at"])
    held.refresh_from_db(fields=["confirmed_at"])
    audit.record("policy.parameter.confirm", by=by, obj=held, detail=_detail(held))
    return held


@transaction.atomic
def withdraw_parameter_value(value: ParameterValue, *, by: User) -> None:
    """Take back an entry that nobody has confirmed yet. Raises `Refused`, or `ValidationError` once it is confirmed."""
    access.require(by, "policy.parameter.enter")
    held = ParameterValue.objects.select_for_update(of=("self",)).select_related("parameter").get(pk=value.pk)
    if held.confirmed_at is not None:
        raise ValidationError("已复核的取值不能撤回；如需更正，请录入新的取值。")
    audit.record("policy.parameter.withdraw", by=by, obj=held, detail=_detail(held))
    held.delete()


def _detail(value: ParameterValue) -> dict[str, Any]:
    return {
        "parameter": value.parameter.code, "value": value.value, "since": value.since.isoformat(),
        "until": value.until.isoformat() if value.until else None, "document": value.document,
    }  # fmt: skip
