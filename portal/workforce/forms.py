"""Forms in which clerks and reviewers enter what the register knows. The actions check everything again under
a lock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.accounts.access import scope
from portal.reasons import ReasonField
from portal.typed_fields import DayField, form_class_of
from portal.workforce.actions.plausibility import EXPLANATION, Unexplained
from portal.workforce.actions.workers import clean_name
from portal.workforce.form_fields import (
    NO_POST_TO_ASK_ABOUT,
    NOT_KNOWN,
    SOURCES,
    InspectedField,
    RegionField,
    SourceField,
    ask_own_source,
    say_not_known,
)
from portal.workforce.identity import (
    InvalidNumber,
    check_credit_code,
    check_id_number,
    check_phone,
    narrow,
)
from portal.workforce.models import AttestedFact, Employer, Honour
from portal.workforce.models.facts import ATTESTED_WORDS, WRITTEN_BY_PORTAL, Attested
from portal.workforce.models.people import EmployerKind
from portal.workforce.placeholders import says_as_above, says_nothing
from portal.workforce.record_kinds import HONOUR, KINDS

# What the form of a record carries beside what the record says.
REASON = "reason"
_BESIDE_THE_RECORD = {"version", "attachment", EXPLANATION, REASON}


def _looks_like_credit_code(text: str) -> bool:
    compact = narrow(text).replace(" ", "")
    return len(compact) == 18 and compact.isascii() and compact.isalnum()


def named_with_code(employer: Employer) -> str:
    """A unit as it stands in the field: by its name, and by its code, which tells it from others of the name."""
    return f"{employer.name}（{employer.credit_code}）" if employer.credit_code else employer.name


def _code_behind_name(text: str) -> str:
    """The code of what was chosen from the suggestions; empty where none stands in brackets at the end."""
    behind = re.search(r"[（(]\s*([0-9A-Za-z]{18})\s*[）)]\s*$", narrow(text))
    return behind[1] if behind else ""


class EmployerField(forms.CharField):
    """A unit by its unified social credit code (any unit of the register) or its whole name (units the person
    may see).
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "填写18位统一社会信用代码，或单位全称；没有登记的单位请先登记。")
        super().__init__(**options)
        self.user: Any = None
        # The unit of the record that is changed: left as it stands, it stays the same unit.
        self.unchanged: Employer | None = None
        self.widget.attrs |= {"autocomplete": "off", "list": "employer-options"}

    def prepare_value(self, value: Any) -> Any:
        """A unit that was chosen before is shown by its name, its code behind it."""
        if not isinstance(value, int):
            return value
        employer = Employer.objects.filter(pk=value).first()
        return named_with_code(employer) if employer else ""

    def clean(self, value: Any) -> Employer | None:
        text = super().clean(value)
        if not text:
            return None
        if self.unchanged is not None and self._names_unchanged(text):
            return self.unchanged
        if says_nothing(text) or says_as_above(text):
            raise ValidationError(f"“{text}”不是单位名称。没有用人单位的，请留空。")
        text = _code_behind_name(text) or text
        if _looks_like_credit_code(text):
            code = _checked(check_credit_code, text)
            employers = list(Employer.objects.filter(credit_code=code))
        else:
            employers = list(Employer.objects.visible_to(self.user).called(text)[:2])
        if not employers:
            raise ValidationError("没有找到这个用人单位。请核对名称或代码，或先登记该单位。")
        if len(employers) > 1:
            raise ValidationError("有多个同名单位，请改填统一社会信用代码。")
        return employers[0]

    def _names_unchanged(self, text: str) -> bool:
        """Whether the unit of the record still stands there: by its code, or its name however spelled."""
        unchanged: Any = self.unchanged
        if text == self.prepare_value(unchanged.pk) or narrow(text).upper() == unchanged.credit_code:
            return True
        return Employer.objects.called(text).filter(pk=unchanged.pk).exists()


