"""The address of a file: who gets it, who learns nothing of it, and what browsers are told."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.cases.actions import NewCase, open_cases
from portal.cases.evidence import files
from portal.cases.models import Evidence
from tests.cases.conftest import KIND, MONDAY, pdf, upload


@pytest.fixture
def kept(worker, takes_evidence, clerk) -> Evidence:
    [case] = open_cases(KIND, [NewCase(worker.work_region_id, worker.pk, "全国技术能手")], by=None, on=MONDAY)
    return files.attach(case.pk, upload(pdf(), "技师证书.pdf"), label="技师证书", by=clerk, on=MONDAY)


def address(kept: Evidence) -> str:
    return reverse("window:evidence", args=[kept.pk])


@pytest.mark.parametrize("who", ["clerk", "reviewer", "registry_officer", "auditor"])
def test_staff_of_the_place_open_it(kept, cast, as_user, who) -> None:
    answer = as_user(cast(who)).get(address(kept))
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''")
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert Entry.objects.filter(action="evidence.open", actor_name=cast(who).username).count() == 1


def test_the_worker_opens_their_own(kept, worker_user, as_user) -> None:
    answer = as_user(worker_user).get(address(kept), {"download": ""})
    assert answer.status_code == 200 and answer["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    "who",
    [
        "baotou_clerk",
        "baotou_reviewer",
        "panel_expert",
        "employer_agent",
        "training_provider",
        "system_admin",
    ],
)
def test_others_learn_nothing_of_it(kept, cast, as_user, who) -> None:
    assert as_user(cast(who)).get(address(kept)).status_code == 404
    assert not Entry.objects.filter(action="evidence.open").exists()


def test_the_expert_of_the_panel_opens_what_the_programme_shows(kept, clerk, panel_expert, as_user) -> None:
    shown = files.attach(kept.case_id, upload(pdf("2")), label="专家可见", by=clerk, on=MONDAY)
    assert as_user(panel_expert).get(address(shown)).status_code == 200


def test_without_a_login_there_is_nothing_and_what_was_removed_is_gone(kept, client, clerk, as_user) -> None:
    assert client.get(address(kept)).status_code == 302
    assert as_user(clerk).post(address(kept)).status_code == 405
    files.remove(kept.pk, by=clerk, on=MONDAY)
    assert as_user(clerk).get(address(kept)).status_code == 404
