"""A whole round of the annual selection, from the sample that is edited to the letter that says why, played
by everybody it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from portal.workforce.models import Employer, Employment, SkillCredential, Worker
from talent_registry.models import Nomination, RegistryEntry, SelectionRound
from tests.cast import OTOG, PASSWORD, confirm_everything, make_account, make_worker
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser, wait_until
from tests.looking import overflow, violations

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]

STATEMENT = "二十年来一直在生产一线从事焊接工作，解决多项工艺难题，带出徒弟十余名。"
WORKER_ACCOUNT = "suhe.worker"


def skilled(name: str, unit: Employer, level: int) -> Worker:
    worker = make_worker(name, skill_level=level, occupation="焊工", employer=unit)
    SkillCredential.objects.create(
        worker=worker,
        occupation="焊工",
        level=level,
        number=f"S-{name}",
        issued_on=date(2018, 5, 1),
        source="窗口登记",
    )
    Employment.objects.create(
        worker=worker,
        employer=unit,
        on_front_line=True,
        front_line_years=12,
        occupation="焊工",
        source="窗口登记",
    )
    confirm_everything(worker.pk)
    return worker


def a_pdf(folder: Path) -> Path:
    path = folder / "业绩证明.pdf"
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(path)
    return path


def looks_right(person: Person) -> None:
    assert violations(person.page) == []
    assert overflow(person.page) <= 0


def after_the_nominations(sql: Callable[..., Any]) -> None:
    """The last day of the nominations is over. What a round decides by is fixed once it is open: only the owner of
    the tables can let its days pass.
    """
    sql("ALTER TABLE talent_registry_selectionround DISABLE TRIGGER USER")
    sql(
        "UPDATE talent_registry_selectionround SET opens_on = opens_on - 10, nominations_until = nominations_until - 10"
    )
    sql("ALTER TABLE talent_registry_selectionround ENABLE TRIGGER USER")


def after_the_notice(sql: Callable[..., Any]) -> None:
    """The days of the notice go by: everything about it lies a month back. Only the owner of the tables can
    do that.
    """
    sql("ALTER TABLE cases_publicnotice DISABLE TRIGGER USER")
    sql(
        "UPDATE cases_publicnotice SET published_on = published_on - 30, opens_on = opens_on - 30, closes_on = closes_on - 30"
    )
    sql("ALTER TABLE cases_publicnotice ENABLE TRIGGER USER")


@pytest.fixture
def as_owner(live: Live) -> Any:
    import psycopg2

    owner = psycopg2.connect(live.environment["DATABASE_OWNER_URL"])
    owner.autocommit = True

    def run(sql: str) -> None:
        with owner.cursor() as cursor:
            cursor.execute(sql)

    yield run
    owner.close()


def step(officer: Person, year: int, name: str, label: str) -> None:
    officer.go(f"/registry/rounds/{year}/steps/{name}/").press(label)
    officer.sees(label)


def state_is(state: str) -> Callable[[], bool]:
    return lambda: SelectionRound.objects.select_related("case").get().state == state


def test_a_round_from_the_sample_to_the_letters(
    live: Live, sits_down: Any, as_owner: Any, tmp_path: Path
) -> None:
    today = timezone.localdate()
    year = today.year
    unit = Employer.objects.create(name="鄂托克旗机械厂", region_id=OTOG, source="窗口登记")
    first, second, third = (
        skilled(name, unit, level) for name, level in (("王建国", 60), ("乌云", 50), ("苏和", 40))
    )
    overlooked = skilled("巴图", unit, 40)

    # The registry officer prepares the round, fixes days and places, and opens it.
    officer: Person = sits_down("registry_officer")
    officer.go("/registry/rounds/").page.locator("main input[name=year]").fill(str(year))
    officer.press("建立").sees("示例")
    officer.go(f"/registry/rounds/{year}/days/")
    # Days enough that none of them ends while the round is played, and be it over midnight.
    days = {"opens_on": 0, "nominations_until": 2, "panel_until": 5, "recommend_until": 8, "as_of": 0}
    for name, later in days.items():
        day = today + timedelta(days=later)
        officer.page.locator(f"main input[name={name}]").fill(day.isoformat())
    officer.press("保存").sees("已保存")
    officer.go(f"/registry/rounds/{year}/places/").fill("入选名额", "1").press("保存").sees("已保存")
    officer.go(f"/registry/rounds/{year}/scheme/").fill("评分办法文号", "合成文号〔2026〕7号").press(
        "保存"
    ).sees("已保存")
    step(officer, year, "open", "开始申报")
    looks_right(officer)

    # The unit's agent nominates one, with evidence; the window takes in a second; a third nominates
    # themselves on the phone.
    agent: Person = sits_down("employer_agent", width=390, by_form=True)
    clerk: Person = sits_down("clerk")
    clerk.go(f"/window/employers/{unit.pk}/").fill("用户名", "unit.agent").fill("姓名", "韩冰").fill(
        "委托文书", "授权委托书"
    )
    clerk.press("任用").sees("立即生效")
    agent.go("/registry/unit/").follow("选择申报人员").sees("王建国")
    looks_right(agent)
    agent.go(reverse("registry:nominate_of_unit", args=[unit.pk, first.pk]))
    agent.page.get_by_label("所属行业").select_option("C")
    agent.fill("主要业绩", STATEMENT).press("保存")
    agent.page.set_input_files("main input[type=file]", a_pdf(tmp_path))
    agent.fill("材料名称", "业绩证明").press("上传").sees("业绩证明")
    looks_right(agent)
    nomination = Nomination.objects.get(worker=first)
    agent.go(f"/registry/nominations/{nomination.case.number}/do/submit/").press("提交").sees("待受理")

    clerk.go(f"/window/workers/{second.pk}/").page.locator("main").get_by_role(
        "link", name="申报年度遴选"
    ).click()
    clerk.page.get_by_label("所属行业").select_option("C")
    clerk.fill("主要业绩", STATEMENT).press("保存")
    of_second = Nomination.objects.get(worker=second)
    clerk.go(f"/registry/nominations/{of_second.case.number}/do/submit/").press("提交").sees("待受理")

    account = make_account(WORKER_ACCOUNT, "苏和", "worker", OTOG)
    hasher = PBKDF2PasswordHasher()
    account.password = hasher.encode(PASSWORD, hasher.salt(), iterations=1)
    account.save(update_fields=["password"])
    third.account = account
    third.save(update_fields=["account"])
    worker: Person = sits_down(None, width=390, username=WORKER_ACCOUNT)
    worker.go("/registry/mine/new/")
    worker.page.get_by_label("所属行业").select_option("C")
    worker.fill("主要业绩", STATEMENT).press("保存")
    of_third = Nomination.objects.get(worker=third)
    worker.go(f"/registry/nominations/{of_third.case.number}/do/submit/").press("提交").sees("待受理")

    # The window asks the third for what is missing, once and in full; then all three are taken in.
    clerk.go(f"/registry/nominations/{of_third.case.number}/do/return_for_correction/")
    clerk.page.locator("main textarea").first.fill("近三年业绩的证明材料")
    clerk.page.locator("main form button[type=submit]").last.click()
    clerk.sees("补正中")
    worker.go("/registry/mine/").sees("补正中").follow(of_third.case.number).sees("近三年业绩的证明材料")
    looks_right(worker)
    worker.go(f"/registry/nominations/{of_third.case.number}/do/resubmit/")
    worker.page.locator("main form button[type=submit]").last.click()
    worker.sees("待受理")
    for one in (nomination, of_second, of_third):
        clerk.go(f"/registry/nominations/{one.case.number}/do/accept/").press("受理").sees("已受理")
    looks_right(clerk)

    # The whole register is assessed as a background job; the office sees who is eligible and was not
    # nominated.
    # Not while they may still be handed in.
    officer.go(f"/registry/rounds/{year}/steps/assess/").sees("（含当日）截止，期满后方可截止申报")
    after_the_nominations(as_owner)
    step(officer, year, "assess", "全员评价")
    wait_until(state_is("assessed"), seconds=60, says="assessment")
    officer.go(f"/registry/rounds/{year}/overlooked/").sees(overlooked.name)
    assert first.name not in officer.page.locator("main").inner_text()

    # An expert scores what was assigned.
    expert: Person = sits_down("panel_expert")
    officer.go("/registry/nominations/")
    for box in officer.page.locator("tbody input[type=checkbox]").all():
        box.check()
    officer.press("安排评审专家")
    officer.check("郭师傅").press("安排评审").sees("已安排")
    for points, one in ((8, nomination), (4, of_second), (2, of_third)):
        sheet = one.panel.get()
        expert.go(reverse("registry:panel_sheet", args=[sheet.pk]))
        for field in expert.page.locator("main form input[inputmode=decimal]").all():
            field.fill(str(min(points, 6)))
        expert.press("提交评分").sees("我的评分")
    looks_right(expert)

    # The league recommends two and passes one over.
    step(officer, year, "recommend", "开始推荐")
    reviewer: Person = sits_down("reviewer")
    reviewer.go(f"/registry/rounds/{year}/leagues/150600/").sees("剩余推荐名额")
    looks_right(reviewer)
    for one in (nomination, of_second):
        reviewer.go(f"/registry/nominations/{one.case.number}/recommend/").press("推荐")
    reviewer.go(f"/registry/nominations/{of_third.case.number}/pass-over/")
    reviewer.page.locator("main textarea").first.fill("本盟市推荐人选的得分更高。")
    reviewer.press("不推荐")
    assert Nomination.objects.filter(case__state="recommended").count() == 2

    # The region ranks, freezes and announces.
    step(officer, year, "rank", "排序")
    for name, label, said in (("freeze", "定稿", "入选人员"), ("notice", "开始公示", "发布后任何人都能看到")):
        officer.go(f"/registry/rounds/{year}/steps/{name}/").sees(said).sees("王建国")
        looks_right(officer)
        officer.press(label)
    round_ = SelectionRound.objects.get()
    assert live.manage("selection", str(year), "verify").returncode == 0

    # A stranger reads the notice and objects; who did not rank decides.
    stranger: Person = sits_down(None, width=390)
    stranger.go(f"/notices/{round_.notice.number}/").sees("王建国")
    looks_right(stranger)
    assert first.id_number[6:14] not in stranger.page.content()
    stranger.follow("提出异议").fill("异议的事实和理由", "该同志的一线工作年限与实际情况不符，请予核实。")
    stranger.fill("您的姓名或单位名称", "田某").fill("联系方式", "13800000000").press("提交异议").sees("YY-")
    looks_right(stranger)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM cases_case WHERE kind = 'notice.objection'")
        (number,) = cursor.fetchone()
    decider: Person = sits_down("regional_reviewer")
    decider.go(f"/window/objections/{number}/").sees("一线工作年限与实际情况不符")
    looks_right(decider)
    decider.go(f"/window/objections/{number}/dismiss/")
    decider.fill("核查情况和理由", "经查阅劳动合同和社保缴费记录，年限属实。").fill(
        "给异议人的答复", "经核查，所反映的情况不属实。"
    )
    decider.page.locator("main form button[type=submit]").last.click()
    decider.sees("异议不成立")

    # Not before the days are over; then the approver confirms and the officer publishes.
    approver: Person = sits_down("approver")
    approver.go(f"/registry/rounds/{year}/steps/confirm/").sees("现在不能办理").sees("王建国")
    looks_right(approver)
    after_the_notice(as_owner)
    step(approver, year, "confirm", "审定")
    step(officer, year, "publish", "公布")
    wait_until(state_is("published"), seconds=60, says="publication")
    entry = RegistryEntry.objects.get(selection=round_)
    assert entry.worker_id == first.pk

    # Everybody reads the list; the nominee reads score and reasons, and has the letter.
    stranger.go(f"/registry/selections/{year}/").sees("王建国").sees(round_.standing_list.digest[:16])
    looks_right(stranger)
    stranger.go(f"/registry/{entry.number}/").sees(f"{year}年度遴选")
    worker.go("/registry/mine/").sees("未入选").follow(of_third.case.number).sees("本盟市推荐人选的得分更高")
    looks_right(worker)
    letters = third.letters.select_related("file")
    wait_until(
        lambda: letters.exists() and all(one.file.state == "built" for one in letters.all()),
        seconds=60,
        says="letters",
    )
    worker.go("/my/letters/").sees("内人社")
    step(officer, year, "close", "归档")
    assert live.manage("selection", str(year), "verify").returncode == 0
    assert live.manage("verify_audit").returncode == 0
