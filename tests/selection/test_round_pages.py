"""Pages of the round and of its leagues: who gets in, what they see, and that a click does what the action
does.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import PERMISSIONS
from portal.cases.models import Case
from portal.jobs.models import Job
from portal.jobs.runner import run_job
from talent_registry.models import Industry, Nomination, SelectionRound
from talent_registry.selection import rounds, steps
from tests.cast import BAOTOU, ORDOS
from tests.roles import compared, drawn_once, one_of_each
from tests.selection.nominees import make_skilled, nominated, today
from tests.selection.running import REASON, draft_round, fresh, play, score_all


@pytest.fixture
def officer(as_user: Any, registry_officer: Any) -> Any:
    return as_user(registry_officer)


def page(name: str, *args: Any) -> str:
    return reverse(f"registry:{name}", args=[2026, *args])


# -- who gets in ---------------------------------------------------------------------------------------------
PAGES = {
    "round": ((), "case.view"),
    "round_preview": ((), "selection.manage"),
    "round_overlooked": ((), "worker.view"),
    "round_list": ((1,), "selection.manage"),
}


@pytest.mark.sweep
def test_every_page_for_every_role(cast, drawn_up, as_user) -> None:
    people = one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, role, _ in people:
            client = as_user(user)

            def allowed(permission: str, role: str = role) -> bool:
                return role in PERMISSIONS[permission][1]

            for name, (args, permission) in PAGES.items():
                expect(
                    f"{who} {name}",
                    client.get(page(name, *args)).status_code,
                    200 if allowed(permission) else 403,
                )
            for step in ("freeze", "rank_again"):
                status = client.get(page("round_step", step)).status_code
                expect(f"{who} {step}", status, 200 if allowed("selection.manage") else 403)
            seen = allowed("case.view")
            expect(
                f"{who} all years", client.get(reverse("registry:rounds")).status_code, 200 if seen else 403
            )
            answer = client.get(reverse("registry:round_case", args=[drawn_up.case.number]))
            expect(f"{who} by its case", answer.status_code, 302 if seen else 403)


def test_a_league_is_seen_by_its_own_and_by_the_region(cast, scored, as_user) -> None:
    seen = {
        "reviewer": 200,
        "registry_officer": 200,
        "supervisor": 200,
        "baotou_reviewer": 404,
        "clerk": 404,
        "panel_expert": 403,
    }
    with compared() as expect:
        for person, status in seen.items():
            expect(person, as_user(cast(person)).get(page("league", ORDOS)).status_code, status)


def test_a_draft_is_seen_by_staff_only_and_what_is_no_step_is_no_page(cast, as_user, officer) -> None:
    draft_round(cast("registry_officer"))
    assert officer.get(page("round")).status_code == 200
    assert officer.get(page("round_step", "celebrate")).status_code == 404
    assert officer.get(page("league", "150699")).status_code == 404
    assert officer.get(reverse("registry:round", args=[2031])).status_code == 404


# -- preparing -----------------------------------------------------------------------------------------------
def test_an_officer_begins_a_year(officer) -> None:
    answer = officer.post(reverse("registry:rounds"), {"year": "2026"}, follow=True)
    assert answer.redirect_chain[-1][0] == page("round") and "示例办法和名额" in answer.text
    assert "2026年度遴选已经建立" in officer.post(reverse("registry:rounds"), {"year": "2026"}).text


def test_days_are_changed_and_what_cannot_stand_is_said_beside_the_field(cast, officer) -> None:
    draft_round(cast("registry_officer"))
    given = {
        "opens_on": today(),
        "nominations_until": today() + timedelta(9),
        "panel_until": today() + timedelta(5),
        "recommend_until": today() + timedelta(20),
        "as_of": today(),
        "notice_working_days": 7,
    }
    answer = officer.post(page("round_days"), given)
    assert "“评审截止”不能早于“申报截止”" in answer.text and fresh().notice_working_days == 5
    assert (
        officer.post(page("round_days"), given | {"panel_until": today() + timedelta(9)}).status_code == 302
    )
    assert fresh().notice_working_days == 7


def test_places_are_changed_and_a_gap_is_named(cast, officer) -> None:
    draft_round(cast("registry_officer"))
    given = {"total": "20"} | {
        f"recommendation-{code}": "4" for code in rounds.quota_keys()["recommendation"]
    }
    given |= {f"industry-{one}": "5" for one in Industry.values if one != "C"}
    answer = officer.post(page("round_places"), given)
    assert "行业入选上限：请填写制造业的名额" in answer.text
    assert officer.post(page("round_places"), given | {"industry-C": "9"}).status_code == 302
    round_ = fresh()
    assert (
        round_.places == 20
        and dict(round_.quotas.filter(kind="industry").values_list("key", "places"))["C"] == 9
    )
    assert not round_.quotas.filter(kind="league").exists()


def _inputs(text: str) -> dict[str, str]:
    """What the form of a page would send as it is."""
    return dict(re.findall(r'<input type="text" name="([^"]+)"(?: value="([^"]*)")?', text))


def test_the_scheme_is_changed_and_its_document_ends_the_sample(cast, officer) -> None:
    draft_round(cast("registry_officer"))
    form = officer.get(page("round_scheme"))
    given = _inputs(form.text)
    assert given["front_line_year"] == "0.5" and given["panel.0.most"] == "8"
    answer = officer.post(page("round_scheme"), given | {"panel.0.most": "7", "levels.senior": "十"})
    assert "“十”不是分值" in answer.text
    answer = officer.post(page("round_scheme"), given | {"panel.0.most": "7"})
    assert "最高分之和与专家评审最高分不一致" in answer.text
    sent = given | {"front_line_year": "0.75", "document": "内人社发〔2026〕9号"}
    assert officer.post(page("round_scheme"), sent).status_code == 302
    assert fresh().scheme["front_line_year"] == 75 and not fresh().is_sample
    assert "示例" not in officer.get(page("round")).text


def test_nothing_is_edited_once_open(cast, officer) -> None:
    play(cast, "open", ordos=0, baotou=0)
    for name in ("round_days", "round_places", "round_scheme"):
        answer = officer.get(page(name), follow=True)
        assert answer.redirect_chain and "不再修改" in answer.text


# -- the round -----------------------------------------------------------------------------------------------
def test_the_page_says_what_is_next_and_what_is_in_the_way(cast, officer) -> None:
    play(cast, "assessed", ordos=2, baotou=1)
    text = officer.get(page("round")).text
    assert "下一步：开始推荐" in text and "3件已受理的申报没有安排评审专家" in text
    assert "其他操作为什么不能办理" in text
    answer = officer.post(page("round_step", "recommend"))
    assert answer.status_code == 409 and "没有安排评审专家" in answer.text and fresh().state == "assessed"
    score_all(cast, list(Nomination.objects.select_related("case")))
    assert "可以办理" in officer.get(page("round")).text
    answer = officer.post(page("round_step", "recommend"), follow=True)
    assert fresh().state == "recommendation" and "已办理“开始推荐”" in answer.text


def test_figures_of_leagues_stand_in_the_table_and_in_the_charts(cast, officer) -> None:
    play(cast, "ranked", year=2025, ordos=2, baotou=1)
    play(cast, "ranked")
    text = officer.get(page("round")).text
    drawn = json.loads(re.search(r'<script id="chart-years" type="application/json">(.*?)</script>', text)[1])
    place = drawn["names"].index("鄂尔多斯市")
    assert {one["name"]: one["values"][place] for one in drawn["series"]} == {
        "2025年申报": 2,
        "2026年申报": 4,
        "2025年入选": 1,
        "2026年入选": 2,
    }
    assert "echarts.common.min.js" in text and "名单版本" in text and fresh().lists.get().digest in text


def test_a_league_reviewer_sees_the_own_row_only(cast, scored, as_user) -> None:
    text = as_user(cast("reviewer")).get(page("round")).text
    assert page("league", ORDOS) in text and page("league", BAOTOU) not in text and "chart-years" not in text


def test_the_approver_confirms_and_sees_what_is_in_the_way(cast, in_public, as_user) -> None:
    approver = as_user(cast("approver"))
    assert "公示尚未期满" in approver.get(page("round")).text
    answer = approver.post(page("round_step", "confirm"))
    assert answer.status_code == 409 and "公示尚未期满" in answer.text


def test_the_page_ends_nominations_only_when_their_last_day_is_over(open_for_one, officer) -> None:
    answer = officer.post(page("round_step", "assess"))
    assert answer.status_code == 409 and "（含当日）截止" in answer.text
    assert fresh().state == "open" and not Job.objects.exists()


def test_a_long_step_becomes_a_job_with_its_progress_on_the_page(
    open_for_one, officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = today() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *args: tomorrow)
    officer.post(page("round_step", "assess"))
    job = Job.objects.get()
    assert (
        fresh().state == "open"
        and reverse("window:job_progress", args=[job.pk]) in officer.get(page("round")).text
    )
    run_job(job.pk)
    assert fresh().state == "assessed"


def test_who_was_overlooked_after_a_trial(cast, open_for_one, as_user, officer) -> None:
    make_skilled("李海燕"), make_skilled("赵春明", region="150203")
    assert "还没有评价" in officer.get(page("round_overlooked")).text
    officer.post(page("round_step", "trial"))
    run_job(Job.objects.get().pk)
    text = officer.get(page("round_overlooked")).text
    assert "李海燕" in text and "赵春明" in text and "王建国" not in text
    assert "赵春明" not in officer.get(page("round_overlooked") + f"?league={ORDOS}").text
    assert "赵春明" not in as_user(cast("reviewer")).get(page("round_overlooked")).text


def test_ranked_again_from_the_page_with_a_reason(drawn_up, officer) -> None:
    assert "请写明理由" in officer.post(page("round_step", "rank_again"), {"reason": ""}).text
    officer.post(page("round_step", "rank_again"), {"reason": "更正信息。"})
    assert fresh().lists.count() == 2
    assert "第2版" in officer.get(page("round_list", 2)).text


# -- the league ----------------------------------------------------------------------------------------------
def test_nominees_stand_by_score_and_are_decided_one_by_one(cast, scored, as_user) -> None:
    client = as_user(cast("reviewer"))
    text = client.get(page("league", ORDOS)).text
    names = re.findall(r"王建国150624\d", text)
    assert list(dict.fromkeys(names)) == [f"王建国150624{n}" for n in range(3)], "the higher level first"
    first, second, _ = (
        Nomination.objects.filter(case__league_code=ORDOS).select_related("case").order_by("pk")
    )
    of_first = reverse("registry:recommend", args=[first.case.number])
    assert client.get(reverse("registry:nomination", args=[first.case.number])).text.count(of_first) == 1
    client.post(reverse("registry:recommend", args=[first.case.number]))
    assert (
        "请写明理由"
        in client.post(reverse("registry:pass_over", args=[second.case.number]), {"reason": ""}).text
    )
    client.post(reverse("registry:pass_over", args=[second.case.number]), {"reason": REASON})
    assert [Case.objects.get(pk=one.pk).state for one in (first, second)] == [
        "recommended",
        "not_recommended",
    ]
    client.post(reverse("registry:take_back", args=[first.case.number]), {"reason": "另行研究。"})
    assert Case.objects.get(pk=first.pk).state == "accepted"
    assert (
        as_user(cast("baotou_reviewer"))
        .get(reverse("registry:recommend", args=[first.case.number]))
        .status_code
        == 404
    )


def test_many_are_recommended_after_a_page_that_repeats_them(cast, scored, as_user) -> None:
    client = as_user(cast("reviewer"))
    ids = list(Nomination.objects.filter(case__league_code=ORDOS).order_by("pk").values_list("pk", flat=True))
    sure = client.post(page("league_decide", ORDOS), {"chosen": ids, "action": "recommend"})
    assert "推荐：3人" in sure.text and not Job.objects.exists()
    client.post(page("league_decide", ORDOS), {"chosen": ids, "action": "recommend", "sure": "1"})
    job = Job.objects.get()
    run_job(job.pk)
    assert "已办理“推荐”" in client.get(reverse("window:job", args=[job.pk])).text
    assert Case.objects.filter(pk__in=ids, state="recommended").count() == 3
    assert (
        "请选择1至"
        in client.post(page("league_decide", ORDOS), {"chosen": ids, "action": "recommend"}, follow=True).text
    )
    assert client.post(page("league_decide", ORDOS), {"chosen": ids, "action": "select"}).status_code == 404


def test_the_preview_ranks_without_keeping_anything(cast, scored, officer) -> None:
    assert "还没有推荐的人选" in officer.get(page("round_preview")).text
    for one in Nomination.objects.select_related("case"):
        from talent_registry.selection import recommending

        recommending.recommend(
            one.pk, by=cast("reviewer" if one.case.league_code == ORDOS else "baotou_reviewer"), on=today()
        )
    text = officer.get(page("round_preview")).text
    assert "试排入选3人" in text and not fresh().lists.exists()


# -- how many questions --------------------------------------------------------------------------------------
def test_pages_ask_the_database_a_fixed_number_of_questions(
    cast, officer, django_assert_max_num_queries
) -> None:
    bounds = ((page("round"), 45), (page("league", ORDOS), 35), (reverse("registry:rounds"), 12))
    for state in ("open", "recommendation", "ranked", "published"):
        play(cast, state, ordos=5, baotou=2, recommended={ORDOS: 5, BAOTOU: 2})
        for address, most in bounds:
            officer.get(address)
            with django_assert_max_num_queries(most, info=f"{address} of a round that is {state}"):
                assert officer.get(address).status_code == 200


_PLACED = r'data-label="位次">(\d+)</td>.*?(王建国150624\d)'


def test_a_league_with_many_nominees_is_read_page_by_page(
    cast, as_user, monkeypatch, django_assert_max_num_queries
) -> None:
    """Forth and back every nominee once, in one order, at the same cost; whoever was decided meanwhile shifts
    nobody.
    """
    monkeypatch.setattr("talent_registry.views.leagues.PAGE_SIZE", 2)
    play(cast, "recommendation", ordos=5, baotou=0, recommended={ORDOS: 5})
    client, address = as_user(cast("reviewer")), page("league", ORDOS)
    with monkeypatch.context() as whole:
        whole.setattr("talent_registry.views.leagues.PAGE_SIZE", 50)
        order = re.findall(_PLACED, client.get(address).text, re.S)
    assert [place for place, _ in order] == ["1", "2", "3", "4", "5"] and len(
        {name for _, name in order}
    ) == 5
    seen, pages, asked = [], [], address
    while asked:
        with django_assert_max_num_queries(24):
            text = client.get(asked).text
        rows = re.findall(_PLACED, text, re.S)
        seen += rows
        pages.append(rows)
        if len(pages) == 1:
            client.post(
                reverse(
                    "registry:recommend", args=[Nomination.objects.get(worker__name=rows[0][1]).case.number]
                )
            )
        following = re.search(r'rel="next" href="(\?[^"]+)"', text)
        asked = address + following[1].replace("&amp;", "&") if following else ""
    assert seen == order and [len(rows) for rows in pages] == [2, 2, 1]
    back = re.search(r'rel="prev" href="(\?[^"]+)"', text)
    text = client.get(address + back[1].replace("&amp;", "&")).text
    assert re.findall(r'data-label="位次">(\d+)</td>', text) == ["3", "4"] and "共 5 条" in text
    assert client.get(address, {"after": "forged"}).status_code == 400


def test_more_nominees_are_not_more_questions(cast, officer, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    play(cast, "open", ordos=2, baotou=0)
    counts = []
    for _ in range(2):
        asked = []
        for address in (page("round"), page("league", ORDOS), page("round_overlooked")):
            officer.get(address)
            with CaptureQueriesContext(
                connection,
            ) as captured:
                officer.get(address)
            asked.append(len(captured))
        counts.append(asked)
        for n in range(6):
            nominated(make_skilled(f"李海燕{n}{len(counts)}"), fresh(), cast("clerk"), state="accepted")
            make_skilled(f"陈立新{n}{len(counts)}")
        steps.take_trial(2026, by=None, on=today())
    assert SelectionRound.objects.count() == 1
    assert counts[1][1] == counts[0][1] and counts[1][0] <= counts[0][0] + 4


def test_the_assessment_is_planned_for_the_day_after_the_last_day_of_nominations(
    officer, registry_officer
) -> None:
    round_ = draft_round(registry_officer)
    rows = {row.step: row.planned for row in officer.get(page("round")).context["page"].steps}
    assert rows["open"] == round_.opens_on
    assert rows["assess"] == round_.nominations_until + timedelta(days=1)
