"""Claims played in a browser: a unit's list of 200, a claim at the window up to the decision, two taps on a phone.

Everybody and everything is set up by actions; clicked is what each journey is about.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.cases.models import Evidence
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.outgoing.models import Message
from portal.workforce.models import Worker
from subsidies import claiming
from subsidies.by_unit.checking import NO_CERTIFICATE, NOT_HERE
from subsidies.models import Claim, Proposal
from tests.cases.conftest import pdf
from tests.cast import OTOG, company, id_number, make_account, make_worker
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser, wait_until
from tests.looking import overflow, violations
from tests.selection.nominees import make_employer
from tests.subsidies.conftest import certificate, in_work
from tests.subsidies.unit_lists import BANK, HEAD, certified, staff_of, works_in

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]

PEOPLE = 200
ACCOUNT = "6228480000012345678"


def issued() -> date:
    return timezone.localdate().replace(day=1)


def reads_well(person: Person) -> Person:
    """Nothing that axe finds, and nothing wider than the screen."""
    assert violations(person.page) == [] and overflow(person.page) <= 0
    return person


def on_a_phone(sits_down: Any, worker: Any, live: Live) -> Person:
    """The worker, signed in on a phone."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(worker.account)
    phone: Person = sits_down(None, width=390)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    phone.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live.url}])
    return phone


# -- a list of 200 -------------------------------------------------------------------------------------------
def list_of(people: list[Worker], folder: Path) -> tuple[Path, dict[int, list[str]]]:
    """The unit's file with seven faulty rows, and how those read when they are right."""
    # What the row rests on is left out: then it is the certificate.
    rows = [
        [one.id_number, one.name, "焊工", "高级工", f"S{one.pk:012d}", "", BANK, ACCOUNT] for one in people
    ]
    right = {place: list(rows[place]) for place in (10, 40, 70, 100, 130, 160, 190)}
    rows[10][0] = rows[10][0][:-1] + ("1" if rows[10][0][-1] != "1" else "2")
    rows[40][0] = "1.50624E+17"
    rows[70][1] = "别人"
    rows[100][3] = "熟练工"
    rows[130][4] = "S1"
    rows[160][7] = "12"
    rows[190][0] = id_number()
    path = folder / "合成补贴申请名单.csv"
    write(path, rows)
    return path, right


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([list(HEAD), *rows])


def test_a_list_of_two_hundred_with_seven_faulty_rows(live: Live, sits_down: Any, tmp_path: Path) -> None:
    agent = company()("employer_agent")
    unit = make_employer("鄂托克焦化有限责任公司", agents=(agent,))
    people = staff_of(unit, PEOPLE)
    path, right = list_of(people, tmp_path)

    # The agent gives the list in, and is told row by row what is wrong with seven.
    desk: Person = sits_down("employer_agent")
    desk.go("/subsidies/units/").follow(unit.name)
    desk.page.set_input_files("input[type=file]", path)
    desk.press("上传并核对").sees("核对结果")
    reads_well(desk)
    assert "193" in desk.reads() and not Proposal.objects.exists()
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="下载未通过的行").click()
    back = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(back) == 8 and back[0][-1] == "错误"
    assert [row[-1] for row in back[3:6:2]] == [NOT_HERE, NO_CERTIFICATE]
    desk.follow("提出可以提出的行").press("确认提出").sees("职工答复情况")
    assert Proposal.objects.count() == 193

    # The seven, corrected: nobody is asked twice.
    again = tmp_path / "更正.csv"
    write(again, list(right.values()))
    desk.go("/subsidies/units/").follow(unit.name)
    desk.page.set_input_files("input[type=file]", again)
    desk.press("上传并核对").follow("提出可以提出的行").press("确认提出").sees("职工答复情况")
    assert Proposal.objects.count() == Message.objects.filter(kind="proposal").count() == PEOPLE
    assert set(Proposal.objects.values_list("worker_id", flat=True)) == {one.pk for one in people}

    # One of them answers on the phone: what it is, whose account, yes.
    someone = people[100]
    someone.account = make_account("w20260100", someone.name, "worker", OTOG)
    someone.save(update_fields=["account"])
    phone = on_a_phone(sits_down, someone, live)
    phone.go("/subsidies/mine/").sees("等您答复").follow("查看并答复")
    reads_well(phone)
    phone.check("单位填写").press("同意并提交").sees("待受理")
    claim = Claim.objects.select_related("account", "case").get()
    assert claim.worker_id == someone.pk and claim.account.account_number == ACCOUNT

    # The unit reads the stage, and nothing more.
    desk.page.reload()
    assert "本人已同意" in desk.reads() and claim.case.number not in desk.reads()


