"""A unit puts claims forward for its people: what comes of each row, and of what was done twice or by halves."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from python_calamine import CalamineWorkbook

from portal.accounts.access import NotNow, Refused
from portal.accounts.actions import end_role
from portal.cases.models import Case
from portal.jobs import runner
from portal.jobs.models import JobState
from portal.outgoing.models import Message
from portal.spreadsheets.header import FileRefused
from portal.workforce.actions.agents import appoint_agent
from portal.workforce.models import Employment, SkillCredential
from subsidies import claiming
from subsidies.by_unit import actions, jobs
from subsidies.by_unit.checking import KNOWN, NO_CERTIFICATE, NOT_CLAIMABLE, NOT_HERE, SEVERAL
from subsidies.by_unit.form import MOST_LINES
from subsidies.by_unit.models import ClaimFile, Proposal
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE
from tests.cast import KUNDULUN, id_number
from tests.selection.nominees import make_employer
from tests.subsidies.unit_lists import (
    ACCOUNT,
    BANK,
    HEAD,
    certified,
    csv_of,
    given_in,
    line_of,
    put_forward,
    said,
    works_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


@pytest.fixture
def agent(cast: Any) -> Any:
    return cast("employer_agent")


@pytest.fixture
def plant(agent: Any) -> Any:
    """The unit for which the agent acts."""
    return make_employer("鄂托克焦化有限责任公司", agents=(agent,))


@pytest.fixture
def two(plant: Any, cast: Any) -> list[Any]:
    """The certificates of two people of the plant."""
    verifier = cast("reviewer")
    return [
        certified(works_in(plant, name, verifier), verifier, number)
        for name, number in (("王建国", "S1"), ("李秀英", "S2"))
    ]


# -- what is put forward -------------------------------------------------------------------------------------
def test_each_good_row_becomes_a_proposal_that_waits_for_the_person(
    agent: Any, plant: Any, two: list[Any]
) -> None:
    given = put_forward(plant, *map(line_of, two), by=agent)
    assert (given.phase, given.rows_read, given.good) == ("done", 2, 2)
    assert given.job.state == JobState.DONE and not given.folder.joinpath("source.csv").exists()
    proposals = list(Proposal.objects.select_related("case").order_by("row__line"))
    assert [one.credential_id for one in proposals] == [one.pk for one in two]
    assert {one.case.state for one in proposals} == {"proposed"}
    assert all(one.consent_until > timezone.localdate() for one in proposals)
    assert not Claim.objects.exists(), "nothing is claimed before the person agrees"
    messages = list(Message.objects.order_by("case_id"))
    assert [message.worker_id for message in messages] == [one.worker_id for one in two]
    for message, one in zip(messages, proposals, strict=True):
        assert one.case.number in message.text and "待本人确认" in message.text
        assert "焦化" not in message.text and "补贴" not in message.text


def test_the_window_does_it_for_a_unit_of_its_place(cast: Any, plant: Any, two: list[Any]) -> None:
    given = put_forward(plant, line_of(two[0]), by=cast("clerk"))
    assert (given.by, Proposal.objects.get().unit_id) == (cast("clerk"), plant.pk)
    assert Case.objects.get(proposal__isnull=False).employer_id is None, "the unit's agents see no case"


def test_nobody_else_does_it(cast: Any, agent: Any, plant: Any, two: list[Any]) -> None:
    other = make_employer("包头一机", region=KUNDULUN)
    for who, unit in (
        ("baotou_clerk", plant),
        ("reviewer", plant),
        ("approver", plant),
        ("employer_agent", other),
    ):
        with pytest.raises(Refused, match="经办人，或者单位所在地的服务窗口"):
            actions.give_in(csv_of(line_of(two[0])), unit.pk, by=cast(who))
    given = given_in(plant, line_of(two[0]), by=agent)
    for act in (actions.confirm, actions.give_up):
        with pytest.raises(Refused):
            act(given.pk, by=cast("baotou_clerk"))
    assert not ClaimFile.objects.visible_to(cast("baotou_clerk")).exists()
    assert not ClaimFile.objects.visible_to(cast("reviewer")).exists()
    assert ClaimFile.objects.visible_to(cast("clerk")).exists()


def test_another_agent_of_the_unit_goes_on_with_it(cast: Any, agent: Any, plant: Any, two: list[Any]) -> None:
    from tests.cast import OTOG, make_account

    colleague = make_account("unit.agent2", "苏和", "employer_agent", OTOG)
    given = given_in(plant, line_of(two[0]), by=agent)
    with pytest.raises(Refused):
        actions.confirm(given.pk, by=colleague)
    appoint_agent(plant.pk, username="unit.agent2", name="苏和", authority="委托书1号", by=cast("clerk"))
    assert actions.confirm(given.pk, by=colleague).phase == "confirmed"


# -- rows as people bring them -------------------------------------------------------------------------------
def test_what_is_wrong_with_a_row_is_said_and_loses_no_other(
    cast: Any, agent: Any, plant: Any, two: list[Any]
) -> None:
    verifier = cast("reviewer")
    elsewhere = works_in(make_employer("包头一机", region=KUNDULUN), "赵刚", verifier, region=KUNDULUN)
    theirs = certified(elsewhere, verifier, "S9")
    claimed = certified(works_in(plant, "孙梅", verifier), verifier, "S3")
    claiming.claim_at_once(
        claimed.pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=timezone.localdate()
    )
    short = certified(works_in(plant, "周强", verifier, months=3), verifier, "S4")
    lines = [
        line_of(two[0]),
        line_of(two[0]),
        line_of(two[0], 证件号码=id_number(), 姓名="无名氏"),
        line_of(theirs),
        line_of(two[1], 姓名="李秀"),
        line_of(two[1], 证书编号="S77"),
        line_of(claimed),
        line_of(short),
        line_of(two[1], 证件号码="15062419850615"),
        line_of(two[1], 技能等级="熟练工"),
        line_of(two[1], 证件号码="1.50624E+17"),
        line_of(two[1], 银行账号="12", 开户银行=BANK),
        line_of(two[1], 银行账号=ACCOUNT),
        line_of(two[1], 证件号码=""),
        line_of(two[1]),
    ]
    given = given_in(plant, *lines, by=agent)
    found = said(given)
    assert [line for line, (outcome, _) in found.items() if outcome == "good"] == [2, 16]
    assert found[3][1] == "与第2行重复。"
    # Who is not registered at all and who works elsewhere read the same; so do a claim and an unmet condition.
    assert found[4][1] == found[5][1] == found[6][1] == NOT_HERE
    assert found[7][1] == NO_CERTIFICATE
    assert found[8][1] == found[9][1] == NOT_CLAIMABLE
    for line, words in (
        (10, "证件号码："),
        (11, "技能等级："),
        (12, "证件号码：Excel已将长号码存为数值"),
        (13, "银行账号：应为8至32位数字"),
        (14, "开户银行：填写了银行账号的"),
        (15, "证件号码：不能为空"),
    ):
        assert found[line][1].startswith(words), found[line]
    assert (given.rows_read, given.good, given.refused) == (15, 2, 13)
    assert not given.rows.exclude(outcome="good").exclude(worker=None, credential=None).exists()
    back = actions.fetch_refused(given, by=agent).read().decode("utf-8-sig").splitlines()
    assert back[0] == ",".join([*HEAD, "错误"]) and len(back) == 14
    assert NOT_CLAIMABLE in back[6] and lines[1]["证件号码"] in back[1]


def test_corrected_rows_are_given_in_again_as_they_came_back(agent: Any, plant: Any, two: list[Any]) -> None:
    given = given_in(plant, line_of(two[0]), line_of(two[1], 证书编号="S77"), by=agent)
    back = actions.fetch_refused(given, by=agent).read().decode("utf-8-sig").replace("S77", "S2")
    corrected = SimpleUploadedFile("名单-未通过.csv", back.encode("utf-8-sig"))
    again = given_in(plant, by=agent, upload=corrected)
    assert (again.good, again.refused) == (1, 0)


def test_a_workbook_with_numbers_spaces_and_a_column_of_its_own_order(
    cast: Any, agent: Any, plant: Any
) -> None:
    credential = certified(works_in(plant, "王建国", cast("reviewer")), cast("reviewer"), "20260001")
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["姓 名", "证件号码*", "技能等级", "职业工种", "证书编号"])
        number = credential.worker.id_number
        sheet.write_row(1, 0, [" 王建国 ", f" {number[:6]} {number[6:]}", "四级", "焊 工", 20260001.0])
    given = given_in(plant, by=agent, upload=SimpleUploadedFile("名单.xlsx", buffer.getvalue()))
    assert said(given) == {2: ("good", "")}, said(given)


def test_refused_rows_of_a_workbook_come_back_as_a_workbook(agent: Any, plant: Any, two: list[Any]) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        wrong = line_of(two[0], 证书编号="S77")
        sheet.write_row(1, 0, [wrong.get(label, "") for label in HEAD])
    given = given_in(plant, by=agent, upload=SimpleUploadedFile("名单.xlsx", buffer.getvalue()))
    rows = (
        CalamineWorkbook.from_filelike(actions.fetch_refused(given, by=agent))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert rows[0][-1] == "错误" and rows[1][-1] == NO_CERTIFICATE and rows[1][1] == "王建国"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (",".join(HEAD[:3]).encode("utf-8-sig") + b"\n1,2,3", "缺少列：技能等级"),
        ((",".join(HEAD) + ",工号\n").encode("utf-8-sig"), "多出的列：工号"),
        (b"%PDF-1.7", "文件是PDF"),
        (b"", "文件是空的"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_at_once(
    agent: Any, plant: Any, content: bytes, words: str
) -> None:
    with pytest.raises(FileRefused, match=words):
        actions.give_in(SimpleUploadedFile("名单.csv", content), plant.pk, by=agent)
    assert not ClaimFile.objects.exists()


@pytest.mark.parametrize("lines", [0, MOST_LINES + 1])
def test_a_list_of_nobody_or_of_too_many_is_refused_by_the_job(
    agent: Any, plant: Any, two: list[Any], lines: int
) -> None:
    given = given_in(plant, *[line_of(two[0])] * lines, by=agent)
    assert given.phase == "failed" and given.job.state == JobState.FAILED
    assert ("没有数据行" if not lines else "一次最多") in given.message
    with pytest.raises(NotNow, match="未完成"):
        actions.confirm(given.pk, by=agent)


def test_a_certificate_without_a_number_is_found_by_what_it_says(cast: Any, agent: Any, plant: Any) -> None:
    verifier = cast("reviewer")
    worker = works_in(plant, "王建国", verifier)
    certified(worker, verifier, "", occupation="焊工")
    assert said(given_in(plant, line_of(worker.credentials.get()), by=agent))[2] == ("good", "")
    certified(worker, verifier, "S5", occupation="焊工")
    lines = [line_of(worker.credentials.get(number="")), line_of(worker.credentials.get(number="S5"))]
    found = said(given_in(plant, *lines, by=agent))
    assert found[2] == ("refused", SEVERAL) and found[3] == ("good", "")


def test_two_rows_about_one_certificate_are_one(cast: Any, agent: Any, plant: Any, two: list[Any]) -> None:
    found = said(given_in(plant, line_of(two[0]), line_of(two[0], 证书编号=""), by=agent))
    assert found == {2: ("good", ""), 3: ("refused", "与第2行是同一本证书。")}


# -- twice, by halves, meanwhile -----------------------------------------------------------------------------
def test_the_same_file_twice_makes_nothing_new(agent: Any, plant: Any, two: list[Any]) -> None:
    first = given_in(plant, line_of(two[0]), by=agent)
    assert given_in(plant, line_of(two[0]), by=agent).pk == first.pk, "it waits already"
    runner.run_job(actions.confirm(first.pk, by=agent).job_id)
    again = given_in(plant, line_of(two[0]), by=agent)
    assert again.pk != first.pk and (again.good, again.known, again.refused) == (0, 1, 0)
    assert said(again) == {2: ("known", KNOWN)}
    with pytest.raises(NotNow, match="没有可以提出的行"):
        actions.confirm(again.pk, by=agent)
    runner.run_job(first.job_id)
    assert Proposal.objects.count() == Message.objects.count() == 1


def test_two_files_of_one_unit_at_once_propose_once(
    cast: Any, agent: Any, plant: Any, two: list[Any]
) -> None:
    first = given_in(plant, line_of(two[0]), by=agent)
    second = given_in(plant, *map(line_of, two), by=cast("clerk"))
    for given, by in ((first, agent), (second, cast("clerk"))):
        runner.run_job(actions.confirm(given.pk, by=by).job_id)
    assert Proposal.objects.count() == 2
    assert said(second)[2] == ("known", KNOWN) and said(second)[3] == ("good", "")


def test_what_changed_before_it_was_carried_out_is_noticed(
    cast: Any, agent: Any, plant: Any, two: list[Any]
) -> None:
    leaver = certified(works_in(plant, "钱进", cast("reviewer"), settled=False), cast("reviewer"), "S6")
    third = certified(works_in(plant, "孙梅", cast("reviewer")), cast("reviewer"), "S3")
    fourth = SkillCredential.objects.create(
        worker=works_in(plant, "周强", cast("reviewer")),
        occupation="焊工",
        level=30,
        number="S4",
        issued_on=timezone.localdate().replace(day=1),
        source="合成",
    )
    given = given_in(
        plant,
        *[line_of(one, 开户银行=BANK, 银行账号=ACCOUNT) for one in [two[0], leaver, third, fourth]],
        by=agent,
    )
    confirmed = actions.confirm(given.pk, by=agent)
    claiming.claim_at_once(
        two[0].pk, SKILL_UPGRADE, channel="window", by=cast("clerk"), on=timezone.localdate()
    )
    Employment.objects.filter(worker=leaver.worker).update(ended_on=timezone.localdate())
    fourth.delete()
    runner.run_job(confirmed.job_id)
    assert [one.credential_id for one in Proposal.objects.all()] == [third.pk]
    found = said(given)
    assert found[2][1] == NOT_CLAIMABLE and found[3][1] == NOT_HERE and found[5][1] == NO_CERTIFICATE
    assert [row.line for row in given.rows.filter(account_number__isnull=False)] == [4]


def test_a_failing_row_loses_no_other(
    agent: Any, plant: Any, two: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = actions.confirm(given_in(plant, *map(line_of, two), by=agent).pk, by=agent)
    usual = jobs._new_case

    def breaks(row: Any) -> Any:
        if row.line == 2:
            raise RuntimeError("no ink")
        return usual(row)

    monkeypatch.setattr(jobs, "_new_case", breaks)
    runner.run_job(given.job_id)
    assert [one.row.line for one in Proposal.objects.all()] == [3]
    noted = dict(given.job.items.values_list("key", "ok"))
    assert sorted(noted.values()) == [False, True]


def test_begun_again_after_a_kill_nothing_is_doubled(
    agent: Any, plant: Any, two: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = actions.confirm(given_in(plant, *map(line_of, two), by=agent).pk, by=agent)
    monkeypatch.setattr(jobs, "CHUNK", 1)
    monkeypatch.setattr(runner, "STALE_AFTER", timedelta(0))
    usual, done = jobs.announce_many, []

    def dies(*args: Any, **more: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(1)
        return usual(*args, **more)

    monkeypatch.setattr(jobs, "announce_many", dies)
    with pytest.raises(KeyboardInterrupt):
        runner.run_job(given.job_id)
    assert Proposal.objects.count() == Message.objects.count() == 1
    monkeypatch.setattr(jobs, "announce_many", usual)
    runner.run_job(given.job_id)
    given.refresh_from_db()
    assert given.phase == "done" and given.job.state == JobState.DONE
    assert Proposal.objects.count() == Message.objects.count() == 2


def test_a_role_that_ended_meanwhile_ends_the_work(cast: Any, agent: Any, plant: Any, two: list[Any]) -> None:
    given = actions.give_in(csv_of(line_of(two[0])), plant.pk, by=agent)
    end_role(agent.assignments.get().pk, by=cast("security_admin"))
    runner.run_job(given.job_id)
    given.refresh_from_db()
    assert given.phase == "failed" and "经办人" in given.message


def test_a_role_that_ended_after_the_confirmation_proposes_nothing(
    cast: Any, agent: Any, plant: Any, two: list[Any]
) -> None:
    given = actions.confirm(given_in(plant, line_of(two[0]), by=agent).pk, by=agent)
    end_role(agent.assignments.get().pk, by=cast("security_admin"))
    runner.run_job(given.job_id)
    given.refresh_from_db()
    assert given.phase == "failed" and given.job.state == JobState.FAILED and not Proposal.objects.exists()
