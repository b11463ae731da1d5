"""To whom one turns against a decision, within which time: figures of the law, by the place whose office decided."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.letters.remedies import (
    LITIGATION_COURTS,
    RECONSIDERATION_BODIES,
    NoFigure,
    RemedyOf,
    missing_figures,
)
from portal.policy.actions import add_parameter_value, confirm_parameter_value
from portal.policy.law import law_on
from portal.policy.models import Parameter
from portal.regions.models import Region

pytestmark = pytest.mark.django_db
DAY, ORDOS = date(2026, 11, 20), "150600"


def entered(code: str, value: Any, since: date, cast: Any) -> None:
    """As one officer enters a figure and another confirms it."""
    parameter = Parameter.objects.get(code=code)
    by, second = cast("policy_officer"), cast("second_policy_officer")
    found = add_parameter_value(parameter, value, since=since, document="合成文号〔2026〕1号", by=by)
    confirm_parameter_value(found, by=second)


def test_every_league_and_the_region_has_a_body_and_a_court_with_a_source() -> None:
    places = {region.pk for region in Region.objects.leagues()} | {"150000"}
    law = law_on(DAY)
    for code in (RECONSIDERATION_BODIES, LITIGATION_COURTS):
        assert set(law.value(code)) == places and law.figures[code].article
    bodies = law.value(RECONSIDERATION_BODIES)
    for region in Region.objects.leagues():
        expected = "行政公署" if region.kind == "league" else "人民政府"
        assert bodies[region.pk] == f"{region.name}{expected}", "a league has an office, a city a government"


def test_the_text_names_body_time_and_court_of_the_day() -> None:
    text = RemedyOf(ORDOS).text(DAY)
    assert "自收到本决定书之日起60日内向鄂尔多斯市人民政府申请行政复议" in text
    assert "6个月内依法向本机关所在地有管辖权的基层人民法院提起行政诉讼" in text
    assert "自收到原决定书之日起60日内" in RemedyOf(ORDOS, since="自收到原决定书之日起").text(DAY)


def test_a_later_figure_holds_from_its_day_on(cast: Any) -> None:
    courts = dict(law_on(DAY).value(LITIGATION_COURTS)) | {ORDOS: "合成区人民法院"}
    entered(LITIGATION_COURTS, courts, date(2026, 11, 1), cast)
    assert "依法向合成区人民法院" in RemedyOf(ORDOS).text(DAY)
    assert "基层人民法院" in RemedyOf(ORDOS).text(date(2026, 10, 31))
    assert "基层人民法院" in RemedyOf("150200").text(DAY)


def test_what_has_no_value_is_named_and_nothing_is_guessed(cast: Any) -> None:
    entered(RECONSIDERATION_BODIES, {"150200": "包头市人民政府"}, date(2026, 11, 1), cast)
    entered("office.litigation-months", None, date(2026, 11, 1), cast)
    assert missing_figures(ORDOS, DAY) == ["提起行政诉讼的期限", "行政复议机关"]
    with pytest.raises(NoFigure, match="行政复议机关"):
        RemedyOf(ORDOS).text(DAY)
    assert missing_figures("150200", DAY) == ["提起行政诉讼的期限"]
    assert missing_figures(ORDOS, date(2026, 10, 31)) == []
    # Before the law of today there is no body on record.
    assert missing_figures(ORDOS, date(2023, 12, 31)) == ["行政复议机关"]
