"""Fields that several forms of the register have: where somebody works, and where a fact comes from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import BLANK_CHOICE_DASH

from portal.accounts.access import Scope
from portal.file_inspection import ACCEPT, ACCEPTED, FileRefused, Inspected, inspect
from portal.regions.models import Region, Tier
from portal.upload_fields import UploadField

SOURCES = ("窗口登记（查验原件）", "窗口登记（本人填报）", "单位报送", "主管部门共享")
# The style sheet of the staff leaves out the three fields of the post, unless one of them says yes.
NO_POST_TO_ASK_ABOUT = (
    "失业、退休人员不填写在岗、在编情况；退休后返聘的，先选择在岗情况，再选“退休”，并写明情况。"
)
NOT_KNOWN = ("", "未选择")


def grouped_regions(where: Scope | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Banners under their league, for a select; all of them, or those of a scope.

    Work is done in banners, or in a league's own development zones: the league itself may be chosen too.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for region in Region.objects.exclude(tier=Tier.AUTONOMOUS_REGION).select_related("parent"):
        if where is not None and not where.covers(region.pk):
            continue
        if region.tier == Tier.LEAGUE_CITY:
            groups.setdefault(region.name, []).append((region.pk, f"{region.name}本级"))
        else:
            league: Any = region.parent
            groups.setdefault(league.name, []).append((region.pk, region.name))
    return list(groups.items())


class RegionField(forms.ModelChoiceField):
    """A league or banner, chosen from groups; `within` limits it to where the person works."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Region.objects.exclude(tier=Tier.AUTONOMOUS_REGION), **options)

    def offer(self, where: Scope | None = None) -> None:
        """Let all leagues and banners be chosen, or those of a scope; a single one is chosen already."""
        groups = grouped_regions(where)
        if where is not None:
            codes = [code for _, regions in groups for code, _ in regions]
            self.queryset = self.queryset.filter(pk__in=codes)  # type: ignore[union-attr]
            if len(codes) == 1:
                self.initial = codes[0]
        # Behind the queryset, which would make the choices anew.
        self.choices = [NOT_KNOWN, *groups]


class InspectedField(UploadField):
    """A photograph or PDF, opened and found right: its value is what was inspected."""

    def __init__(self, **options: Any) -> None:
        super().__init__(takes=ACCEPTED, accept=ACCEPT, most=settings.EVIDENCE_MAX_BYTES, **options)

    def clean(self, data: Any, initial: Any = None) -> Inspected | None:
        upload = super().clean(data, initial)
        try:
            return inspect(upload) if upload else None
        except FileRefused as refused:
            raise ValidationError(str(refused)) from refused


class SourceField(forms.CharField):
    """Where the fact comes from: one of the usual words, or one's own."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": "来源",
            "max_length": 120,
            "initial": SOURCES[0],
            "help_text": f"例如：{'、'.join(SOURCES)}，或写明文件名称、文号",
        }
        super().__init__(**usual | options)


def say_not_known(field: forms.Field) -> None:
    """What is not chosen yet has a word, where a row of dashes would stand."""
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = NOT_KNOWN[1]
    elif isinstance(field, forms.ChoiceField):
        choices = list(field.choices)  # type: ignore[arg-type]
        if choices and choices[0] == BLANK_CHOICE_DASH[0]:
            field.choices = [NOT_KNOWN, *choices[1:]]


def ask_own_source(form: forms.Form | forms.ModelForm, before: str) -> None:
    """What is changed has a source of its own; the old one stays with the old value in the history."""
    form.initial["source"] = ""
    form.fields["source"].help_text = f"请写明更改的依据。原来源：{before}"
