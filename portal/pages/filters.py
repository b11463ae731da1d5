"""The filter bars of lists. A filter lives in the address; what cannot be understood is said beside the field
and left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from portal.accounts.access import Scope, can, scope
from portal.cases.models import WITHOUT_DEADLINE, Case
from portal.cases.workflow import workflow_of, workflows
from portal.formats import date_iso
from portal.jobs.models import JobState
from portal.pages.waiting import (
    changes_to_confirm,
    honours_to_verify,
    improbable_to_review,
    records_to_confirm,
)
from portal.regions.models import Region, Tier
from portal.typed_fields import WholeNumberField
from portal.workforce.change_subjects import SUBJECTS
from portal.workforce.identity import narrow
from portal.workforce.models import ChangeState, Employer, HonourType, RecordChange, SkillLevel
from portal.workforce.models.facts import WRITTEN_BY_PORTAL
from portal.workforce.models.honours import HonourState, having_honour
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import ALL_KINDS, KINDS

ALL = ("", "全部")
# Beside a list nobody needs to know more exactly, and a count through joins costs more than the page itself.
COUNTED_AT_MOST = 1_000


def region_choices(where: Scope) -> list[Any]:
    """The leagues and banners of a scope, banners grouped under their league."""
    regions = Region.objects.exclude(tier=Tier.AUTONOMOUS_REGION)
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name, tier, parent in regions.values_list("code", "name", "tier", "parent__name"):
        if not where.covers(code):
            continue
        if tier == Tier.LEAGUE_CITY:
            groups.setdefault(name, []).append((code, f"{name}（全部）"))
        else:
            groups.setdefault(parent, []).append((code, name))
    return list(groups.items())


def in_region(code: str, region: str = "region", league: str = "league_code") -> Q:
    """Of a banner, or of a whole league when its code ends in 00."""
    return Q(**{league: code}) if code.endswith("00") else Q(**{f"{region}_id": code})


class FilterForm(forms.Form):
    """Bound to the query string. `value(name)` is what was understood, empty otherwise."""

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.user = user
        self.offer()
        self.is_valid()

    def offer(self) -> None:
        """Fill in the choices that are data. A filter by region is left out where there is only one."""
        if "region" in self.fields:
            choices = region_choices(scope(self.user, "worker.view"))
            if sum(len(group) for _, group in choices) > 1:
                self.fields["region"].choices = [ALL, *choices]  # type: ignore[attr-defined]
            else:
                del self.fields["region"]

    def value(self, name: str) -> Any:
        return self.cleaned_data.get(name) or ""

    @property
    def used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields)


class CaseFilter(FilterForm):
    region = forms.ChoiceField(label="地区", required=False)
    kind = forms.ChoiceField(label="事项", required=False)
    due = forms.ChoiceField(
        label="期限",
        required=False,
        choices=[
            ALL,
            ("overdue", "已超期"),
            ("week", "7日内到期"),
            ("none", "未设期限"),
            ("stopped", "暂停计时"),
        ],
    )

    def offer(self) -> None:
        super().offer()
        self.fields["kind"].choices = [ALL, *((w.kind, w.title) for w in workflows())]  # type: ignore[attr-defined]

    def apply(self, cases: QuerySet[Case], today: date) -> QuerySet[Case]:
        if region := self.value("region"):
            cases = cases.filter(in_region(region))
        if kind := self.value("kind"):
            cases = cases.filter(kind=kind)
        if due := self.value("due"):
            # Asked of the column the list runs by: each is a stretch of its index.
            running = Q(stopped_on__isnull=True)
            by_due = {
                "overdue": running & Q(due_sort__lt=today),
                "week": running & Q(due_sort__gte=today, due_sort__lte=today + timedelta(days=7)),
                "none": running & Q(due_sort=WITHOUT_DEADLINE),
                "stopped": Q(stopped_on__isnull=False),
            }
            cases = cases.unfinished().filter(by_due[due])  # type: ignore[attr-defined]
        return cases


class WorklistFilter(CaseFilter):
    """On the staff home; which of its lists is shown stays."""

    list = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def used(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "list")


class AllCasesFilter(CaseFilter):
    name = forms.CharField(label="姓名", required=False, max_length=20)
    state = forms.ChoiceField(label="状态", required=False)

    field_order = ["name", "region", "kind", "state", "due"]

    def offer(self) -> None:
        super().offer()
        by_kind = [
            (w.title, [(f"{w.kind}:{value}", label) for value, label in w.states.choices])
            for w in workflows()
        ]
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            ALL,
            ("open", "在办（全部）"),
            ("closed", "已办结（全部）"),
            *by_kind,
        ]

    @property
    def only_open(self) -> bool:
        """Whether what is asked for is open cases only: these run by deadline, as on the worklist."""
        kind, _, state = self.value("state").partition(":")
        return (
            bool(self.value("due"))
            or kind == "open"
            or (bool(state) and state not in workflow_of(kind).final_states)
        )

    def apply(self, cases: QuerySet[Case], today: date) -> QuerySet[Case]:
        cases = super().apply(cases, today)
        kind, _, state = self.value("state").partition(":")
        if state:
            cases = cases.filter(kind=kind, state=state)
        elif kind == "closed":
            cases = cases.filter(closed_at__isnull=False)
        if self.only_open:
            cases = cases.unfinished()  # type: ignore[attr-defined]
        if name := self.value("name"):
            cases = cases.of_worker_named(name)  # type: ignore[attr-defined]
        return cases


class WorkerFilter(FilterForm):
    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="工作地", required=False)
    level = forms.TypedChoiceField(
        label="技能等级",
        required=False,
        coerce=int,
        empty_value="",
        choices=[ALL, *((str(v), n) for v, n in SkillLevel.choices)],
    )
    occupation = forms.CharField(label="职业（工种）", required=False, max_length=60)
    employer = forms.CharField(
        label="用人单位", required=False, max_length=60, help_text="单位名称或其中几个字，或统一社会信用代码"
    )
    honour = forms.ChoiceField(label="荣誉", required=False, choices=[ALL, *HonourState.choices])

    def apply(self, workers: Any) -> Any:
        """Whatever the filters, the list runs by id: one index for each of them ends in it."""
        if name := self.value("name"):
            workers = workers.named(name)
        if region := self.value("region"):
            workers = workers.filter(in_region(region, "work_region"))
        level = self.cleaned_data.get("level", "")
        if level != "":
            workers = workers.filter(skill_level=level)
        if occupation := self.value("occupation"):
            workers = workers.filter(occupation=occupation)
        if employer := self.value("employer"):
            units = Employer.objects.visible_to(self.user)
            code = narrow(employer).upper()
            units = (
                units.filter(credit_code=code)
                if len(code) == 18 and code.isalnum() and code.isascii()
                else units.named(employer)
            )
            workers = workers.filter(
                employer__in=list(units.order_by("pk").values_list("pk", flat=True)[:500])
            )
        state = self.value("honour")
        if state:
            workers = having_honour(workers, state)
        return workers

    @property
    def used(self) -> bool:
        return super().used or self.cleaned_data.get("level", "") != ""


class HonourFilter(FilterForm):
    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="工作地", required=False)
    type = forms.ModelChoiceField(
        label="荣誉", required=False, queryset=HonourType.objects.all(), empty_label="全部"
    )
    year = WholeNumberField(label="年度", required=False, min_value=1949, max_value=2100)
    document = forms.CharField(label="文号", required=False, max_length=80)
    state = forms.ChoiceField(label="状态", required=False, choices=HonourState.choices)
    gap = forms.BooleanField(label="只看没有文号的", required=False)
    mine = forms.BooleanField(label="只看等我核实的", required=False)

    def offer(self) -> None:
        super().offer()
        if not can(self.user, "honour.verify"):
            del self.fields["mine"]

    def apply(self, honours: Any) -> Any:
        if self.value("mine"):
            honours = honours.filter(pk__in=honours_to_verify(self.user).values("pk"))
        honours = honours.filter(state=self.value("state") or HonourState.UNVERIFIED)
        if region := self.value("region"):
            honours = honours.filter(in_region(region, "worker__work_region", "worker__league_code"))
        if kind := self.value("type"):
            honours = honours.filter(type=kind)
        if year := self.value("year"):
            honours = honours.filter(year=year)
        if document := self.value("document"):
            honours = honours.filter(document__contains=document)
        if self.value("gap"):
            honours = honours.filter(document="")
        if name := self.value("name"):
            honours = honours.of_worker_named(name)
        return honours


class ImprobableFilter(FilterForm):
    """What was improbable and was kept, by whether somebody has looked into it."""

    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="工作地", required=False)
    kind = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[ALL, ("worker", "人员信息"), *((kind.code, kind.title) for kind in ALL_KINDS)],
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "待核查"), ("done", "已核查"), ("all", "全部")]
    )
    mine = forms.BooleanField(label="只看等我核查的", required=False)

    def offer(self) -> None:
        super().offer()
        if not can(self.user, "record.improbable.review"):
            del self.fields["mine"]

    def apply(self, records: Any) -> Any:
        if self.value("mine"):
            records = records.filter(pk__in=improbable_to_review(self.user).values("pk"))
        if self.value("state") == "done":
            records = records.filter(review__isnull=False)
        elif not self.value("state"):
            records = records.waiting()
        if kind := self.value("kind"):
            records = records.filter(kind=kind)
        if region := self.value("region"):
            records = records.filter(in_region(region, "worker__work_region", "worker__league_code"))
        if name := self.value("name"):
            records = records.of_worker_named(name)
        return records


class RecordFilter(FilterForm):
    """Records of one kind, by whether somebody has confirmed them."""

    FIRST = "credential"
    kind = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[(FIRST, KINDS[FIRST].title)]
        + [(kind.code, kind.title) for kind in KINDS.values() if kind.verified and kind.code != "credential"],
    )
    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="工作地", required=False)
    source = forms.CharField(label="来源", required=False, max_length=120)
    state = forms.ChoiceField(label="状态", required=False, choices=Verification.choices)
    mine = forms.BooleanField(label="只看等我核验的", required=False)

    def apply(self, records: Any) -> Any:
        if self.value("mine"):
            kind = KINDS[self.value("kind") or self.FIRST]
            records = records.filter(pk__in=records_to_confirm(self.user, kind).values("pk"))
        records = records.filter(verification=self.value("state") or Verification.STATED)
        if self.value("kind") == "attested":
            records = records.exclude(code__in=WRITTEN_BY_PORTAL)
        if region := self.value("region"):
            records = records.filter(in_region(region, "worker__work_region", "worker__league_code"))
        if source := self.value("source"):
            records = records.filter(source__contains=source)
        if name := self.value("name"):
            records = records.of_worker_named(name)
        return records

    @property
    def used(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "kind")


class ChangeFilter(FilterForm):
    """Changes of what counts: those that wait, or those that were decided."""

    LISTS = {"open": "待确认", "done": "已处理"}
    list = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label="人员或单位", required=False, max_length=60)
    region = forms.ChoiceField(label="地区", required=False)
    kind = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[ALL, *((subject.code, subject.title) for subject in SUBJECTS.values())],
    )
    roster = forms.TypedChoiceField(label="花名册", required=False, coerce=int, empty_value="")
    mine = forms.BooleanField(label="只看等我确认的", required=False)

    def offer(self) -> None:
        super().offer()
        self.fields["roster"].choices = [ALL, *self._rosters()]  # type: ignore[attr-defined]

    def _rosters(self) -> Iterable[tuple[int, str]]:
        """The imports of which something waits, and the one that is asked for."""
        asked = self.data.get("roster", "")
        wanted = Q(state=ChangeState.PROPOSED)
        if asked.isascii() and asked.isdigit() and len(asked) < 19:
            wanted |= Q(roster_import=int(asked))
        seen = RecordChange.objects.visible_to(self.user).filter(wanted, roster_import__isnull=False)
        imports = seen.order_by("-roster_import_id").values_list(
            "roster_import_id", "roster_import__file_name", "roster_import__created_at"
        )
        return ((pk, f"{name}（{date_iso(day)}）") for pk, name, day in imports.distinct())

    @property
    def chosen_list(self) -> str:
        return self.value("list") if self.value("list") in self.LISTS else "open"

    def apply(self, changes: Any) -> Any:
        if self.value("mine") and self.chosen_list == "open":
            changes = changes.filter(pk__in=changes_to_confirm(self.user).values("pk"))
        if name := self.value("name"):
            changes = changes.named(name)
        if region := self.value("region"):
            changes = changes.filter(
                in_region(region, "worker__work_region", "worker__league_code")
                | in_region(region, "unit__region", "unit__league_code")
                | in_region(region, "to_region", "to_league_code")
            )
        if kind := self.value("kind"):
            changes = changes.filter(kind=kind)
        if roster := self.value("roster"):
            changes = changes.filter(roster_import=roster)
        return changes

    @property
    def used(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "list")


class JobFilter(FilterForm):
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *JobState.choices])
