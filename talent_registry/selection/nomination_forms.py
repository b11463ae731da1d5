"""What is asked on the pages of nominations and of the panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q

from portal.accounts.access import scope
from portal.pages.filters import ALL, FilterForm, in_region, region_choices
from portal.workforce.models import Worker
from talent_registry.models import Industry, Nomination, PanelAssignment, SelectionRound
from talent_registry.models.selection import NominationQuerySet
from talent_registry.selection.nominating import LONGEST_STATEMENT
from talent_registry.selection.scheme import PanelCriterion, points_of, points_text
from talent_registry.selection.workflow import NominationState


class NominationFilter(FilterForm):
    """The filters of the office's list."""

    name = forms.CharField(label="姓名", required=False, max_length=20)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value="")
    region = forms.ChoiceField(label="地区", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *NominationState.choices])
    panel = forms.ChoiceField(
        label="专家评审",
        required=False,
        choices=[ALL, ("none", "未安排"), ("waiting", "评审中"), ("done", "已完成")],
    )

    def offer(self) -> None:
        years = SelectionRound.objects.visible_to(self.user).values_list("year", "year")
        self.fields["year"].choices = [ALL, *((str(year), f"{year}年") for year, _ in years)]  # type: ignore[attr-defined]
        choices = region_choices(scope(self.user, "case.view"))
        if sum(len(group) for _, group in choices) > 1:
            self.fields["region"].choices = [ALL, *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["region"]

    def apply(self, nominations: NominationQuerySet) -> NominationQuerySet:
        if year := self.value("year"):
            nominations = nominations.filter(round__year=year)
        if state := self.value("state"):
            nominations = nominations.filter(case__state=state)
        if region := self.value("region"):
            nominations = nominations.filter(in_region(region, "case__region", "case__league_code"))
        if name := self.value("name"):
            nominations = nominations.filter(
                worker__in=Worker.objects.visible_to(self.user).named(name).values("pk")
            )
        if panel := self.value("panel"):
            asked = Exists(
                PanelAssignment.objects.filter(nomination=OuterRef("pk"), conflict_at__isnull=True)
            )
            wanted = {
                "none": ~asked,
                "waiting": asked & Q(panel_score__isnull=True),
                "done": Q(panel_score__isnull=False),
            }
            nominations = nominations.filter(wanted[panel], case__state=NominationState.ACCEPTED)
        return nominations


class NominationForm(forms.Form):
    """What a nomination says of itself."""

    industry = forms.ChoiceField(
        label="所属行业",
        choices=[("", "请选择"), *Industry.choices],
        help_text="按国民经济行业分类（GB/T 4754—2017）的门类选择",
        error_messages={"required": "请选择所属行业。"},
    )
    statement = forms.CharField(
        label="主要业绩",
        max_length=LONGEST_STATEMENT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=f"写明技能水平、工作业绩、突出贡献和一线工作情况，不超过{LONGEST_STATEMENT}个字。不要填写证件号码等个人信息。",
        error_messages={"required": "请填写主要业绩。"},
    )

    @classmethod
    def of(cls, nomination: Nomination, data: Any) -> NominationForm:
        return cls(data, initial={"industry": nomination.industry, "statement": nomination.statement})


def _expert_in_words(expert: Any) -> str:
    """Who it is and how much waits for them, so that people of one name or one unit are told apart."""
    known = [expert.unit, expert.occupation]
    about = "，".join(filter(None, known)) or f"单位和职业未登记，用户名{expert.username}"
    return f"{expert}（{about}；待评{expert.left}人）"


class ExpertsForm(forms.Form):
    """Which experts score those who were chosen."""

    experts = forms.MultipleChoiceField(
        label="评审专家",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一名专家。"},
        help_text="本人参评的、是参评人员所在单位经办人的，不会安排。",
    )

    def __init__(self, *args: Any, experts: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["experts"].choices = [(str(one.pk), _expert_in_words(one)) for one in experts]  # type: ignore[attr-defined]


class ScoreForm(forms.Form):
    """Points for each criterion, as people write them, and a comment. `scores` has them in hundredths."""

    comment = forms.CharField(
        label="评语", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(
        self, *args: Any, criteria: Sequence[PanelCriterion], is_draft: bool = False, **kwargs: Any
    ) -> None:
        """Of a draft any criterion may be left open."""
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            self.fields[f"score-{one.code}"] = forms.CharField(
                label=one.label,
                required=not is_draft,
                max_length=7,
                help_text=f"0至{points_text(one.most)}分，最多两位小数",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
                error_messages={"required": f"请为“{one.label}”评分。"},
            )
        self.order_fields([f"score-{one.code}" for one in criteria])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.scores: dict[str, int] = {}
        for one in self.criteria:
            name = f"score-{one.code}"
            if not cleaned.get(name):
                continue
            points = points_of(cleaned[name])
            if points is None or points > one.most:
                self.add_error(name, f"请填写0至{points_text(one.most)}之间的分数，最多两位小数。")
            else:
                self.scores[one.code] = points
        return cleaned
