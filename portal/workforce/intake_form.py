"""The one form in which a new person is taken in with their work, a certificate and an honour. What a part is not filled in
for is not written down.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.core.exceptions import ValidationError

from portal.accounts.access import NotNow, can
from portal.workforce.actions.intake import NewRecord, RecordRefused
from portal.workforce.form_fields import InspectedField, say_not_known
from portal.workforce.forms import RECORD_FORMS, HonourForm, NewWorkerForm
from portal.workforce.models.people import EmploymentStatus
from portal.workforce.record_kinds import CREDENTIAL, EMPLOYMENT, HONOUR, RecordKind

PERSON = ("id_number", "name", "phone", "work_region", "household_region", "source")
WORK = ("employer", "occupation", "status", "started_on", "on_front_line", "front_line_years")
CERTIFICATE = ("level", "number", "issued_on", "certificate_occupation", "certificate_file")
HONOURED = ("type", "year", "document", "honour_file")
# Names of a record's fields that are called otherwise here.
_CALLED = {
    (CREDENTIAL.code, "occupation"): "certificate_occupation",
    (CREDENTIAL.code, "attachment"): "certificate_file",
    (HONOUR.code, "attachment"): "honour_file",
}


def _of(form: Any, name: str, **said: Any) -> Any:
    """A field as the form of the record has it, here left open unless its part is filled in."""
    field = deepcopy(form.base_fields[name])
    field.required = False
    for what, text in said.items():
        setattr(field, what, text)
    say_not_known(field)
    return field


class IntakeForm(NewWorkerForm):
    employer = _of(RECORD_FORMS["employment"], "employer")
    occupation = _of(RECORD_FORMS["employment"], "occupation", help_text="从职业目录中选择，目录没有的照填")
    status = _of(
        RECORD_FORMS["employment"], "status", initial="", help_text="不选的，填写了单位或职业的按在职登记"
    )
    started_on = _of(RECORD_FORMS["employment"], "started_on")
    on_front_line = _of(RECORD_FORMS["employment"], "on_front_line")
    front_line_years = _of(RECORD_FORMS["employment"], "front_line_years")
    level = _of(RECORD_FORMS["credential"], "level")
    number = _of(RECORD_FORMS["credential"], "number")
    issued_on = _of(RECORD_FORMS["credential"], "issued_on")
    certificate_occupation = _of(
        RECORD_FORMS["credential"],
        "occupation",
        label="证书上的职业（工种）",
        help_text="与上面的职业相同的不填",
    )
    certificate_file = InspectedField(label="证书照片或PDF", required=False, help_text="供另一人核验时查看")
    type = _of(HonourForm, "type", label="荣誉")
    year = _of(HonourForm, "year", help_text="四位数字")
    document = _of(HonourForm, "document", label="授予文件的文号", help_text="没有文号的，须上传证书或文件")
    honour_file = InspectedField(label="荣誉证书或文件", required=False, help_text="由另一名盟市审核员核实")

    field_order = [*PERSON, *WORK, *CERTIFICATE, *HONOURED]

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        if not can(user, HONOUR.permission):
            for name in HONOURED:
                del self.fields[name]
        for name in ("occupation", "certificate_occupation"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "list": "occupation-options"}
        status: Any = self.fields["status"]
        status.choices = [("", "未选择"), *EmploymentStatus.choices]
        self._focus_on_first_empty()

    def _focus_on_first_empty(self) -> None:
        """The cursor stands where something is still to be typed."""
        self.fields["id_number"].widget.attrs.pop("autofocus", None)
        if self.is_bound:
            return
        first = next(name for name in PERSON if not self.initial.get(name))
        self.fields[first].widget.attrs["autofocus"] = True

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The parts of the form as the page shows them."""
        shown = [("person", "人员", PERSON), ("work", "就业", WORK), ("certificate", "技能证书", CERTIFICATE)]
        shown.append(("honour", "荣誉", HONOURED))
        explained = [self["explanation"]] if not self["explanation"].is_hidden else []
        parts: list[dict[str, Any]] = [
            {"code": code, "title": title, "fields": [self[name] for name in names if name in self.fields]}
            for code, title, names in shown
        ]
        parts[-1]["fields"] += explained
        return [part for part in parts if part["fields"]]

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or self.cleaned_data
        if self._fills(CERTIFICATE):
            if not entered.get("level") and "level" not in self.errors:
                self.add_error("level", "登记技能证书须选择技能等级。")
            if not (entered.get("certificate_occupation") or entered.get("occupation")):
                self.add_error("certificate_occupation", "请填写证书上的职业（工种）。")
        if self._fills(HONOURED):
            for name, words in (("type", "请选择荣誉。"), ("year", "请填写荣誉的年度。")):
                if not entered.get(name) and name not in self.errors:
                    self.add_error(name, words)
            if not entered.get("document") and not entered.get("honour_file"):
                self.add_error("document", "登记荣誉须填写授予文件的文号，或上传证书、文件。")
        return entered

    def _fills(self, names: tuple[str, ...]) -> bool:
        """Whether anything was entered of a part."""
        return any(self.cleaned_data.get(name) not in (None, "") for name in names)

    @property
    def person(self) -> dict[str, Any]:
        """What was entered of the person, and the reason for what is improbable."""
        return {name: self.cleaned_data[name] for name in (*PERSON, "explanation")}

    @property
    def records(self) -> list[NewRecord]:
        """The records whose parts were filled in."""
        entered = self.cleaned_data
        records = []
        if self._fills(WORK):
            said = {name: entered[name] for name in WORK}
            said["status"] = entered["status"] or EmploymentStatus.EMPLOYED
            records.append(NewRecord(EMPLOYMENT.code, self._values(EMPLOYMENT, said)))
        if self._fills(CERTIFICATE):
            said = {name: entered[name] for name in ("level", "number", "issued_on")}
            said["occupation"] = entered["certificate_occupation"] or entered["occupation"]
            values = self._values(CREDENTIAL, said)
            records.append(NewRecord(CREDENTIAL.code, values, entered["certificate_file"]))
        if self._fills(HONOURED):
            said = {name: entered[name] for name in ("type", "year", "document")}
            said["source"] = entered["source"]
            records.append(NewRecord(HONOUR.code, said, entered["honour_file"]))
        return records

    def _values(self, kind: RecordKind, said: dict[str, Any]) -> dict[str, Any]:
        """All fields of a kind: what was said, and of the others that nothing is known."""
        columns: Any = {column.name: column for column in kind.model._meta.concrete_fields}
        values = {name: columns[name].get_default() for name in kind.fields}
        return {**values, **said, "source": self.cleaned_data["source"]}

    def take_refused(self, refused: RecordRefused) -> None:
        """Show why a record cannot be written, beside its field where it is one of this form."""
        why = refused.why
        if not isinstance(why, ValidationError):
            named = "attachment" if not isinstance(why, NotNow) else ""
            self.add_error(_CALLED.get((refused.kind, named)), str(why))
            return
        if hasattr(why, "error_dict"):
            renamed = {_CALLED.get((refused.kind, name), name): said for name, said in why.error_dict.items()}
            why.error_dict = renamed
        self.take(why)
