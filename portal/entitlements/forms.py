"""The pages of the check as forms: what people type is read kindly, what cannot be is said beside it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.entitlements.models import BenefitGuide
from portal.entitlements.questions import NO_HONOUR, Question, Step, topics
from portal.formats import date_cn
from portal.policy.contradictions import CONTRADICTIONS
from portal.policy.facts import FACTS
from portal.policy.intake import AFTER_THE_DAY, FactsRefused, validate_facts
from portal.typed_fields import DayInput

_CHOICE_ERROR = {"invalid_choice": "请从列出的选项中选择。"}
MONTHS = frozenset({"unemployment_insured_months", "continuous_months"})
_SPAN = re.compile(r"(?:(\d{1,3}(?:\.\d)?)年)?半?(?:零?(\d{1,4})(?:个?月)?)?")
_DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")


def _plain_text(text: str) -> str:
    """Full-width digits and letters as plain ones, without blanks: what input methods make of a number."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class MonthsField(forms.CharField):
    """A number of months; 3年 and 1年6个月 are months too. The value is whole months."""

    def clean(self, value: Any) -> Any:
        text = _plain_text(super().clean(value)).replace("半年", "6个月")
        if not text:
            return None
        span = _SPAN.fullmatch(text)
        if not span or not any(span.groups()):
            raise forms.ValidationError("请填写月数，例如 36；也可以写“3年”或“1年6个月”。")
        years, months = float(span[1] or 0), int(span[2] or 0)
        if "半" in text:
            months += 6
        return round(years * 12 + months)


class NumberField(forms.CharField):
    """A number as people write it: １２, 12年, 第2名, 3次."""

    def __init__(self, *, whole: bool, **options: Any) -> None:
        super().__init__(**options)
        self.whole = whole

    def clean(self, value: Any) -> Any:
        text = re.sub(r"^第|[年个月次届名]+$", "", _plain_text(super().clean(value)))
        if not text:
            return None
        if self.whole:
            if not re.fullmatch(r"\d{1,9}", text):
                raise forms.ValidationError("请填写数字，例如 12。")
            return int(text)
        if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text):
            raise forms.ValidationError("请填写数字，例如 12 或 12.5。")
        return float(text)


class DayField(forms.CharField):
    """A date as a picker sends it, or as people write it: 2026.3.5, 2026年3月5日, 20260305."""

    def clean(self, value: Any) -> Any:
        text = _plain_text(super().clean(value))
        if not text:
            return None
        day = _DAY.fullmatch(text)
        numbers = [int(part) for part in day.groups() if part] if day else []
        try:
            return dt.date(*numbers).isoformat()
        except (TypeError, ValueError) as error:
            raise forms.ValidationError("没有这一天，请按“2026-03-15”的样子填写。") from error


