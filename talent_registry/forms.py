"""What is asked on the pages of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.accounts.access import scope
from portal.pages.filters import ALL, FilterForm, in_region, region_choices
from portal.reasons import ReasonField
from portal.workforce.models import HonourType, Worker
from talent_registry.actions.status import MOVES
from talent_registry.models import Basis, EntryQuerySet, ProposalQuerySet, RegistryEntry, Status
from talent_registry.search import (
    NAME_AT_MOST,
    OCCUPATION_AT_MOST,
    EntryFilters,
    league_choices,
    occupations_in_use,
    selection_years_in_use,
    years_in_use,
)
from talent_registry.workflow import State


class EntryFilter(forms.Form):
    """The filters of the published list, bound to the address. What cannot be used is said beside its field."""

    name = forms.CharField(
        label="姓名",
        required=False,
        help_text="姓名或其中的一两个字",
        widget=forms.TextInput(attrs={"maxlength": NAME_AT_MOST}),
    )
    year = forms.CharField(label="年度", required=False, widget=forms.Select)
    league = forms.CharField(label="盟市", required=False, widget=forms.Select)
    occupation = forms.CharField(
        label="职业（工种）",
        required=False,
        help_text="职业（工种）名称，或其中的一两个字",
        widget=forms.TextInput(
            attrs={"list": "occupations", "autocomplete": "off", "maxlength": OCCUPATION_AT_MOST}
        ),
    )
    basis = forms.CharField(label="依据类别", required=False, widget=forms.Select)
    honour = forms.CharField(label="荣誉", required=False, widget=forms.Select)
    selection_year = forms.CharField(label="遴选年度", required=False, widget=forms.Select)
    status = forms.CharField(label="状态", required=False, widget=forms.Select)

    statuses: tuple[str, ...] = (Status.ACTIVE, Status.SUSPENDED)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.wanted = EntryFilters(data, statuses=self.statuses)
        years = [(str(year), f"{year}年") for year in years_in_use()]
        self._offer("year", years)
        self._offer("league", list(league_choices().items()))
        self._offer("basis", list(Basis.choices))
        self._offer("selection_year", [(str(year), f"{year}年度遴选") for year in selection_years_in_use()])
        self._offer("honour", list(HonourType.objects.values_list("code", "name")))
        self._offer("status", [(status, Status(status).label) for status in self.statuses])
        self.occupations = occupations_in_use()
        self.is_valid()

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].widget.choices = [ALL, *choices]

    def clean(self) -> None:
        for wrong in self.wanted.errors:
            self.add_error(wrong["field"], wrong["problem"])

    @property
    def used(self) -> bool:
        return bool(self.wanted.values or self.wanted.errors)

    def of(self, entries: EntryQuerySet) -> EntryQuerySet:
        return entries.none() if self.wanted.errors else self.wanted.applied_to(entries)


class StaffEntryFilter(EntryFilter):
    """The same for staff, who also see who was removed."""

    statuses = tuple(Status.values)


class ProposalFilter(FilterForm):
    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="地区", required=False)
    basis = forms.ChoiceField(label="依据类别", required=False, choices=[ALL, *Basis.choices])
    honour = forms.ModelChoiceField(
        label="荣誉", required=False, queryset=HonourType.objects.all(), empty_label="全部"
    )
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[
            ("", "待确认"),
            ("open", "在办（含补正）"),
            *((s.value, s.label) for s in State if s != State.PROPOSED),
        ],
    )

    def offer(self) -> None:
        choices = region_choices(scope(self.user, "case.view"))
        if sum(len(group) for _, group in choices) > 1:
            self.fields["region"].choices = [ALL, *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["region"]

    @property
    def of_open(self) -> bool:
        return self.value("state") in {"", "open", State.RETURNED}

    @property
    def can_be_confirmed(self) -> bool:
        return self.value("state") == ""

    def apply(self, proposals: ProposalQuerySet) -> ProposalQuerySet:
        state = self.value("state")
        if self.of_open:
            proposals = proposals.unsettled()
            if state != "open":
                proposals = proposals.filter(case__state=state or State.PROPOSED)
        else:
            proposals = proposals.filter(outcome=state)
        if region := self.value("region"):
            proposals = proposals.filter(in_region(region, "case__region", "case__league_code"))
        if basis := self.value("basis"):
            proposals = proposals.filter(basis=basis)
        if honour := self.value("honour"):
            proposals = proposals.filter(honour__type=honour)
        if name := self.value("name"):
            proposals = proposals.filter(
                worker__in=Worker.objects.visible_to(self.user).named(name).values("pk")
            )
        return proposals


# How an officer may have established that the registry is for this person.
HOW = (
    ("credential", "查验职业技能等级证书"),
    ("employer", "用人单位出具技能岗位证明"),
    ("record", "档案所载职业（工种）、技能等级与本人情况相符"),
    ("other", "其他方式（请在说明中写明）"),
)


class FindingForm(forms.Form):
    """The officer's finding that the person is a skilled worker, and how it was established."""

    is_skilled_worker = forms.BooleanField(
        label="经核实，本人属于技术工人",
        error_messages={"required": "须先核实本人属于技术工人；不属于的，请办理“不予纳入”。"},
    )
    by = forms.ChoiceField(
        label="核实方式",
        choices=HOW,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择核实方式。"},
    )
    note = forms.CharField(
        label="说明", required=False, max_length=150, help_text="例如证书编号、证明出具日期"
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        note = " ".join((cleaned.get("note") or "").split())
        if cleaned.get("by") == "other" and not note:
            self.add_error("note", "选择“其他方式”的，请写明如何核实。")
        if cleaned.get("by"):
            said = dict(HOW)[cleaned["by"]] if cleaned["by"] != "other" else ""
            cleaned["how"] = "：".join(part for part in (said, note) if part)[:200]
        return cleaned


class FindingForAllForm(FindingForm):
    """The same finding for everybody on the page."""

    is_skilled_worker = forms.BooleanField(
        label="经逐一核实，以上人员均属于技术工人",
        error_messages={"required": "须先逐一核实；不属于技术工人的，请从名单中去掉。"},
    )


class StatusForm(forms.Form):
    """A change of status with its document."""

    to = forms.ChoiceField(
        label="变更为", widget=forms.RadioSelect, error_messages={"required": "请选择要办理的变更。"}
    )
    document = forms.CharField(
        label="决定文号",
        max_length=120,
        help_text="作出变更所依据的文件，例如“内人社函〔2026〕12号”",
        error_messages={"required": "请填写决定文号。"},
    )
    reason = ReasonField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写入告知本人的决定书。",
        error_messages={"required": "请写明理由。"},
    )

    _SAID = {
        Status.SUSPENDED: "暂停：暂停期间不享受领军人才待遇，证书停止使用，名录上标注“暂停”",
        Status.ACTIVE: "恢复：恢复待遇，重新发放证书",
        Status.REMOVED: "移出：从公布的名录中移出，纳入通知和证书作废，不能恢复",
    }

    def __init__(self, *args: Any, entry: RegistryEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(to, self._SAID[to]) for to in MOVES[entry.status]]  # type: ignore[attr-defined]


class CorrectionForm(forms.Form):
    """Which fields of a published row shall say what the register says, and why."""

    chosen = forms.MultipleChoiceField(
        label="更正的内容",
        widget=forms.CheckboxSelectMultiple,
        help_text="只更正公布当时就有误的内容。公布后换了单位、工作地，或者取得新证书的，不作更正。",
        error_messages={"required": "请选择要更正的内容。"},
    )
    reason = ReasonField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写入告知本人的更正通知，例如：登记时姓名录入有误。",
        error_messages={"required": "请写明理由。"},
    )

    def __init__(self, data: Any = None, *, differences: Sequence[dict[str, Any]]) -> None:
        wrong = [row["field"] for row in differences if row["contradicted"]]
        super().__init__(data, initial={"chosen": wrong})
        self.fields["chosen"].choices = [  # type: ignore[attr-defined]
            (row["field"], f"{row['label']}：{row['before'] or '未登记'} → {row['after'] or '未登记'}")
            for row in differences
        ]
