"""What people meet after a click: results by name and a way back, pages opened that only take what is sent, a
sheet that is made once, what was typed before.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import ActivationCode
from portal.jobs.items import items_of
from portal.jobs.models import Job
from portal.jobs.runner import run_job
from portal.workforce.models.facts import UnemploymentInsurance
from portal.workforce.verification import start_confirmation, start_verification
from talent_registry.models import Nomination
from talent_registry.selection import recommending
from talent_registry.selection.jobs import decide_many
from tests.cast import ORDOS, id_number, make_honour, make_worker
from tests.selection.nominees import today
from tests.selection.running import play


# -- jobs ----------------------------------------------------------------------------------------------------
def test_what_was_done_for_each_is_called_by_name_with_a_way_back(cast, as_user) -> None:
    reviewer = cast("reviewer")
    honours = [make_honour(make_worker(name), recorded_by=cast("clerk")).pk for name in ("乌云", "苏和")]
    job = start_verification(honours, by=reviewer)
    client, address = as_user(reviewer), reverse("window:job", args=[job.pk])
    waiting = client.get(address).text
    assert "办理后，每人（每项）的结果列在这里" in waiting and "<table" not in waiting
    assert reverse("window:honours") in waiting and "返回荣誉核实" in waiting
    run_job(job.pk)
    page = client.get(address).text
    assert "乌云 " in page and "苏和 " in page and "办理后，每人" not in page
    assert not re.search(r'data-label="对象"><a[^>]*>\d+<', page)


def test_records_and_nominees_too(cast, as_user) -> None:
    round_ = play(cast, "recommendation", ordos=2, baotou=0)
    worker = make_worker("巴雅尔")
    record = UnemploymentInsurance.objects.create(
        worker=worker, months=40, as_of=today(), source="单位报送", recorded_by=cast("clerk")
    )
    job = start_confirmation("insurance", [record.pk], seen="参保证明", by=cast("reviewer"), on=today())
    run_job(job.pk)
    page = as_user(cast("reviewer")).get(reverse("window:job", args=[job.pk])).text
    assert "巴雅尔 " in page and "返回信息核验" in page and "kind=insurance" in page

    nominees = Nomination.objects.filter(round=round_, case__league_code=ORDOS).select_related(
        "case", "worker"
    )
    job = decide_many([one.pk for one in nominees], "recommend", by=cast("reviewer"), on=today())
    run_job(job.pk)
    page = as_user(cast("reviewer")).get(reverse("window:job", args=[job.pk])).text
    for one in nominees:
        assert f"{one.worker.name} {one.case.number}" in page
    assert reverse("registry:league", args=[round_.year, ORDOS]) in page


def test_a_job_without_items_promises_none(cast, as_user) -> None:
    clerk = cast("clerk")
    job = Job.objects.create(
        kind="roster.import", title="导入", by=clerk, state="done", finished_at=timezone.now()
    )
    assert items_of(job.kind) is None
    page = as_user(clerk).get(reverse("window:job_progress", args=[job.pk]))
    assert "查看逐项结果" not in page.text
    assert "结果列在" not in as_user(clerk).get(reverse("window:job", args=[job.pk])).text


def test_more_than_the_places_that_are_left_is_warned_of(cast, as_user) -> None:
    round_ = play(cast, "recommendation", ordos=5, baotou=0)
    nominees = list(Nomination.objects.filter(round=round_).order_by("pk"))
    client, address = as_user(cast("reviewer")), reverse("registry:league_decide", args=[2026, ORDOS])

    def asked(count: int, action: str = "recommend") -> str:
        return client.post(address, {"action": action, "chosen": [one.pk for one in nominees[:count]]}).text

    assert "推荐名额不够" not in asked(4) and "推荐名额不够" not in asked(5, "pass_over")
    assert "所选人员须占5个名额，剩余4个" in asked(5)
    # With one taken there are three left; whoever is chosen besides counts, not who was.
    recommending.recommend(nominees[4].pk, by=cast("reviewer"), on=today())
    assert "所选人员须占4个名额，剩余3个" in asked(4) and "推荐名额不够" not in asked(3)


# -- addresses that only take what is sent -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "args", "above"),
    [
        ("registry:panel_assign", [], "/registry/panel/"),
        ("window:audit_verify", [], "/window/audit/"),
        ("window:letters_serve", [], "/window/letters/"),
        ("letters:print_letters", [], ""),
        ("accounts:logout", [], ""),
    ],
)
def test_opened_it_says_where_to_go(cast, as_user, name: str, args: list[Any], above: str) -> None:
    for user in (cast("clerk"), cast("panel_expert")):
        answer = as_user(user).get(reverse(name, args=args))
        if answer.status_code == 403:
            continue
        assert answer.status_code == 405 and answer["Allow"] == "POST", name
        assert "不能直接打开" in answer.text and f'href="{above}"' in answer.text or not above
        home = "/window/" if user == cast("clerk") else "/registry/panel/"
        assert f'href="{home}"' in answer.text


def test_a_stranger_and_a_program_are_answered_their_own_way(client, db) -> None:
    answer = client.get(reverse("accounts:logout"))
    assert answer.status_code == 405 and 'href="/"' in answer.text and "不能直接打开" in answer.text
    assert client.put("/api/health/").status_code in {404, 405}
    assert client.put(reverse("public:home")).content == b""


def test_the_answer_to_something_sent_says_so_to_the_browser(as_user, clerk) -> None:
    client, address = as_user(clerk), reverse("window:worker_new")
    assert "data-posted" not in client.get(address).text
    assert "data-posted" in client.post(address, {"name": ""}).text


# -- the activation sheet ------------------------------------------------------------------------------------
def test_a_sheet_that_is_sent_again_makes_no_other_code(as_user, clerk) -> None:
    worker = make_worker()
    client, address = as_user(clerk), reverse("window:activation", args=[worker.pk])
    sheet = re.search(r'name="sheet" value="(\w+)"', client.get(address).text)[1]  # type: ignore[index]
    sent = {"id_card_seen": "on", "sheet": sheet}
    assert "激活码只显示这一次" in client.post(address, sent).text
    code = ActivationCode.objects.get()
    again = client.post(address, sent, follow=True)
    assert "刷新不会产生新的激活码" in again.text
    code.refresh_from_db()
    assert ActivationCode.objects.get() == code and code.expires_at > timezone.now()
    # Asked for anew, there is a new one.
    fresh = re.search(r'name="sheet" value="(\w+)"', client.get(address).text)[1]  # type: ignore[index]
    client.post(address, {"id_card_seen": "on", "sheet": fresh})
    assert ActivationCode.objects.count() == 2


def test_a_sheet_that_was_refused_can_be_sent_again(as_user, clerk) -> None:
    worker = make_worker()
    client, address = as_user(clerk), reverse("window:activation", args=[worker.pk])
    assert "请先核对身份证原件" in client.post(address, {"sheet": "one"}).text
    assert "激活码只显示这一次" in client.post(address, {"id_card_seen": "on", "sheet": "one"}).text


# -- a search in vain ----------------------------------------------------------------------------------------
def test_what_was_typed_before_is_kept_for_the_new_record(as_user, clerk) -> None:
    client, number = as_user(clerk), id_number()
    wide = number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    found = client.get(reverse("window:search"), {"q": wide}, follow=True)
    assert "没有找到" in found.text
    href = re.search(r'href="(/window/workers/new/[^"]*)"', found.text)[1]  # type: ignore[index]
    assert number not in href
    assert f'value="{number}"' in client.get(href).text
    assert number not in str(dict(client.session))
    # Without a search before it, the form is empty; after a name, the name stands there.
    assert number not in client.get(reverse("window:worker_new")).text
    client.get(reverse("window:search"), {"q": "赛汗其其格"})
    assert 'value="赛汗其其格"' in client.get(href).text
