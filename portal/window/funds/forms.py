"""Forms about documents of money, lines and orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from portal.accounts.access import scope
from portal.funds.models import AuthorisingDocument, Fund, Line, Use
from portal.pages.filters import region_choices
from portal.reasons import ReasonField
from portal.regions.models import Region
from portal.typed_fields import DayField, NumberField, WholeNumberField


def _amount(label: str, help_text: str = "") -> NumberField:
    return NumberField(
        label=label, min_value=Decimal("0.01"), max_digits=14, decimal_places=2, help_text=help_text
    )


def places(user: Any, permission: str) -> list[Any]:
    """The divisions in which the user does this, the autonomous region itself included."""
    where = scope(user, permission)
    whole = [(region.pk, region.name) for region in Region.objects.filter(parent=None) if where.whole]
    return [*whole, *region_choices(where)]


class DocumentForm(forms.Form):
    """What a document of money says."""

    fund = forms.ModelChoiceField(label="资金", queryset=Fund.objects.all(), empty_label="请选择")
    kind = forms.ChoiceField(label="文件种类", choices=[])
    number = forms.CharField(label="文号", max_length=80)
    title = forms.CharField(label="标题", max_length=120)
    issuer = forms.CharField(label="发文单位", max_length=80)
    issued_on = DayField(label="发文日期")
    region = forms.ChoiceField(label="使用地", choices=[], help_text="下达到盟市的，可以在所属旗县设立科目。")
    amount = _amount("金额（元）")

    def __init__(self, data: Any, *, user: Any, today: date) -> None:
        super().__init__(data)
        self._today = today
        kinds: Any = self.fields["kind"]
        kinds.choices = AuthorisingDocument._meta.get_field("kind").choices
        regions: Any = self.fields["region"]
        regions.choices = places(user, "funds.record")

    def clean_issued_on(self) -> date:
        day: date = self.cleaned_data["issued_on"]
        if day > self._today:
            raise forms.ValidationError("发文日期不能晚于今天。")
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        fund, kind = said.get("fund"), said.get("kind")
        if fund and kind and kind not in (fund.rests_on, fund.arrives_by):
            kinds = dict(AuthorisingDocument._meta.get_field("kind").choices or [])
            needed = "、".join(dict.fromkeys(str(kinds[code]) for code in (fund.rests_on, fund.arrives_by)))
            self.add_error("kind", f"{fund}依据的文件是：{needed}。")
        return said


class LineForm(forms.Form):
    """A line that rests on a document."""

    use = forms.ChoiceField(label="用途", choices=[])
    region = forms.ChoiceField(label="地区", choices=[])
    year = WholeNumberField(label="年度", min_value=2019, max_value=2100)
    usable_from = DayField(label="使用期起")
    usable_until = DayField(label="使用期止", help_text="这一天仍可使用；以后不能再预留、批准、发出。")

    def __init__(self, data: Any, *, user: Any, document: AuthorisingDocument) -> None:
        super().__init__(data, initial={"region": document.region_id, "year": document.issued_on.year})
        permitted = document.fund.rules.filter(permitted=True).exclude(use="").values_list("use", flat=True)
        uses: Any = self.fields["use"]
        uses.choices = [(use, Use(use).label) for use in permitted]
        regions: Any = self.fields["region"]
        regions.choices = places(user, "funds.record")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("usable_from"), said.get("usable_until")
        if first and last and last < first:
            self.add_error("usable_until", "使用期止不能早于使用期起。")
        return said


class OrderForm(forms.Form):
    """Money given to a line, or taken back, by a document."""

    amount = _amount("金额（元）")
    document = forms.ModelChoiceField(
        label="依据文件", queryset=AuthorisingDocument.objects.none(), empty_label="请选择"
    )
    reason = ReasonField(label="事由", max_length=200)

    def __init__(self, data: Any, *, line: Line) -> None:
        super().__init__(data)
        documents = line.fund.documents.filter(kind=line.fund.arrives_by)
        if line.fund.arrives_by == line.fund.rests_on:
            documents = documents.filter(pk=line.document_id)
        field: Any = self.fields["document"]
        field.queryset = documents.filter(confirmed_at__isnull=False)


class ReallocationForm(forms.Form):
    """Money moved to another line of the fund."""

    amount = _amount("金额（元）")
    to = forms.ModelChoiceField(label="转入科目", queryset=Line.objects.none(), empty_label="请选择")
    reason = ReasonField(label="事由", max_length=200)

    def __init__(self, data: Any, *, line: Line, user: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["to"]
        others = Line.objects.visible_to(user).filter(fund=line.fund).exclude(pk=line.pk)
        if closed := line.closings.filter(closed_at__isnull=False).first():
            # What is left on a closed line, or comes back to it, goes where the decision says.
            others = others.filter(pk__in=[closed.rest_to_id or 0, closed.returns_to_id or 0])
        else:
            others = others.filter(year=line.year)
        field.queryset = others.select_related("fund", "region")
