"""Nominations by a unit and by the worker, and what they see of the result."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.cases.models import Case
from talent_registry.models import Nomination
from tests.selection.nominees import (
    INDUSTRY,
    STATEMENT,
    make_employer,
    make_round,
    make_skilled,
    move_round,
    nominated,
    page_of,
    today,
    with_account,
)

WRITTEN = {"industry": INDUSTRY, "statement": STATEMENT}


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture
def unit(employer_agent) -> Any:
    return make_employer(agents=(employer_agent,))


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def _state(one: Any) -> str:
    return Case.objects.get(pk=one.pk).state


def test_an_agent_from_the_first_page_to_handed_in(round_, as_user, unit, employer_agent) -> None:
    worker = make_skilled("白玉兰", unit=unit)
    other = make_skilled("别家人", unit=make_employer("别家单位"))
    agent = as_user(employer_agent)
    home = agent.get(reverse("registry:agent")).text
    people = reverse("registry:unit_people", args=[unit.pk])
    assert unit.name in home and people in home and "还没有提出申报" in home
    page = agent.get(people).text
    assert "白玉兰" in page and "别家人" not in page and worker.id_number not in page
    assert "没有找到" in agent.get(people, {"name": "别家"}).text
    begin = reverse("registry:nominate_of_unit", args=[unit.pk, worker.pk])
    assert agent.get(reverse("registry:nominate_of_unit", args=[unit.pk, other.pk])).status_code == 404
    assert agent.get(reverse("registry:unit_people", args=[other.employer_id])).status_code == 404
    answer = agent.post(begin, WRITTEN, follow=True)
    one = Nomination.objects.get(worker=worker)
    assert one.channel == "employer" and Case.objects.get(pk=one.pk).employer_id == unit.pk
    assert "尚未提交" in answer.text and "工作台" not in answer.text
    assert "已提交" in agent.post(page_of(one, "nomination_step", "submit"), follow=True).text
    assert one.case.number in agent.get(reverse("registry:agent")).text
    again = agent.post(begin, WRITTEN)
    assert again.status_code == 409 and "已有申报" in again.text
    assert agent.get(reverse("window:home")).status_code == 403


def test_an_agent_without_a_unit_is_told_where_to_go(as_user, employer_agent) -> None:
    answer = as_user(employer_agent).get(reverse("registry:agent"))
    assert answer.status_code == 403 and "服务窗口" in answer.text


# -- the worker ----------------------------------------------------------------------------------------------
def test_a_worker_nominates_themselves_and_sees_how_it_stands(round_, as_user) -> None:
    worker = make_skilled("孟根花")
    own = as_user(with_account(worker))
    assert reverse("registry:mine") in own.get(reverse("my:home")).text
    assert reverse("registry:nominate_self") in own.get(reverse("registry:mine")).text
    own.post(reverse("registry:nominate_self"), WRITTEN)
    one = Nomination.objects.get(worker=worker)
    page = own.get(reverse("registry:mine")).text
    assert one.case.number in page and reverse("registry:nominate_self") not in page
    own.post(page_of(one, "nomination_step", "submit"))
    page = own.get(page_of(one)).text
    assert "待受理" in page and "专家评审" not in page and "撤回" in page and "得分构成" not in page
    own.post(page_of(one, "nomination_step", "withdraw"), {"reason": ""})
    assert (
        _state(one) == "withdrawn"
        and reverse("registry:nominate_self") in own.get(reverse("registry:mine")).text
    )


def test_no_round_no_way_to_begin(as_user, clerk) -> None:
    worker = make_skilled()
    own = as_user(with_account(worker))
    page = own.get(reverse("registry:mine")).text
    assert "目前没有正在申报的年度遴选" in page
    assert "目前不在申报期内" in own.get(reverse("registry:nominate_self")).text
    assert (
        "目前不在申报期内"
        in as_user(clerk).post(reverse("registry:nominate", args=[worker.pk]), WRITTEN).text
    )
    assert not Nomination.objects.exists()


def test_an_account_without_a_record_is_told_so(as_user, round_, panel_expert) -> None:
    for name in ("mine", "nominate_self"):
        assert as_user(panel_expert).get(reverse(f"registry:{name}")).status_code == 200
    assert not Nomination.objects.exists()


def test_score_and_reason_are_the_workers_after_the_publication_only(
    round_, as_user, clerk, registry_officer, reviewer
) -> None:
    from talent_registry.selection.assessment import assess
    from talent_registry.selection.recommending import pass_over

    worker = make_skilled("孟根花")
    own = as_user(with_account(worker))
    one = nominated(worker, round_, clerk, state="accepted")
    assess(round_, trial=False, by=registry_officer, on=today())
    page = as_user(clerk).get(page_of(one)).text
    assert "年度评价" in page and "得分构成" in page
    assert "年度评价" not in own.get(page_of(one)).text
    move_round(round_.pk, registry_officer, "recommendation")
    pass_over(one.pk, reason="名额有限，业绩相比不突出。", by=reviewer, on=today())
    assert "业绩相比不突出。" in as_user(reviewer).get(page_of(one)).text
    page = own.get(page_of(one)).text
    assert "遴选结果" not in page and "得分构成" not in page


def test_after_the_publication_everybody_concerned_reads_the_result(over, as_user, clerk) -> None:
    """In or out, by which score, for which reason: the worker and the office alike."""

    said = {}
    for one in over.nominations.select_related("worker", "case"):
        page = as_user(with_account(one.worker)).get(page_of(one)).text
        assert "遴选结果" in page and "得分构成" in page and "各专家评分" not in page
        said[one.case.state] = page
    assert "入选。" in said["selected"] and "未入选" in said["not_selected"]


def test_recommending_is_offered_in_its_time(round_, as_user, clerk, reviewer, registry_officer) -> None:
    one = nominated(make_skilled(), round_, clerk, state="accepted")
    address = reverse("registry:recommend", args=[one.case.number])
    assert address not in as_user(reviewer).get(page_of(one)).text
    move_round(round_.pk, registry_officer, "recommendation")
    assert address in as_user(reviewer).get(page_of(one)).text
    assert address not in as_user(clerk).get(page_of(one)).text
