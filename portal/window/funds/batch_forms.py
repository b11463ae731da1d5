"""Forms about batches of payments and the bank's answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from portal.accounts.access import scope
from portal.funds.batches import Selection
from portal.funds.models import (
    Batch,
    BatchState,
    Cause,
    Channel,
    Fund,
    Item,
    ItemState,
    Use,
)
from portal.funds.models.ledger import Payable
from portal.pages.filters import ALL, FilterForm, in_region, region_choices
from portal.reasons import ReasonField
from portal.typed_fields import DayField
from portal.upload_fields import UploadField
from portal.window.funds.forms import places


class SelectionForm(FilterForm):
    """Which payables come into a batch."""

    fund = forms.ModelChoiceField(label="资金", queryset=Fund.objects.all(), empty_label="请选择")
    channel = forms.ModelChoiceField(label="支付渠道", queryset=Channel.objects.all(), empty_label="请选择")
    place = forms.ChoiceField(label="地区", choices=[])
    use = forms.ChoiceField(label="用途", required=False, choices=[ALL, *Use.choices])
    until = DayField(label="登记至", required=False)

    def offer(self) -> None:
        super().offer()
        field: Any = self.fields["place"]
        field.choices = places(self.user, "funds.batch")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        fund, channel = said.get("fund"), said.get("channel")
        if fund and channel and not channel.rules.filter(fund=fund).exists():
            self.add_error("channel", f"“{channel}”不发放{fund}。")
        return said

    @property
    def selection(self) -> Selection | None:
        """None until fund, channel and place are chosen and fit."""
        said = self.cleaned_data if self.is_bound and self.is_valid() else {}
        if not (said.get("fund") and said.get("channel") and said.get("place")):
            return None
        return Selection(
            said["fund"], said["channel"], said["place"], said.get("use") or "", said.get("until")
        )


class BatchFilter(FilterForm):
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *BatchState.choices])
    fund = forms.ModelChoiceField(
        label="资金", queryset=Fund.objects.all(), required=False, empty_label="全部"
    )
    channel = forms.ModelChoiceField(
        label="支付渠道", queryset=Channel.objects.all(), required=False, empty_label="全部"
    )
    place = forms.ChoiceField(label="地区", required=False, choices=[])

    def offer(self) -> None:
        super().offer()
        field: Any = self.fields["place"]
        field.choices = [ALL, *region_choices(scope(self.user, "funds.view"))]

    def apply(self, batches: QuerySet[Batch]) -> QuerySet[Batch]:
        for name in ("state", "fund", "channel"):
            if value := self.value(name):
                batches = batches.filter(**{name: value})
        if place := self.value("place"):
            batches = batches.filter(in_region(place))
        return batches


class PaymentFilter(FilterForm):
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *ItemState.choices])
    fund = forms.ModelChoiceField(
        label="资金", queryset=Fund.objects.all(), required=False, empty_label="全部"
    )
    channel = forms.ModelChoiceField(
        label="支付渠道", queryset=Channel.objects.all(), required=False, empty_label="全部"
    )
    place = forms.ChoiceField(label="地区", required=False, choices=[])
    number = forms.CharField(label="办件编号或业务编号", required=False, max_length=40)

    def offer(self) -> None:
        super().offer()
        field: Any = self.fields["place"]
        field.choices = [ALL, *region_choices(scope(self.user, "funds.view"))]

    def apply(self, items: QuerySet[Item]) -> QuerySet[Item]:
        for name in ("state", "fund", "channel"):
            if value := self.value(name):
                items = items.filter(**{name: value})
        if self._never_together():
            return items.none()
        if place := self.value("place"):
            items = items.filter(in_region(place))
        if number := self.value("number").strip().upper():
            if number.startswith("FK"):
                return items.filter(reference=number)
            # Of one case there are a few: looked up first, whatever else is asked.
            mine = Payable.objects.visible_to(self.user)
            of_case = mine.filter(case__number=number).values_list("pk", flat=True)
            return items.filter(payable__in=list(of_case))
        return items

    def _never_together(self) -> bool:
        """Whether no batch ever had this fund and this channel: asked of the few batches, and not of every item."""
        fund, channel = self.value("fund"), self.value("channel")
        return bool(fund and channel) and not fund.batches.filter(channel=channel).exists()


class SeenForm(forms.Form):
    """What the page showed, to hold what stands now against it."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=80)


class AnnounceForm(forms.Form):
    where = forms.CharField(label="公示地点或网址", max_length=200)


class ReasonForm(forms.Form):
    reason = ReasonField(label="原因", max_length=200)


class AnswerForm(forms.Form):
    """A bank's answer, of which channel, for which place."""

    channel = forms.ModelChoiceField(label="支付渠道", queryset=Channel.objects.all(), empty_label="请选择")
    region = forms.ChoiceField(label="地区", choices=[], help_text="该地区及所属旗县的付款。")
    file = UploadField(
        label="回盘文件",
        takes="CSV（.csv）、文本（.txt）、Excel（.xlsx）",
        accept=".csv,.txt,.xlsx",
        most=settings.UPLOAD_MAX_BYTES,
        help_text="请上传银行原始文件。",
    )

    def __init__(self, *given: Any, user: Any) -> None:
        super().__init__(*given)
        field: Any = self.fields["region"]
        field.choices = places(user, "funds.post")


class CauseForm(forms.Form):
    words = forms.CharField(label="银行说明", max_length=120, help_text="其中的账号、证件号码等数字不登记。")
    cause = forms.ChoiceField(label="退回原因", choices=[("", "请选择"), *Cause.choices])
