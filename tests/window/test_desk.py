"""The service desk: whoever brings a number is found by it, and one page says what is open for them; from there to
consent and receipt.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Entry
from portal.cases.models import Case
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.entitlements.rectifications import request_rectification
from portal.kept_queries import FORM
from portal.workforce.models import SkillCredential
from tests.cast import KUNDULUN, id_number, make_worker
from tests.entitlements.conftest import no_programme_opens  # noqa: F401  a fixture
from tests.entitlements.given import welder
from tests.window.given import known_worker, make_case

pytestmark = pytest.mark.django_db
PHONE = "13904771234"


def asked(client: Any, text: str) -> Any:
    """What the desk answers to what was typed."""
    sent_on = client.post(reverse("window:desk"), {"q": text, FORM: "1"})
    return client.get(sent_on["Location"])


def page_of(worker: Any) -> str:
    return reverse("window:desk_person", args=[worker.pk])


def with_phone(worker: Any, phone: str = PHONE) -> Any:
    worker.set_phone(phone)
    worker.save()
    return worker


def test_every_number_somebody_brings_leads_to_them(cast: Any, as_user: Any) -> None:
    worker = with_phone(make_worker("王建国"))
    make_worker("李静")
    SkillCredential.objects.create(
        worker=worker, occupation="焊工", level=40, number="1515000000600001", source="花名册"
    )
    case = make_case(worker)
    client = as_user(cast("clerk"))
    for typed in (worker.id_number, PHONE, "139 0477 1234", "1515000000600001", case.number.lower()):
        answer = asked(client, typed)
        assert answer.status_code == 302 and answer["Location"] == page_of(worker), typed
    by_phone = Entry.objects.filter(action="worker.search", detail__by="phone")
    assert by_phone.count() == 2 and by_phone.first().worker_ref == worker.pk


def test_the_last_four_of_an_id_number(cast: Any, as_user: Any) -> None:
    worker, other = make_worker("王建国"), make_worker("王建设")
    elsewhere = make_worker("王建国", region=KUNDULUN)
    client = as_user(cast("clerk"))
    tail = worker.id_number[-4:]
    assert other.id_number[-4:] != tail
    for typed in (tail, f"王建国 {tail}", f"王 {tail.lower()}", f"王建国{tail}"):
        page = asked(client, typed).content.decode()
        assert page_of(worker) in page and page_of(other) not in page, typed
        assert page_of(elsewhere) not in page
    assert "没有找到" in asked(client, f"李 {tail}").content.decode()


def test_of_too_many_people_the_name_is_asked_for(
    cast: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.window.people import searching

    monkeypatch.setattr(searching, "_MOST_OPENED", 1)
    worker, _ = make_worker("王建国"), make_worker("李静")
    client = as_user(cast("clerk"))
    tail = worker.id_number[-4:]
    assert "请在前面加上姓名" in asked(client, tail).content.decode()
    searched = client.post(reverse("window:search"), {"q": tail, FORM: "1"}, follow=True)
    assert "请在前面加上姓名" in searched.content.decode()
    assert page_of(worker) in asked(client, f"王建国 {tail}").content.decode()


def test_a_phone_that_two_share_shows_both(cast: Any, as_user: Any) -> None:
    father, son = with_phone(make_worker("王建国")), with_phone(make_worker("王小军"))
    page = asked(as_user(cast("clerk")), PHONE).content.decode()
    assert "同一手机号" in page and page_of(father) in page and page_of(son) in page
    assert PHONE not in page.replace('value="' + PHONE, "")


def test_who_is_not_found_is_written_down_with_what_was_typed(cast: Any, as_user: Any) -> None:
    number = id_number()
    client = as_user(cast("clerk"))
    page = asked(client, number).content.decode()
    assert "登记新人员" in page
    assert number in client.get(f"{reverse('window:worker_new')}?searched=1").content.decode()


def test_one_page_says_what_is_open(cast: Any, as_user: Any, django_assert_max_num_queries: Any) -> None:
    clerk = cast("clerk")
    worker = with_phone(known_worker(clerk))
    case = make_case(worker)
    correction = request_rectification(
        worker.pk, ["certificate_level"], "我是高级技师", by=clerk, on=timezone.localdate()
    )
    client = as_user(clerk)
    client.get(reverse("window:desk"))
    with django_assert_max_num_queries(20):
        page = client.get(page_of(worker)).content.decode()
    assert worker.name in page and worker.masked_id_number in page and worker.id_number not in page
    assert worker.masked_phone in page and PHONE not in page
    assert case.number in page and correction.number in page and "我是高级技师" in page
    assert "不在高技能领军人才名录中" in page and "没有补贴申请" in page
    assert reverse("window:check", args=[worker.pk]) in page
    assert as_user(cast("baotou_clerk")).get(page_of(worker)).status_code == 404


def test_many_matters_cost_no_more_queries(
    cast: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    worker = known_worker(cast("clerk"))
    for _ in range(15):
        make_case(worker)
    client = as_user(cast("clerk"))
    client.get(reverse("window:desk"))
    with django_assert_max_num_queries(20):
        assert client.get(page_of(worker)).content.decode().count("ZJ-") >= 15


@pytest.mark.usefixtures("no_programme_opens")
def test_from_the_page_to_consent_and_receipt(cast: Any, as_user: Any) -> None:
    worker = welder()
    match(timezone.localdate(), cause="试")
    offers = Offer.objects.open().filter(worker=worker)
    assert offers.count() >= 1
    client = as_user(cast("clerk"))
    page = client.get(page_of(worker)).content.decode()
    assert "本人同意办理的，请勾选" in page
    address = reverse("window:desk_consent", args=[worker.pk])
    chosen = [offer.pk for offer in offers]
    asks = client.post(address, {"chosen": chosen}).content.decode()
    assert "确认本人同意" in asks and worker.masked_id_number in asks and not Case.objects.exists()
    done = client.post(address, {"chosen": chosen, "sure": "1"}, follow=True)
    numbers = list(Case.objects.values_list("number", flat=True))
    receipt = done.content.decode()
    assert len(numbers) == len(chosen) and all(number in receipt for number in numbers)
    assert "办理回执" in receipt and "下一位" in receipt
    # Once more: nothing is opened twice, and what is said is why.
    again = client.post(address, {"chosen": chosen, "sure": "1"}, follow=True).content.decode()
    assert "没有选中的事项" in again and Case.objects.count() == len(numbers)


@pytest.mark.usefixtures("no_programme_opens")
def test_what_does_not_hold_any_more_keeps_nobody_from_the_rest(cast: Any, as_user: Any) -> None:
    worker = welder()
    match(timezone.localdate(), cause="试")
    real = Offer.objects.open().get(worker=worker, benefit="training.skill-upgrade")
    gone = Offer.objects.create(
        worker=worker,
        region_id=worker.work_region_id,
        benefit="registry.direct-inclusion",
        matched_on=timezone.localdate(),
    )
    sent = {"chosen": [gone.pk, real.pk], "sure": "1"}
    address = reverse("window:desk_consent", args=[worker.pk])
    receipt = as_user(cast("clerk")).post(address, sent, follow=True).content.decode()
    assert Case.objects.get().number in receipt and "已失效" in receipt


def test_a_receipt_names_nothing_of_another_person(cast: Any, as_user: Any) -> None:
    case = make_case(make_worker("李静"))
    worker = make_worker("王建国")
    address = reverse("window:desk_receipt", args=[worker.pk])
    page = as_user(cast("clerk")).get(address, {"case": case.number}).content.decode()
    assert case.number not in page and "没有办件" in page


def test_a_short_number_of_a_letter_leads_to_whom_it_was_written(
    cast: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.letters import tasks
    from talent_registry.actions import confirm, propose
    from tests.cast import make_honour

    monkeypatch.setattr(tasks.build_letters, "delay", lambda letters: None)
    worker = make_worker("王建国")
    make_honour(worker, recorded_by=cast("clerk"), verified_by=cast("reviewer"))
    today = timezone.localdate()
    (case,) = propose([worker.pk], by=None, on=today)
    entry = confirm(case.pk, by=cast("registry_officer"), on=today, how="查验证书")
    letter = worker.letters.earliest("pk")
    client = as_user(cast("clerk"))
    sequence = letter.sequence
    for typed in (
        f"{sequence}号",
        f"{letter.year}-{sequence}",
        f"匠〔{letter.year}〕{sequence}号",
        letter.number_text,
        entry.number,
        entry.number.lower().replace("-", " "),
    ):
        answer = asked(client, typed)
        assert answer.status_code == 302 and answer["Location"] == page_of(worker), typed
    page = client.get(page_of(worker)).content.decode()
    assert entry.number in page and letter.number_text in page
