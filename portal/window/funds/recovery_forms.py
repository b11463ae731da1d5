"""Forms about money that is to come back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from portal.file_inspection import ACCEPT, ACCEPTED
from portal.formats import yuan as in_words
from portal.funds.asked_back import late
from portal.funds.models import CourtPaper, Fund, Heard, Payable, Recovery, RecoveryCause, RecoveryState, Way
from portal.funds.models.recoveries import RecoveryQuerySet
from portal.funds.money import yuan
from portal.funds.recovering import Asked
from portal.pages.filters import ALL, FilterForm
from portal.reasons import ReasonField
from portal.typed_fields import DayField, NumberField, WholeNumberField
from portal.upload_fields import UploadField
from portal.workforce.identity import narrow

# Of the person's statement; more goes into the file of the case.
_LONGEST = 1000


class RecoveryFilter(FilterForm):
    fund = forms.ModelChoiceField(
        label="资金", queryset=Fund.objects.all(), required=False, empty_label="全部"
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[ALL, *RecoveryState.choices, ("late", "逾期未退")]
    )
    number = forms.CharField(label="追回编号", required=False, max_length=24)

    def __init__(self, data: Any, *, user: Any, today: date) -> None:
        self._today = today
        super().__init__(data, user=user)

    def apply(self, recoveries: RecoveryQuerySet) -> RecoveryQuerySet:
        if fund := self.value("fund"):
            recoveries = recoveries.filter(payable__line__fund=fund)
        if (state := self.value("state")) == "late":
            recoveries = late(recoveries, self._today)
        elif state:
            recoveries = recoveries.filter(state=state)
        if number := self.value("number"):
            recoveries = recoveries.filter(number=narrow(number).strip().upper())
        return recoveries


class RecoveryForm(forms.Form):
    """What is to come back of a payment, why, and how."""

    amount = NumberField(label="追回金额（元）", min_value=Decimal("0.01"), max_digits=14, decimal_places=2)
    cause = forms.ChoiceField(label="原因", choices=RecoveryCause.choices)
    grounds = ReasonField(
        label="事实和理由",
        max_length=500,
        help_text="写入决定书。",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明事实和理由。"},
    )
    clause = ReasonField(label="依据", max_length=300, help_text="文件名称、文号和条款，写入决定书。")
    way = forms.ChoiceField(label="退回方式", choices=Way.choices)
    due_on = DayField(label="退回期限", required=False, help_text="一次退回的填写。")
    plan = forms.CharField(
        label="各期的期限和金额",
        required=False,
        max_length=2000,
        help_text="分期退回的填写，每行一期：先写日期，空一格写金额（元），例如：2027-01-15 500。合计须等于追回金额。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    pay_to = forms.CharField(
        label="退回账户",
        required=False,
        max_length=200,
        help_text="本单位的户名、开户银行和账号，写入决定书；抵扣的不填写。",
    )

    def __init__(self, data: Any, *, payable: Payable, left: Decimal, fell: bool) -> None:
        cause = RecoveryCause.FALLEN if fell else RecoveryCause.OVERPAID
        super().__init__(data, initial={"amount": f"{left:f}" if fell else "", "cause": cause})
        if not payable.line.fund.sets_off_by:
            ways: Any = self.fields["way"]
            ways.choices = [choice for choice in Way.choices if choice[0] != Way.SET_OFF]

    def clean_plan(self) -> list[tuple[date, Decimal]]:
        return _instalments(self.cleaned_data["plan"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("way") == Way.AT_ONCE and not said.get("due_on"):
            self.add_error("due_on", "请填写退回期限。")
        if said.get("way") == Way.INSTALMENTS and not said.get("plan") and "plan" not in self.errors:
            self.add_error("plan", "请逐行填写各期的期限和金额。")
        if said.get("way") in {Way.AT_ONCE, Way.INSTALMENTS} and not said.get("pay_to"):
            self.add_error("pay_to", "请填写退回账户。")
        return said

    @property
    def asked(self) -> Asked:
        """What a valid form says."""
        said = self.cleaned_data
        plan = {
            Way.AT_ONCE: [(said["due_on"], said["amount"])],
            Way.INSTALMENTS: said["plan"],
            Way.SET_OFF: [],
        }[Way(said["way"])]
        pay_to = "" if said["way"] == Way.SET_OFF else said["pay_to"]
        return Asked(
            said["amount"], said["cause"], said["grounds"], said["clause"], said["way"], pay_to, plan
        )


def _instalments(text: str) -> list[tuple[date, Decimal]]:
    """One of each line that says something. ValidationError where a line is something else."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [_instalment(place, line) for place, line in enumerate(lines, start=1)]


def _instalment(place: int, line: str) -> tuple[date, Decimal]:
    """A day and a sum, as a person writes them. ValidationError where it is something else."""
    parts = narrow(line).replace(",", "").replace("元", "").split()
    try:
        day, amount = parts
        counted = Decimal(amount)
        found = date.fromisoformat(day), counted.quantize(Decimal("0.01"))
    except (ValueError, InvalidOperation) as error:
        raise forms.ValidationError(
            f"第{place}行“{line.strip()[:40]}”不能识别。请写成：2027-01-15 500"
        ) from error
    if counted <= 0 or found[1] != counted:
        raise forms.ValidationError(f"第{place}行的金额须大于0，最多两位小数。")
    return found


