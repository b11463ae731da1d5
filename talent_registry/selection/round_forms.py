"""What is asked on the pages of a round: its days, scheme and places while it is a draft, and what a league
decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from portal.reasons import ReasonField
from portal.typed_fields import DayField, WholeNumberField
from portal.workforce.models import HonourType
from talent_registry.models import QuotaKind, SelectionRound
from talent_registry.selection import scheme as schemes
from talent_registry.selection.rounds import LONGEST_NOTICE, MOST_PLACES, quota_keys
from talent_registry.selection.scheme_form import from_form

Groups = list[tuple[str, str, list[Any]]]


def _date(label: str, help_text: str = "") -> DayField:
    return DayField(
        label=label,
        help_text=help_text,
        error_messages={"required": f"请填写“{label}”。"},
    )


class _Problems(forms.Form):
    """A form that shows beside its fields what the action found wrong."""

    def show(self, problems: Iterable[tuple[str, str]]) -> None:
        for name, problem in problems:
            self.add_error(name if name in self.fields else None, problem)


class PrepareForm(forms.Form):
    year = WholeNumberField(
        label="年度",
        min_value=2000,
        max_value=2100,
        help_text="建立后日期、评分办法和名额均为示例，开始申报前可以修改。",
        error_messages={"required": "请填写年度。"},
    )


class DaysForm(_Problems):
    """The days of a round; each stage ends on or after the one before."""

    opens_on = _date("开始申报", "从这一天起接受申报。办法已有文号的，到期自动开始。")
    nominations_until = _date("申报截止", "截止日当天仍接受申报。")
    panel_until = _date("评审截止")
    recommend_until = _date("推荐截止")
    as_of = _date("事实截止日", "技能等级、荣誉、一线年限等以这一天为准。")
    notice_working_days = WholeNumberField(
        label="公示工作日",
        min_value=1,
        max_value=LONGEST_NOTICE,
        help_text="从发布次日起算的完整工作日数。",
        error_messages={"required": "请填写公示工作日。"},
    )

    def __init__(self, data: Any = None, *, round_: SelectionRound) -> None:
        super().__init__(data, initial={name: getattr(round_, name) for name in self.base_fields})


class ExtendForm(_Problems):
    """More time for the panel, and for the recommendations that follow it."""

    panel_until = _date("评审截止", "截止日当天仍可提交评分。")
    recommend_until = _date("推荐截止", "不早于评审截止，也不早于现在的日期。")
    reason = ReasonField(
        label="延长原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明延长的原因。"},
        help_text="记入审计。",
    )

    def __init__(self, data: Any = None, *, round_: SelectionRound) -> None:
        super().__init__(
            data, initial={"panel_until": round_.panel_until, "recommend_until": round_.recommend_until}
        )


class SchemeForm(_Problems):
    """Every number of the scheme, and the criteria of the panel."""

    def __init__(self, data: Any = None, *, round_: SelectionRound) -> None:
        super().__init__(data)
        self.honours = dict(HonourType.objects.values_list("code", "name"))
        scheme = schemes.read(round_.scheme)
        self.numbers = scheme.fields(self.honours)
        for one in self.numbers:
            self.fields[one.name] = _points(one.label, one.text, required=True)
        for place in range(schemes.MOST_PANEL_CRITERIA):
            given = scheme.panel[place] if place < len(scheme.panel) else None
            self.fields[f"panel.{place}.label"] = forms.CharField(
                label=f"评审项目{place + 1}",
                required=False,
                max_length=40,
                initial=given.label if given else "",
            )
            self.fields[f"panel.{place}.most"] = _points(
                f"评审项目{place + 1}最高分", schemes.points_text(given.most) if given else ""
            )
        self.fields["document"] = forms.CharField(
            label="评分办法文号",
            required=False,
            max_length=120,
            initial=round_.scheme_document,
            help_text="印发评分办法和名额的文件。未填写文号的，页面一律标明“示例”。",
        )

    @property
    def groups(self) -> Groups:
        """(id, title, fields) in the order of the form."""
        found: dict[str, list[Any]] = {}
        for one in self.numbers:
            found.setdefault(one.group, []).append(self[one.name])
        groups = [(f"group-{place}", title, fields) for place, (title, fields) in enumerate(found.items())]
        panel = [
            self[f"panel.{n}.{part}"]
            for n in range(schemes.MOST_PANEL_CRITERIA)
            for part in ("label", "most")
        ]
        return [
            *groups,
            ("group-panel", "专家评审项目", panel),
            ("group-document", "依据文件", [self["document"]]),
        ]

    def scheme(self) -> schemes.Scheme:
        """What was typed. Raises scheme.SchemeRefused."""
        said = self.cleaned_data
        panel = [
            (said[f"panel.{n}.label"], said[f"panel.{n}.most"]) for n in range(schemes.MOST_PANEL_CRITERIA)
        ]
        return from_form({one.name: said[one.name] for one in self.numbers}, panel, self.honours)

    def show_refusal(self, refusal: schemes.SchemeRefused) -> None:
        self.show(
            (name if name in self.fields else f"{name}.most", f"{problem}（{allowed}）")
            for name, problem, allowed in refusal.problems
        )


def _points(label: str, initial: str, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=8,
        initial=initial,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": "请填写分值，不计分的填0。"},
    )


class PlacesForm(_Problems):
    """Places in all, to recommend by league, and at most to be selected by league and by industry."""

    total = WholeNumberField(
        label="入选名额",
        min_value=1,
        max_value=MOST_PLACES,
        help_text="全区本年度入选的人数上限。",
        error_messages={"required": "请填写入选名额。"},
    )
    _SAID = {
        QuotaKind.RECOMMENDATION.value: "各盟市最多推荐的人数，不分配的填0。已在名录中的人员不占名额。",
        QuotaKind.LEAGUE.value: "各盟市最多入选的人数。全部留空表示不设上限。",
        QuotaKind.INDUSTRY.value: "各行业最多入选的人数。全部留空表示不设上限。",
    }

    def __init__(self, data: Any = None, *, round_: SelectionRound) -> None:
        super().__init__(data, initial={"total": round_.places})
        self.keys = quota_keys()
        now = {(quota.kind, quota.key): quota.places for quota in round_.quotas.all()}
        for kind, keys in self.keys.items():
            for key, name in keys.items():
                self.fields[f"{kind}-{key}"] = WholeNumberField(
                    label=name,
                    required=kind == QuotaKind.RECOMMENDATION,
                    min_value=0,
                    max_value=MOST_PLACES,
                    initial=now.get((kind, key)),
                    error_messages={"required": "请填写名额，不分配的填0。"},
                )

    @property
    def groups(self) -> list[tuple[str, str, str, list[Any]]]:
        """(id, title, what to know, fields)."""
        return [
            (
                f"group-{kind}",
                str(QuotaKind(kind).label),
                self._SAID[kind],
                [self[f"{kind}-{key}"] for key in keys],
            )
            for kind, keys in self.keys.items()
        ]

    def quotas(self) -> Mapping[str, Mapping[str, int]]:
        """What was filled in, by kind."""
        said = self.cleaned_data
        return {
            kind: {key: said[f"{kind}-{key}"] for key in keys if said.get(f"{kind}-{key}") is not None}
            for kind, keys in self.keys.items()
        }
