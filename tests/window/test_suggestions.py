"""What is suggested while a record is entered, and that everything else is taken too."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.workforce.models import ScarceOccupation
from tests.cast import KUNDULUN, OTOG, make_worker
from tests.window.given import make_employer
from tests.window.test_records import POSTED

pytestmark = pytest.mark.django_db


def test_a_unit_is_chosen_and_shown_by_its_name_with_the_code_behind(cast: Any, as_user: Any):
    unit = make_employer()
    client, worker = as_user(cast("clerk")), make_worker()
    chosen = f"{unit.name}（{unit.credit_code}）"
    options = client.get(reverse("window:employer_options"), {"employer": unit.name[:3]}).content.decode()
    assert f'<option value="{chosen}">' in options
    sent = POSTED["employment"] | {"source": "窗口登记"}
    address = reverse("window:record_new", args=[worker.pk, "employment"])
    for typed in (chosen, chosen.replace("（", "(").replace("）", ") ")):
        another = make_worker()
        client.post(reverse("window:record_new", args=[another.pk, "employment"]), sent | {"employer": typed})
        another.refresh_from_db()
        assert another.employer == unit
    client.post(address, sent | {"employer": chosen})
    record = worker.employments.get()
    page = client.get(reverse("window:record", args=[worker.pk, "employment", record.pk])).content.decode()
    assert f'value="{chosen}"' in page


def test_occupations_of_the_published_lists_are_suggested_and_others_taken(cast: Any, as_user: Any):
    for region, name in ((OTOG, "矿井通风工"), ("150600", "焊工"), (KUNDULUN, "炼钢工")):
        ScarceOccupation.objects.create(
            region_id=region, occupation=name, folded=name, since="2026-01-01", document="某人社发〔2026〕1号"
        )
    client, worker = as_user(cast("clerk")), make_worker()
    address = reverse("window:record_new", args=[worker.pk, "credential"])
    page = client.get(address).content.decode()
    assert '<option value="矿井通风工">' in page and '<option value="焊工">' in page
    assert "炼钢工" not in page and 'list="occupation-options"' in page
    sent = POSTED["credential"] | {"source": "窗口登记", "occupation": "茶艺师"}
    assert client.post(address, sent).status_code == 302
    assert worker.credentials.get().occupation == "茶艺师"
    assert (
        "occupation-options"
        not in client.get(reverse("window:record_new", args=[worker.pk, "insurance"])).content.decode()
    )


def test_what_is_not_chosen_yet_has_a_word(cast: Any, as_user: Any):
    client, worker = as_user(cast("clerk")), make_worker()
    for kind in ("employment", "credential", "insurance", "schooling", "competition", "claim", "honour"):
        address = reverse("window:record_new", args=[worker.pk, kind])
        page = client.get(address).content.decode()
        assert page.count("----") == 0, kind
        assert kind in {"employment", "insurance"} or "未选择" in page, kind