class PlanForm(forms.Form):
    """By which days and sums what is still to come comes instead, and why."""

    plan = forms.CharField(
        label="变更后各期的期限和金额",
        max_length=2000,
        help_text="每行一期：先写日期，空一格写金额（元），例如：2027-01-15 500。合计须等于尚未追回的金额。",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请逐行填写各期的期限和金额。"},
    )
    reason = ReasonField(
        label="变更理由",
        max_length=500,
        help_text="写入决定书。",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明变更理由。"},
    )
    clause = ReasonField(label="依据", max_length=300, help_text="文件名称、文号和条款，写入决定书。")

    def clean_plan(self) -> list[tuple[date, Decimal]]:
        return _instalments(self.cleaned_data["plan"])


class ByHandForm(forms.Form):
    """The number of a document, where no programme writes it."""

    letter_number = forms.CharField(label="决定书文号", max_length=80)

    def __init__(self, data: Any, *, by_hand: bool) -> None:
        super().__init__(data)
        if not by_hand:
            del self.fields["letter_number"]


class HearingForm(forms.Form):
    """When the person was told, and what they said to it."""

    told_on = DayField(label="事先告知日期")
    heard = forms.ChoiceField(label="当事人意见", choices=Heard.choices)
    heard_on = DayField(label="陈述申辩、听证日期或者期满日期")
    said = forms.CharField(
        label="陈述申辩内容",
        required=False,
        max_length=_LONGEST,
        help_text="已陈述申辩或者举行听证的填写，写入决定书。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    answer = forms.CharField(
        label="采纳情况和理由",
        required=False,
        max_length=500,
        help_text="与上一项一并填写，写入决定书。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        told, heard = given.get("told_on"), given.get("heard_on")
        if told and heard and heard < told:
            self.add_error("heard_on", "不能早于事先告知日期。")
        spoke = given.get("heard") in {Heard.SAID, Heard.HEARING}
        for name, words in (("said", "陈述申辩内容"), ("answer", "采纳情况和理由")):
            if spoke and not given.get(name):
                self.add_error(name, f"请写明{words}。")
            elif given.get("heard") and not spoke and given.get(name):
                self.add_error(name, "没有提出陈述申辩的，不填写这一项。")
        return given


class DecideForm(forms.Form):
    """The number of the decision, where no programme writes the letter; the sum that the page showed."""

    seen = WholeNumberField(widget=forms.HiddenInput)
    letter_number = forms.CharField(label="决定书文号", max_length=80)

    def __init__(self, data: Any, *, recovery: Recovery, by_hand: bool) -> None:
        super().__init__(data, initial={"seen": recovery.amount})
        if not by_hand:
            del self.fields["letter_number"]


class ReminderForm(forms.Form):
    """Until when the person is reminded to pay."""

    pay_by = DayField(label="限期退回")
    letter_number = forms.CharField(label="催告书文号", max_length=80)

    def __init__(self, data: Any, *, by_hand: bool) -> None:
        super().__init__(data)
        if not by_hand:
            del self.fields["letter_number"]


def _scan(label: str, **options: Any) -> UploadField:
    return UploadField(
        label=label, takes=ACCEPTED, accept=ACCEPT, most=settings.EVIDENCE_MAX_BYTES, **options
    )


class CourtDocumentForm(forms.Form):
    """What a court wrote: its kind, number, day, and the scan."""

    paper = forms.ChoiceField(label="文书种类", choices=[("", "请选择"), *CourtPaper.choices])
    number = forms.CharField(label="文号", max_length=80, help_text="例如：（2027）内0624行审1号。")
    issued_on = DayField(label="文书日期")
    file = _scan("扫描件", help_text="请扫描全部页面，字迹清楚。")


class HandoverForm(forms.Form):
    """By which document a court was asked, and on what days that rests."""

    reminder_served_on = DayField(label="催告书送达日期")
    final_on = DayField(
        label="复议、诉讼期限届满日期",
        help_text="当事人在法定期限内既没有申请复议也没有起诉的，填写期限届满的日期。",
    )
    on = DayField(label="申请日期")
    court = forms.CharField(label="人民法院", max_length=80)
    document = forms.CharField(label="强制执行申请书文号", max_length=80)
    file = _scan("申请书扫描件", required=False)


class WriteOffForm(forms.Form):
    """Why and by which decision the rest is written off."""

    grounds = ReasonField(
        label="事实和理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明事实和理由。"},
    )
    clause = ReasonField(label="依据", max_length=300)
    document = forms.CharField(label="决定文号", max_length=80)


class SetOffForm(forms.Form):
    """Which benefit is kept back."""

    # What the page showed as still to come, in fen.
    seen = WholeNumberField(widget=forms.HiddenInput)
    payable = forms.ModelChoiceField(
        label="抵扣的待遇",
        queryset=Payable.objects.none(),
        empty_label="请选择",
        help_text="大于尚未追回金额的，只抵扣尚未追回的金额，其余照常支付。",
    )
    letter_number = forms.CharField(
        label="告知书文号",
        required=False,
        max_length=80,
        help_text="已书面告知当事人的填写。",
    )

    def __init__(self, data: Any, *, due: QuerySet[Payable], left: int, by_hand: bool) -> None:
        super().__init__(data, initial={"seen": left})
        field: Any = self.fields["payable"]
        field.queryset = due.select_related("case")
        field.label_from_instance = lambda one: _benefit(one, left)
        if not by_hand:
            del self.fields["letter_number"]


def _benefit(payable: Payable, left: int) -> str:
    """A benefit with what of it would be set off, and what would be paid all the same."""
    benefit = f"办件{payable.case.number}，{in_words(payable.sum)}"
    if payable.amount <= left:
        return f"{benefit}：全部抵扣"
    return f"{benefit}：抵扣{in_words(yuan(left))}，其余{in_words(yuan(payable.amount - left))}照常支付"