class StepForm(forms.Form):
    """The questions of one page that are worth asking. `given` holds canonical facts after a valid form.

    `honours` are the (code, name) pairs that count on the day, `others` the facts of other pages. Whoever
    answers nothing is asked to choose or to skip; what contradicts itself is asked about once, and taken as
    it is when it is sent again.
    """

    # Which contradictions were asked about, by their places.
    agreed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        step: Step,
        shown: Collection[str],
        data: Mapping[str, Any] | None,
        *,
        on: dt.date,
        known: Mapping[str, Any],
        honours: Sequence[tuple[str, str]],
        others: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={fact: _initial_value(fact, known.get(fact)) for fact in shown})
        self.on = on
        self.others = others or {}
        self.given: dict[str, Any] = {}
        for question in step.questions:
            if question.fact in shown:
                self.fields[question.fact] = _field_of(question, honours)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = {}
        for fact, value in cleaned.items():
            if fact in FACTS and value not in (None, "", []):
                given[fact] = _as_boolean(fact, value)
        if "honours" in given:
            chosen = set(given["honours"])
            if NO_HONOUR in chosen and len(chosen) > 1:
                self.add_error("honours", "选了“以上都没有”，就不要再选其他荣誉。")
            given["honours"] = sorted(chosen - {NO_HONOUR})
        try:
            self.given = validate_facts(given, self.on)
        except FactsRefused as refused:
            for problem in refused.problems:
                self.add_error(problem["field"], self._said(problem))
        if not self.errors and not self.given:
            raise forms.ValidationError("请先回答，再点“继续”；不清楚的，请点“不清楚，先跳过”。")
        if not self.errors:
            self._ask_about_contradictions()
        return cleaned

    def _said(self, problem: Mapping[str, str]) -> str:
        if problem["problem"] == AFTER_THE_DAY:
            return f"日期不能晚于今天（{date_cn(self.on)}）。"
        return f"{problem['problem']}，应为{problem['allowed']}。"

    def _ask_about_contradictions(self) -> None:
        """An error for each that these answers bring and that was not asked about before."""
        agreed = set(self.cleaned_data.get("agreed", "").split(","))
        found = {}
        for place, one in enumerate(CONTRADICTIONS):
            if not self.given.keys().isdisjoint(one.facts) and one.stands_in({**self.others, **self.given}):
                found[str(place)] = one
        if found.keys() <= agreed:
            return
        for one in found.values():
            self.add_error(None, f"您的回答前后对不上：{one.says}。请核对；如果确实如此，请再点一次“继续”。")
        data: Any = self.data
        data = data.copy()
        data["agreed"] = ",".join(found)
        self.data = data


def _field_of(question: Question, honours: Sequence[tuple[str, str]]) -> forms.Field:
    model = FACTS[question.fact]
    texts: dict[str, Any] = {"label": question.ask, "help_text": question.hint, "required": False}
    if isinstance(model, ArrayField):
        choices = [*honours, *question.options.items()]
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, error_messages=_CHOICE_ERROR, **texts
        )
    if question.options:
        choices = list(question.options.items())
        return forms.ChoiceField(
            choices=choices, widget=forms.RadioSelect, error_messages=_CHOICE_ERROR, **texts
        )
    if isinstance(model, models.DateField):
        return DayField(max_length=20, widget=DayInput(), **texts)
    if question.fact in MONTHS:
        return MonthsField(max_length=20, widget=forms.TextInput({"autocomplete": "off"}), **texts)
    if isinstance(model, models.IntegerField):
        digits = forms.TextInput({"autocomplete": "off", "inputmode": "numeric"})
        return NumberField(whole=True, max_length=20, widget=digits, **texts)
    return NumberField(whole=False, max_length=20, widget=forms.TextInput({"autocomplete": "off"}), **texts)


def _initial_value(fact: str, value: Any) -> Any:
    if fact == "honours" and value == []:
        return [NO_HONOUR]
    return str(value).lower() if isinstance(value, bool) else value


def _as_boolean(fact: str, value: Any) -> Any:
    return value == "true" if isinstance(FACTS[fact], models.BooleanField) else value


class TopicForm(forms.Form):
    """What somebody is interested in; everything unless they say otherwise."""

    topics = forms.MultipleChoiceField(
        label="您想查哪些方面？",
        help_text="不确定就全部保留。",
        widget=forms.CheckboxSelectMultiple,
        choices=(),
        error_messages={"required": "请至少选一个方面。", "invalid_choice": "请从列出的选项中选择。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, chosen: Sequence[str] = ()) -> None:
        super().__init__(data, initial={"topics": list(chosen) or [topic.code for topic in topics()]})
        field: Any = self.fields["topics"]
        field.choices = [(topic.code, topic.label_with_hint) for topic in topics()]


class GuideForm(forms.ModelForm):
    """Everything may stay empty: it is then shown as 待公布, or built from what the law asks for."""

    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = BenefitGuide
        fields = ("materials", "handled_by", "handling_time")
        help_texts = {
            "materials": "每行一项。不填则按政策条件列出证明材料，并注明“供参考”",
            "handled_by": "如：旗县（市、区）人社服务窗口；不填则显示为服务窗口",
            "handling_time": "如：受理后5个工作日；法定时限和“办理时限”中已设定的，不必重复填写",
        }