class EntryForm(forms.Form):
    """A form of a person of the office; `user` limits what may be chosen."""

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        for field in self.fields.values():
            if isinstance(field, EmployerField):
                field.user = user

    def take(self, error: ValidationError) -> None:
        """Show what an action refused: beside its field where the form has it, at the top otherwise."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)


class ExplainedForm(EntryForm):
    """A form whose action may find that what was entered is improbable: then it asks why."""

    explanation = forms.CharField(
        label="情况说明",
        required=False,
        max_length=300,
        widget=forms.HiddenInput,
        help_text=(
            "不属实的，请更正上面的内容。属实的，请写明原因后再次保存；该情况列入异常信息，由业务主管核查。"
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.data.get(self.add_prefix(EXPLANATION)):
            self._show_explanation()

    def _show_explanation(self) -> None:
        field = self.fields[EXPLANATION]
        field.required = True
        field.widget = forms.Textarea(attrs={"rows": 3, "maxlength": "300"})

    def take(self, error: ValidationError) -> None:
        if isinstance(error, Unexplained):
            self._show_explanation()
        super().take(error)


def _checked(check: Callable[[str], str], text: str) -> str:
    """The number as `check` makes it; ValidationError with what is wrong with it."""
    try:
        return check(text)
    except InvalidNumber as error:
        raise ValidationError(str(error)) from error


class _PersonForm(ExplainedForm):
    name = forms.CharField(label="姓名", max_length=60, help_text="与居民身份证一致")
    phone = forms.CharField(label="手机号", max_length=20, required=False)
    work_region = RegionField(label="工作地")
    household_region = RegionField(label="户籍地", required=False, help_text="户籍在自治区外的不选")
    source = SourceField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["household_region"].offer()  # type: ignore[attr-defined]
        self.fields["phone"].widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if not phone or phone == "-":
            return phone
        return _checked(check_phone, phone)


class NewWorkerForm(_PersonForm):
    id_number = forms.CharField(
        label="证件号码", max_length=30, help_text="18位公民身份号码，全角数字和空格会自动更正"
    )

    field_order = ["id_number", "name", "work_region", "household_region", "phone", "source"]

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        self.fields["work_region"].offer(scope(user, "worker.edit"))  # type: ignore[attr-defined]
        self.fields["id_number"].widget.attrs |= {"autocomplete": "off", "autofocus": True}

    def clean_id_number(self) -> str:
        return _checked(check_id_number, self.cleaned_data["id_number"])


class CorrectWorkerForm(_PersonForm):
    """Numbers are masked: an empty field leaves them as they are."""

    id_number = forms.CharField(label="更正证件号码", max_length=30, required=False, help_text="不更正的留空")
    version = forms.CharField(widget=forms.HiddenInput)

    field_order = ["name", "id_number", "phone", "work_region", "household_region", "source"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["work_region"].offer()  # type: ignore[attr-defined]
        self.fields["work_region"].help_text = "转到其他地区的，由该地区确认后接收；转出后您将不能再查看。"
        self.fields["phone"].label = "更正手机号"
        self.fields["phone"].help_text = "不更正的留空，取消登记的填“-”"
        self.fields["id_number"].widget.attrs |= {"autocomplete": "off"}

    def clean_id_number(self) -> str:
        number = self.cleaned_data["id_number"]
        return _checked(check_id_number, number) if number else ""


class EmployerForm(EntryForm):
    name = forms.CharField(label="单位名称", max_length=120, help_text="与营业执照或法人证书一致")
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=30, required=False, help_text="18位；个别没有代码的单位可留空"
    )
    kind = forms.ChoiceField(label="单位性质", required=False, choices=[NOT_KNOWN, *EmployerKind.choices])
    region = RegionField(label="所在地")
    source = SourceField()
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        self.fields["region"].offer(scope(user, "worker.edit"))  # type: ignore[attr-defined]

    def clean_credit_code(self) -> str:
        code = self.cleaned_data["credit_code"]
        return _checked(check_credit_code, code) if code.strip() else ""


class AgentForm(EntryForm):
    """Who is to act for a unit, as the paper names them."""

    username = forms.CharField(label="用户名", max_length=64, help_text="经办人的登录用户名，由本人提供")
    name = forms.CharField(label="姓名", max_length=40, help_text="与委托文书一致")
    authority = forms.CharField(
        label="委托文书", max_length=120, help_text="名称、文号或日期，例如：授权委托书（2026年3月2日）"
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("username", "name"):
            self.fields[name].widget.attrs |= {"autocomplete": "off"}


class RecordForm(ExplainedForm, forms.ModelForm):
    """A record about a worker, whatever its kind; made from the table of kinds below."""

    attachment = InspectedField(
        label="材料",
        required=False,
        help_text="证书、合同等的照片或PDF，加密保存，供另一人核验时查看。也可以保存后再上传。",
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "occupation" in self.fields:
            self.fields["occupation"].widget.attrs |= {"autocomplete": "off", "list": "occupation-options"}
        if "in_skilled_post" in self.fields:
            self.fields["status"].help_text = NO_POST_TO_ASK_ABOUT
        for field in self.fields.values():
            say_not_known(field)
        if not self.instance.pk:
            self.initial.setdefault("source", SOURCES[0])
            return
        ask_own_source(self, self.instance.source)
        if getattr(self.instance, "employer", None):
            self.fields["employer"].unchanged = self.instance.employer  # type: ignore[attr-defined]
            hint = f"现登记为{self.instance.employer}。更改时填写代码或单位全称。"
            self.fields["employer"].help_text = hint

    def _post_clean(self) -> None:
        """The record is filled in and checked by the action, under the lock."""

    @property
    def values(self) -> dict[str, Any]:
        """What was entered of the record itself."""
        return {name: self.cleaned_data[name] for name in self.cleaned_data if name not in _BESIDE_THE_RECORD}


class AttestedForm(RecordForm):
    value = forms.ChoiceField(
        label="内容",
        choices=[
            NOT_KNOWN,
            ("是否", [("true", "是"), ("false", "否")]),
            *(
                (Attested(code).label, [(json.dumps(value), label) for value, label in words.items()])
                for code, words in ATTESTED_WORDS.items()
            ),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        by_hand = [choice for choice in Attested.choices if choice[0] not in WRITTEN_BY_PORTAL]
        self.fields["code"].choices = [NOT_KNOWN, *by_hand]  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["value"] = json.dumps(self.instance.value)

    def clean_value(self) -> Any:
        return json.loads(self.cleaned_data["value"])

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or self.cleaned_data
        if entered.get("code") and "value" in entered:
            words = ATTESTED_WORDS.get(entered["code"])
            if words and entered["value"] not in words:
                group = Attested(entered["code"]).label
                self.add_error("value", f"“{group}”从{group}一组中选择。")
            if not words and isinstance(entered["value"], str):
                self.add_error("value", "该事项选择“是”或“否”。")
        return entered


def _field(field: Any, **options: Any) -> Any:
    """The form field of a model's field: dates are picked, units are found by code or name, sources are
    suggested.
    """
    if field.name == "employer":
        return EmployerField(label=field.verbose_name, required=False, max_length=150)
    if field.name == "source":
        return SourceField()
    form_class = form_class_of(field.get_internal_type())
    # What is chosen from a list stays a list.
    if form_class is not None and not field.choices:
        options["form_class"] = form_class
    return field.formfield(**options)


RECORD_FORMS: dict[str, type[Any]] = {
    code: forms.modelform_factory(
        kind.model,
        form=AttestedForm if kind.model is AttestedFact else RecordForm,
        fields=list(kind.fields),
        formfield_callback=_field,
    )
    for code, kind in KINDS.items()
}


class HonourForm(RecordForm):
    class Meta:
        model = Honour
        fields = list(HONOUR.fields)
        formfield_callback = _field

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds: Any = self.fields["type"]
        kinds.queryset = kinds.queryset.prefetch_related("aliases")
        kinds.label_from_instance = lambda kind: kind.called
        self.fields["named_as"].required = False
        self.fields["named_as"].help_text = "证书或文件上的名称，与荣誉名称相同的可不填"
        hint = "授予文件的文号，例如：人社部发〔2025〕1号。没有文号的不能批量核实"
        self.fields["document"].help_text = hint
        self.fields["year"].help_text = "荣誉的年度，四位数字"


def ask_reason(form: forms.Form) -> None:
    """What counts already is only proposed to be changed: whoever confirms it reads why."""
    form.fields[REASON] = forms.CharField(
        label="变更理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="由另一人据此核对和确认。写明事实和依据，不要填写证件号码或账号。",
    )


class EndForm(EntryForm):
    ended_on = DayField(label="终止日期")
    version = forms.CharField(widget=forms.HiddenInput)


class ReasonForm(EntryForm):
    """Why something is taken back, refused or refuted."""

    reason = ReasonField(
        label="理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明事实和依据，不要填写证件号码或账号",
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)
