"""The pages on which a published row is corrected, and what letters of an entry say when they are verified."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from portal.audit.models import Entry as AuditEntry
from portal.letters.models import Letter
from portal.letters.verification import verify
from portal.workforce.models import Worker
from talent_registry import actions
from talent_registry.actions import change_status
from talent_registry.models import CorrectionState, EntryCorrection, RegistryEntry, Status
from tests.registry.conftest import TODAY

LATER = TODAY + timedelta(days=10)
RIGHT, WRONG = "孙布和", "孙布合"
REASON = "登记时姓名录入有误，已核对居民身份证。"


def _correct_name(entry: RegistryEntry, name: str = RIGHT) -> None:
    Worker.objects.filter(pk=entry.worker_id).update(name=name)


@pytest.fixture
def wrong(entry: Any) -> RegistryEntry:
    """Published under a name that was corrected since."""
    one = entry(WRONG)
    _correct_name(one)
    return one


def test_an_officer_corrects_on_the_pages(wrong, as_user, registry_officer, second_registry_officer) -> None:
    first, second = as_user(registry_officer), as_user(second_registry_officer)
    home = first.get(reverse("window:home")).text
    assert "与公布不一致" in home
    page = first.get(reverse("registry:corrections")).text
    assert WRONG in page and RIGHT in page
    record = reverse("registry:record", args=[wrong.number])
    page = first.get(record).text
    assert "与已公布的信息不一致" in page and reverse("registry:correct", args=[wrong.number]) in page
    asked = {"chosen": ["name"], "reason": REASON}
    answer = first.post(reverse("registry:correct", args=[wrong.number]), asked)
    assert answer.status_code == 302
    (correction,) = EntryCorrection.objects.all()
    confirm = reverse("registry:correction_confirm", args=[correction.pk])
    assert confirm not in first.get(record).text and "待复核名录更正" not in first.get("/window/").text
    assert "待复核名录更正" in second.get("/window/").text and confirm in second.get(record).text
    assert first.post(confirm).status_code == 409
    assert second.get(confirm).status_code == 200
    assert second.post(confirm, follow=True).status_code == 200
    correction.refresh_from_db()
    assert correction.state == CorrectionState.CONFIRMED
    for again in (confirm, reverse("registry:correction_refuse", args=[correction.pk])):
        assert "该更正已经办理" in second.get(again, follow=True).text
    page = second.get(record).text
    assert "更正公布的信息" in page and f"姓名：{WRONG} → {RIGHT}" in page


def test_a_page_refuses_and_keeps(wrong, as_user, registry_officer, second_registry_officer) -> None:
    correction = actions.propose_correction(wrong.pk, ["name"], reason=REASON, by=registry_officer, on=TODAY)
    second = as_user(second_registry_officer)
    refuse = reverse("registry:correction_refuse", args=[correction.pk])
    assert second.get(refuse).status_code == 200
    second.post(refuse, {"reason": "公布时即为此名。"})
    keep = reverse("registry:keep", args=[wrong.number])
    assert second.get(keep).status_code == 200
    second.post(keep, {"reason": "其后改名。"})
    states = set(EntryCorrection.objects.values_list("state", flat=True))
    assert states == {CorrectionState.REFUSED, CorrectionState.KEPT}
    assert "与已公布的信息不一致" not in second.get(reverse("registry:record", args=[wrong.number])).text
    decided = second.get(reverse("registry:corrections") + "?list=decided").text
    assert "保留原公布内容" in decided and "复核未通过" in decided


def test_the_list_asks_the_same_however_long(entry, as_user, registry_officer, django_assert_max_num_queries):
    client = as_user(registry_officer)
    for name in ("甲一", "甲二", "甲三", "甲四"):
        _correct_name(entry(name), f"{name}对")
    client.get(reverse("registry:corrections"))
    with django_assert_max_num_queries(14):
        page = client.get(reverse("registry:corrections"))
    assert page.text.count("对</strong>") == 4


# -- letters of entries that are suspended or removed -------------------------------------------------------
GIVEN = {"document": "内人社函〔2026〕12号", "reason": "因严重违纪正在接受调查。"}


@pytest.mark.parametrize(
    ("status", "said"),
    [(Status.SUSPENDED, "该人员名录资格已暂停"), (Status.REMOVED, "该人员已移出名录")],
)
def test_letters_say_what_became_of_the_entry(entry, client, registry_officer, status, said) -> None:
    one = entry("乌云其其格")
    issued = list(Letter.objects.filter(case_id=one.case_id))
    for letter in issued:
        assert verify(letter.code).standing is None
    change_status(one.pk, status, by=registry_officer, on=LATER, **GIVEN)
    for letter in issued:
        page = client.get(reverse("letters:verified", args=[letter.code])).text
        assert said in page and "2026年12月2日" in page and "这封信函真实有效" not in page
        assert "乌云其其格" not in page and one.worker.id_number not in page and GIVEN["reason"] not in page


def test_after_reinstatement_they_say_nothing(entry, registry_officer) -> None:
    one = entry()
    change_status(one.pk, Status.SUSPENDED, by=registry_officer, on=TODAY, **GIVEN)
    change_status(one.pk, Status.ACTIVE, by=registry_officer, on=LATER, **GIVEN)
    assert all(verify(letter.code).standing is None for letter in Letter.objects.all())


@pytest.mark.parametrize("address", ["/registry/entries/", "/registry/corrections/"])
def test_whoever_saw_the_list_is_found_by_who_stands_in_it(
    wrong, registry_officer, as_user, address: str
) -> None:
    seen = AuditEntry.objects.naming(wrong.worker_id).filter(
        action="worker.list", actor_id=registry_officer.pk
    )
    assert not seen.exists()
    assert as_user(registry_officer).get(address).status_code == 200
    assert seen.count() == 1
