"""Pages of what-if: from a draft to its result and its files, for policy officers alone."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from portal.audit.models import Entry
from portal.entitlements import simulation
from portal.entitlements.models import Simulation
from portal.entitlements.simulation import DIGEST_COVERS, FACTS_READ
from portal.jobs.models import Job
from portal.jobs.runner import run_job
from portal.policy.models import Parameter
from portal.window.law.simulations import effects_of
from portal.workforce.models import Worker
from tests.cast import KUNDULUN, make_honour, make_worker
from tests.entitlements.given import ON, certified, employed, insured, welder
from tests.entitlements.test_simulate import (
    CEILING,
    HONOURS,
    LEAVE,
    MONTHS,
    RAISED,
    computed,
    drafted,
    waiting,
)
from tests.roles import compared, drawn_once, everybody

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(as_user: Any, policy_officer: Any) -> Any:
    return as_user(policy_officer)


def page(name: str, *args: Any) -> str:
    return reverse(f"window:{name}", args=args)


def newcomers() -> None:
    """One who has what the law asks for, and two who would have it with eight months of insurance."""
    welder()
    for name, level in (("李静", 20), ("张伟", 40)):
        worker = make_worker(name, region=KUNDULUN)
        employed(worker)
        insured(worker, months=8)
        certified(worker, level)


@pytest.mark.sweep
def test_for_policy_officers_alone(cast: Any, as_user: Any) -> None:
    made, people = drafted(cast("policy_officer"), {MONTHS: 6}), everybody(cast)
    addresses = (
        page("simulations"),
        page("simulation_new"),
        page("simulation", made.pk),
        page("simulation_figure", made.pk, CEILING),
        page("simulation_export", made.pk, "csv"),
        page("simulation_progress", made.pk),
    )
    with drawn_once(), compared() as expect:
        for who, user, role, _ in people:
            client, may = as_user(user), role == "policy_officer"
            for address in addresses:
                status = client.get(address).status_code
                expect(f"{who} {address}", status in ((200, 286, 302) if may else (403,)), True)
            for name, args in (("run", ()), ("again", ()), ("drop", (MONTHS,)), ("cancel", ())):
                address = page(f"simulation_{name}", made.pk, *args)
                if not may:
                    expect(f"{who} posts {name}", client.post(address).status_code, 403)
                expect(f"{who} gets {name}", client.get(address).status_code, 405)
    made.refresh_from_db()
    assert (made.draft, made.job) == ({MONTHS: 6}, None)


def test_from_the_first_click_to_the_result(officer: Any, policy_officer: Any) -> None:
    newcomers()
    assert "还没有测算" in officer.get(page("simulations")).text
    text = officer.get(page("simulation_new")).text
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in text and "人员信息取在册人员截至今天" in text
    officer.post(page("simulation_new"), {"title": "放宽", "on": ON.isoformat()})
    made = Simulation.objects.get()
    text = officer.get(page("simulation", made.pk)).text
    assert "草案还没有任何调整" in text and "填写至少一项草案取值后可以开始" in text
    # Figures that no rule reads are not offered, and are refused when asked for.
    assert page("simulation_figure", made.pk, MONTHS) in text and "finish-working-days" not in text
    assert (
        "这项参数不能测算"
        in officer.get(page("simulation_figure", made.pk, "training.skill-upgrade.finish-working-days")).text
    )
    assert officer.get(page("simulation_figure", made.pk, "no-such")).status_code == 404

    # An empty start is refused, and so is what is no number; what was typed stays.
    assert "没有任何调整" in officer.post(page("simulation_run", made.pk), follow=True).text
    answer = officer.post(page("simulation_figure", made.pk, MONTHS), {"value": "-六"})
    assert "的整数" in answer.text and 'value="-六"' in answer.text
    officer.post(page("simulation_figure", made.pk, MONTHS), {"value": "6"})
    officer.post(
        page("simulation_figure", made.pk, CEILING),
        {"cell-junior": "1500", "cell-intermediate": "2000", "cell-senior": ""},
    )
    officer.post(page("simulation_figure", made.pk, LEAVE), {"nothing": "on"})
    made.refresh_from_db()
    assert made.draft == {MONTHS: 6, CEILING: {"junior": "1500.00", "intermediate": "2000.00"}, LEAVE: None}
    text = officer.get(page("simulation", made.pk)).text
    assert "12个月" in text and "6个月" in text and "2,000元" in text and "没有取值" in text
    assert 'value="6"' in officer.get(page("simulation_figure", made.pk, MONTHS)).text
    officer.post(page("simulation_drop", made.pk, LEAVE))
    officer.post(
        page("simulation_figure", made.pk, CEILING),
        {"cell-junior": "1500", "cell-intermediate": "2000", "cell-senior": "3,000"},
    )

    # A double click starts it once and shows how far it is.
    for _ in range(2):
        answer = officer.post(page("simulation_run", made.pk), follow=True)
    assert Job.objects.count() == 1 and "测算已经开始" in answer.text and "停止任务" in answer.text
    assert page("simulation_progress", made.pk) in answer.text and "刷新进度" in answer.text
    assert "不能再修改" in officer.get(page("simulation_figure", made.pk, MONTHS), follow=True).text
    assert "不能再修改" in officer.post(page("simulation_drop", made.pk, MONTHS), follow=True).text
    assert officer.get(page("simulation_progress", made.pk)).status_code == 200
    assert "测算完成后才能导出" in officer.get(page("simulation_export", made.pk, "csv"), follow=True).text
    run_job(Job.objects.get().pk)
    assert officer.get(page("simulation_progress", made.pk)).headers["HX-Refresh"] == "true"

    text = officer.get(page("simulation", made.pk)).text
    assert "2人新增享受、0人不再享受" in text and "费用由2,000元变为7,500元，增加5,500元" in text
    assert (
        "测算仅供研究，不改变任何待遇" in text
        and "包头市" in text
        and "鄂尔多斯市" in text
        and "初级工" in text
    )
    drawn = json.loads(
        re.search(r'<script id="chart-leagues" type="application/json">(.*?)</script>', text)[1]
    )
    assert dict(zip(drawn["names"], drawn["series"][0]["values"], strict=True)) == {
        "包头市": 2,
        "鄂尔多斯市": 0,
    }
    # Whose facts these are: confirmed or not.
    assert "人的登记信息（含未核验的）测算" in text and FACTS_READ in text and DIGEST_COVERS in text
    made.refresh_from_db()
    assert made.digest[:16] in text and made.inputs["policy_version"] in text
    assert "新增2人，减少0人，费用增加5,500元" in officer.get(page("simulations")).text

    # Once more: the same inputs, the same digest; with other facts the page says so.
    officer.post(page("simulation_again", made.pk))
    run_job(Job.objects.latest("pk").pk)
    second = Simulation.objects.latest("pk")
    assert "可重现" in officer.get(page("simulation", second.pk)).text
    insured(make_worker("赵强"), months=1)
    officer.post(page("simulation_again", made.pk))
    run_job(Job.objects.latest("pk").pk)
    text = officer.get(page("simulation", Simulation.objects.latest("pk").pk)).text
    assert "变化的依据：在册人数、人员信息。" in text
    officer.post(page("simulation_again", made.pk), {"copy": "1"})
    assert Simulation.objects.latest("pk").job is None


def test_files_hold_every_row_and_what_it_rests_on(
    officer: Any, policy_officer: Any, second_policy_officer: Any
) -> None:
    newcomers()
    make_honour(
        Worker.objects.first(),
        recorded_by=policy_officer,
        verified_by=second_policy_officer,
        type="may_day_medal",
    )
    made = computed(policy_officer, {MONTHS: 6, CEILING: {"junior": "1500.50"}, HONOURS: ["may_day_medal"]})
    Simulation.objects.update(title="=1+1")
    answer = officer.get(page("simulation_export", made.pk, "csv"))
    assert "attachment" in answer["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    gap = lines.index([])
    table = [dict(zip(lines[0], line, strict=True)) for line in lines[1:gap]]
    basis = dict(lines[gap + 1 :])
    assert len(table) == len(made.result["rows"]) > 3
    junior = next(
        row for row in table if row["待遇代码"] == "training.skill-upgrade" and row["技能等级"] == "初级工"
    )
    assert (junior["盟市"], junior["现行人数"], junior["新增"], junior["草案费用（元）"]) == (
        "包头市",
        "0",
        "1",
        "1500.50",
    )
    senior = [
        row for row in table if row["待遇代码"] == "training.skill-upgrade" and row["技能等级"] == "高级工"
    ]
    assert {row["草案费用（元）"] for row in senior} == {"标准未定"} and {
        row["草案标准未定人数"] for row in senior
    } == {"1"}
    assert {row["现行费用（元）"] for row in table if row["待遇代码"] == "registry.direct-inclusion"} == {
        "不涉及金额"
    }
    assert (basis["人员信息口径"], basis["摘要涵盖"]) == (FACTS_READ, DIGEST_COVERS)
    assert basis["结果摘要"] == made.digest and basis["在册人数"] == "3" and basis["名称"] == "'=1+1"
    assert json.loads(basis[f"草案 {Parameter.objects.get(code=MONTHS).label}（{MONTHS}）"]) == 6
    assert {made.inputs["facts"], made.inputs["policy_version"], *made.inputs["rules"].values()} <= set(
        basis.values()
    )

    answer = officer.get(page("simulation_export", made.pk, "xlsx"))
    content = b"".join(answer.streaming_content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheet = book.get_sheet_by_name("测算结果").to_python()
    assert len(sheet) == gap and [str(cell) for cell in sheet[0]] == lines[0]
    by_place = [dict(zip(sheet[0], row, strict=True)) for row in sheet[1:]]
    assert (
        next(
            row
            for row in by_place
            if row["技能等级"] == "初级工" and row["待遇代码"] == "training.skill-upgrade"
        )["草案费用（元）"]
        == 1500.5
    )
    about = {row[0]: row[1] for row in book.get_sheet_by_name("依据").to_python()}
    assert about["结果摘要"] == made.digest and about["名称"] == "=1+1"
    assert b"<f>" not in b"".join(
        zipfile.ZipFile(io.BytesIO(content)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(content)).namelist()
    )
    assert Entry.objects.filter(action="simulation.export").count() == 2


def test_words_where_money_is_not_settled_or_not_meant(officer: Any, policy_officer: Any) -> None:
    newcomers()
    text = officer.get(page("simulation", computed(policy_officer, {CEILING: None}).pk)).text
    assert "现行费用为2,000元，按草案没有标准" in text and "标准未定" in text and "草案1人次" in text
    text = officer.get(page("simulation", computed(policy_officer, {HONOURS: ["may_day_medal"]}).pk)).text
    assert "没有人新增享受或不再享受" in text and "不涉及费用" in text and "各技能等级人数" in text
    both = computed(policy_officer, {MONTHS: 6, HONOURS: ["may_day_medal"]})
    text = officer.get(page("simulation", both.pk)).text
    assert "?benefit=training.skill-upgrade" in text and "同一人享受两项待遇的，计两次" in text
    assert (
        "各技能等级费用" in officer.get(page("simulation", both.pk) + "?benefit=training.skill-upgrade").text
    )
    assert officer.get(page("simulation", both.pk) + "?benefit=no-such").status_code == 200


def test_a_value_that_waits_is_tried_out(
    officer: Any, as_user: Any, policy_officer: Any, second_policy_officer: Any
) -> None:
    newcomers()
    later = timezone.localdate() + timedelta(days=40)
    value = waiting(policy_officer, since=later)
    text = officer.get(page("simulation_new") + f"?value={value.pk}").text
    assert f'value="{later:%Y-%m-%d}"' in text and "6个月" in text and "写入草案的待复核取值" in text
    officer.post(page("simulation_new") + f"?value={value.pk}", {"title": "待复核", "on": ON.isoformat()})
    made = Simulation.objects.get()
    assert (made.draft, made.value) == ({MONTHS: 6}, value)
    assert [effect["text"][:2] for effect in effects_of(value, policy_officer)] == ["草案"]
    law = page("law_value", MONTHS, value.pk)
    assert f"{page('simulation_new')}?value={value.pk}" in officer.get(law).text
    run_job(simulation.run(made.pk, by=policy_officer).pk)
    [effect] = effects_of(value, policy_officer)
    assert effect["label"] == "待复核" and effect["href"] == page("simulation", made.pk)
    assert effect["text"].startswith("新增2人，减少0人，费用增加3,000元")
    assert page("simulation", made.pk) in officer.get(law).text
    assert "新增2人" in as_user(second_policy_officer).get(page("law_confirm", MONTHS, value.pk)).text
    # What waits no longer, or never did, cannot be tried out.
    value.confirmed_by, value.confirmed_at = second_policy_officer, timezone.now()
    value.save()
    for asked in (value.pk, 999_999_999, "9" * 30, "x"):
        assert "已复核或已撤回" in officer.get(page("simulation_new") + f"?value={asked}").text
    # Bad input is said beside the field.
    for given, said in (
        ({"title": "", "on": ON.isoformat()}, "请填写测算名称"),
        ({"title": "试", "on": "2026-02-30"}, "没有2026年2月30日这一天"),
        ({"title": "试", "on": "2018-01-01"}, "基准日应在2019-02-20至"),
    ):
        assert said in officer.post(page("simulation_new"), given).text
    assert Simulation.objects.count() == 1


def test_only_who_started_it_may_stop_it(
    as_user: Any, policy_officer: Any, second_policy_officer: Any
) -> None:
    made = drafted(policy_officer, {MONTHS: 6})
    simulation.run(made.pk, by=policy_officer)
    other, own = as_user(second_policy_officer), as_user(policy_officer)
    assert "停止任务" not in other.get(page("simulation", made.pk)).text
    assert other.post(page("simulation_cancel", made.pk)).status_code == 403
    own.post(page("simulation_cancel", made.pk))
    text = own.get(page("simulation", made.pk)).text
    assert "已取消" in text and "再测算一次" in text
    answer = own.get(page("simulation_progress", made.pk))
    assert answer.status_code == 286 and "已由发起人取消" in answer.text


def test_the_list_asks_as_often_for_many_as_for_few(officer: Any, policy_officer: Any) -> None:
    newcomers()
    computed(policy_officer, {MONTHS: 6})

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(page("simulations")).status_code == 200
        assert not any('simulation"."result",' in query["sql"] for query in queries), (
            "rows of results are not for lists"
        )
        return len(queries)

    few = asked()
    for draft in ({MONTHS: 3}, {CEILING: RAISED}, {LEAVE: 6, MONTHS: 1}):
        computed(policy_officer, draft)
        drafted(policy_officer, draft, date(2026, 1, 1))
    assert asked() == few
