"""Over a hundred regions to choose from stand in groups."""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.forms import RoleForm

pytestmark = pytest.mark.django_db


def test_regions_of_a_role_stand_under_their_league(cast: Any) -> None:
    choices = dict(RoleForm(by=cast("security_admin")).fields["region"].choices)
    assert choices[""] == "请选择" and choices["全区"] == [("150000", "内蒙古自治区")]
    of_league = choices["鄂尔多斯市"]
    assert of_league[0] == ("150600", "鄂尔多斯市（含所辖旗县）") and ("150624", "鄂托克旗") in of_league


def test_what_was_chosen_from_a_group_is_taken(cast: Any) -> None:
    form = RoleForm({"role": "window_clerk", "region": "150624"}, by=cast("security_admin"))
    assert form.is_valid() and form.cleaned_data["region"].pk == "150624"
    wrong = RoleForm({"role": "window_clerk", "region": "999999"}, by=cast("security_admin"))
    assert "region" in wrong.errors
