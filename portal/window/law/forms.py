"""The forms in which a value of the law is entered with its source, confirmed and taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.pages.filters import ALL, FilterForm
from portal.policy.models import Clause, Parameter, ParameterValue
from portal.policy.values import BadValue, canonical_value
from portal.reasons import ReasonField
from portal.typed_fields import DayField, WholeNumberField
from portal.window.law.value_editors import EDITORS, Problems, SingleEditor

_FIRST_DAY, _LAST_DAY = date(1949, 10, 1), date(2099, 12, 31)


class LawFilter(FilterForm):
    on = DayField(
        label="取值日期",
        required=False,
    )
    clause = forms.ChoiceField(label="条款", required=False)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[ALL, ("waiting", "有待复核取值"), ("without", "依据细则待补")]
    )

    def offer(self) -> None:
        super().offer()
        clauses = Clause.objects.filter(parameters__isnull=False).distinct().order_by("document", "order")
        choices = [(clause.number, f"第{clause.number}条 {clause.title}") for clause in clauses]
        field: Any = self.fields["clause"]
        field.choices = [ALL, *choices, ("none", "办理规定（不属于条款）")]


def _day_field(label: str, help_text: str = "", *, required: bool = False) -> DayField:
    return DayField(
        label=label,
        required=required,
        help_text=help_text,
    )


class FigureForm(forms.Form):
    """The value of a parameter, in fields that fit its kind. `value` is what actions take; None: no value.

    The fields of the value come first; `standing` is the value with which tables, lists and steps begin.
    """

    nothing = forms.BooleanField(label="没有取值", required=False, help_text="勾选后上面填写的取值不予采用。")

    def __init__(
        self,
        data: Any = None,
        *,
        parameter: Parameter,
        standing: ParameterValue | None,
        names: Mapping[str, str],
    ) -> None:
        super().__init__(data)
        self.value: Any = None
        self.parameter = parameter
        current = standing.value if standing else None
        posted = self.data if self.is_bound else {}
        self.editor = EDITORS[parameter.kind](parameter, current, names, posted)
        fields_of_value = dict(self.editor.fields())
        self.value_fields = list(fields_of_value)
        self.fields = {**fields_of_value, **self.fields}

    @property
    def begins_filled(self) -> bool:
        """Whether the fields begin with the value in force: where it has many parts."""
        return not isinstance(self.editor, SingleEditor)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of the value as the page sets them out: (heading, fields)."""
        return [(heading, [self[name] for name in names]) for heading, names in self.editor.groups()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("nothing"):
            problems: Problems = []
            try:
                self.value = self.editor.read(given, problems)
                if not problems:
                    canonical_value(self.parameter.kind, self.value)
            except BadValue as bad:
                problems.append((self.editor.field_at(bad.path), f"{bad}。"))
            for name, text in problems:
                self.add_error(name, text)
        return given

    def refuse(self, refusal: ValidationError) -> None:
        """What the action or the database found, beside the field it is about."""
        for name, texts in _texts_by_field(refusal):
            if name == "value" and name not in self.fields:
                name = self.value_fields[0]
            self.add_error(name if name in self.fields else None, texts)


class ValueForm(FigureForm):
    """A dated value of a parameter with its source; no value means that there is none from that day on."""

    nothing = forms.BooleanField(
        label="自起始日期起没有取值",
        required=False,
        help_text="文件失效而没有新标准时勾选；上面填写的取值不予采用，原来的取值也不再执行。",
    )
    since = _day_field("起始日期", "从这一天起执行。早于今天的，对过去日期的查询也按新取值。", required=True)
    until = _day_field("截止日期", "文件写明有效期的填写；截止以后没有取值；要恢复原来的取值，请填下一项。")
    gives_way_to = _day_field(
        "期满后恢复执行", "放宽等有期限的取值填写：截止以后恢复哪一天起的取值。填那项取值的起始日期。"
    )
    document = forms.CharField(
        label="来源文件",
        max_length=160,
        help_text="文号，没有文号的写全称，如：内人社发〔2026〕9号",
        error_messages={"required": "请填写来源文件；没有来源的取值不能录入。"},
    )
    article = forms.CharField(label="条款", max_length=80, required=False, help_text="如：第四条")
    caveat = forms.CharField(
        label="向公众的提示",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="与取值一起向公众显示，如文件到期而延续未明确。没有的不填。",
    )
    caveat_since = _day_field("提示起始日期", "从某一天起才提示的填写；不填为一直提示。")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self._check_days(given)
        return given

    def _check_days(self, given: dict[str, Any]) -> None:
        for name in ("since", "until", "gives_way_to", "caveat_since"):
            day = given.get(name)
            if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
                self.add_error(name, f"日期应在{_FIRST_DAY}至{_LAST_DAY}之间。")
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "截止日期不能早于起始日期。")
        if given.get("gives_way_to") and not until:
            self.add_error("until", "填写了期满后恢复的取值，请写明截止日期。")
        if given.get("caveat_since") and not given.get("caveat"):
            self.add_error("caveat", "填写了提示起始日期，请写明提示的内容。")


def _texts_by_field(refusal: ValidationError) -> Iterator[tuple[str, list[str]]]:
    if hasattr(refusal, "error_dict"):
        for name, texts in refusal.message_dict.items():
            # That another value waits is a matter of the day it begins on.
            yield "since" if any("正在等待复核" in text for text in texts) else name, texts
    else:
        yield "", refusal.messages


class WithdrawForm(forms.Form):
    reason = ReasonField(
        label="撤回原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明撤回原因。"},
    )


class ConfirmForm(forms.Form):
    """Carries what the person saw to be in force, so that they confirm the change they read."""

    replacing = WholeNumberField(required=False, widget=forms.HiddenInput)
