"""The filters of the office's list of claims."""

from __future__ import annotations

from django import forms

from portal.accounts.access import scope
from portal.cases.models import Channel
from portal.cases.models.life import CaseQuerySet
from portal.funds.course import Stage
from portal.pages.filters import ALL, COUNTED_AT_MOST, FilterForm, region_choices
from subsidies.finding import DUE, FILTERS, cases_found_by
from subsidies.schemes import SCHEMES
from subsidies.workflow import ClaimState

# Where the claim behind each case is looked at, or the person, counting more would cost more than the page itself.
_COUNTED_BEHIND, _COUNTED_OF_A_NAME = 300, 100


class ClaimFilter(FilterForm):
    """The filters of the office's list."""

    name = forms.CharField(label="姓名", required=False, max_length=20)
    kind = forms.ChoiceField(
        label="补贴", required=False, choices=[ALL, *((kind, one.title) for kind, one in SCHEMES.items())]
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *ClaimState.choices])
    region = forms.ChoiceField(label="地区", required=False)
    channel = forms.ChoiceField(label="申请方式", required=False, choices=[ALL, *Channel.choices])
    money = forms.ChoiceField(label="资金", required=False, choices=[ALL, *Stage.choices])
    due = forms.ChoiceField(label="期限", required=False, choices=[ALL, *DUE])

    def offer(self) -> None:
        choices = region_choices(scope(self.user, "case.view"))
        if sum(len(group) for _, group in choices) > 1:
            self.fields["region"].choices = [ALL, *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["region"]

    @property
    def counted_at_most(self) -> int:
        """How many are counted: fewer where each case alone does not say whether it belongs to the list."""
        if self.value("name"):
            return _COUNTED_OF_A_NAME
        looks_behind = self.value("channel") or self.value("money")
        return _COUNTED_BEHIND if looks_behind else COUNTED_AT_MOST

    @property
    def is_about_names(self) -> bool:
        """Of people of a name, in more than one banner, all that are counted are found sooner in any order than in that
        of the list.
        """
        region = self.value("region")
        return bool(self.value("name")) and (not region or region.endswith("00"))

    def cases(self, cases: CaseQuerySet) -> CaseQuerySet:
        """The cases of the claims that the filters let through."""
        return cases_found_by(cases, {name: self.value(name) for name in FILTERS}, by=self.user)