# -- at the window -------------------------------------------------------------------------------------------
def test_a_claim_at_the_window_with_a_correction_up_to_the_decision(
    live: Live, sits_down: Any, tmp_path: Path
) -> None:
    cast = company()
    worker = in_work(make_worker("王建国"), cast("second_reviewer"))
    worker.account = make_account("w20260201", worker.name, "worker", OTOG)
    worker.save()
    certificate(worker, cast("second_reviewer"), level=40, number="S9", issued_on=issued())

    # The clerk hands it in for the worker at the window, says what is missing, and puts it in when it is brought.
    clerk: Person = sits_down("clerk")
    clerk.go(f"/subsidies/claims/new/{worker.pk}/").press("提交申请").sees("待受理")
    here = clerk.path
    clerk.follow("补正").fill("需要补正的内容", "证书扫描件").press("告知补正").sees("等待补正")
    scan = tmp_path / "证书.pdf"
    scan.write_bytes(pdf("证书"))
    clerk.fill("材料名称", "证书扫描件")
    clerk.page.set_input_files("input[type=file]", scan)
    clerk.press("上传").sees("已提交材料")
    clerk.follow("补正完成").press("补正完成").sees("待受理")
    clerk.follow("受理").press("受理").sees("待审核").sees("受理回执")
    assert Evidence.objects.filter(label="证书扫描件").count() == 1

    # The reviewer recommends it, the approver sends it back once, then approves.
    reviewer: Person = sits_down("reviewer")
    reviewer.go(here).follow("审核").press("提交审核结论").sees("待审批")
    approver: Person = sits_down("approver")
    approver.go(here).follow("退回审核").fill("需要再核对的内容", "请核对证书编号。").press("退回审核")
    reviewer.go(here).sees("请核对证书编号。").follow("审核").press("提交审核结论").sees("待审批")
    approver.go(here).follow("批准").press("批准").sees("已批准")

    # The worker reads what was decided.
    phone = on_a_phone(sits_down, worker, live)
    phone.go("/subsidies/mine/").sees("已批准").follow("JN-").sees("批准金额")
    reads_well(phone)
    phone.go("/my/letters/").sees("关于批准补贴申请的通知")


# -- two taps ------------------------------------------------------------------------------------------------
def test_two_taps_from_an_offer_to_the_receipt(live: Live, sits_down: Any) -> None:
    cast, today = company(), timezone.localdate()
    worker = works_in(make_employer("鄂托克机械厂"), "李秀英", cast("reviewer"))
    worker.account = make_account("w20260301", worker.name, "worker", OTOG)
    worker.save()
    certified(worker, cast("reviewer"), "S7", level=40)
    match(today, cause="night", whole=True)
    assert Offer.objects.filter(worker=worker, benefit="training.skill-upgrade").exists()

    phone = on_a_phone(sits_down, worker, live)
    phone.go("/my/offers/")
    phone.follow("技能提升补贴")
    reads_well(phone)
    phone.press("同意，请为我办理").sees("已同意办理")
    claim = Claim.objects.select_related("case").get(worker=worker)
    assert claim.prefilled and claim.handed_in_on == today and not Evidence.objects.filter(case=claim.case)
    assert phone.page.locator("main input:not([type=hidden]), main textarea").count() == 0

    # The window takes it in; the receipt is there to be read.
    claiming.accept(claim.pk, by=cast("clerk"), on=today)
    wait_until(lambda: worker.letters.exists(), seconds=10, says="receipt")
    phone.go("/my/letters/").sees("补贴申请受理回执")
