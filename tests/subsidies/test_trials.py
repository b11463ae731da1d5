"""A list of payments decided by the rules: what agrees, what would be refused, paid otherwise, or is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.policy.models import Determination
from portal.workforce.models import BenefitClaim, SkillCredential
from tests.cast import BAOTOU, KUNDULUN, ORDOS, REGION, id_number, make_worker
from tests.covering import covered, nothing_covered
from tests.subsidies.conftest import certificate, in_work
from tests.subsidies.paid_lists import HEAD, line_of, list_of, outcomes, reasons, tried
from tests.workforce.extracting import counts, keep_still, taken_in

pytestmark = pytest.mark.django_db
DAY = "2026-10-12"


def claim_of(credential: Any, claimed_on: date, **changed: Any) -> BenefitClaim:
    """An earlier claim by the certificate, as it is recorded."""
    given = {
        "worker": credential.worker,
        "kind": "skill_upgrade",
        "occupation": credential.occupation,
        "level": credential.level,
        "certificate_number": credential.number,
        "claimed_on": claimed_on,
        "source": "合成",
    }
    return BenefitClaim.objects.create(**given | changed)


def test_what_was_paid_by_the_rules_agrees_and_nothing_is_recorded(welding: Any) -> None:
    determinations, claims = Determination.objects.count(), BenefitClaim.objects.count()
    result = tried(line_of(welding, DAY))
    assert outcomes(result) == ["agrees"]
    assert result["total"] == {"rows": 1, "paid": "1500.00", "ruled": "1500.00"}
    assert (Determination.objects.count(), BenefitClaim.objects.count()) == (determinations, claims)


def test_another_amount_is_told_with_that_of_the_rules(welding: Any) -> None:
    result = tried(line_of(welding, DAY, "2000"))
    assert outcomes(result) == ["otherwise"]
    assert (result["rows"][0]["paid"], result["rows"][0]["ruled"]) == ("2000.00", "1500.00")
    assert result["outcomes"]["otherwise"] == {"rows": 1, "paid": "2000.00", "ruled": "1500.00"}


def test_whoever_the_rules_refuse_is_told_by_which_conditions_and_clauses(cast: Any) -> None:
    newcomer = in_work(make_worker("李强"), cast("reviewer"), months=35)
    result = tried(line_of(certificate(newcomer, cast("reviewer"), number="S1"), DAY))
    assert outcomes(result) == ["refuses"]
    assert reasons(result) == ["失业保险累计缴费达到规定月数"], "none that another one stands in for"
    assert "人社部发〔2017〕40号" in result["reasons"][0]["note"]
    assert (result["reasons"][0]["rows"], result["reasons"][0]["paid"]) == (1, "1500.00")


def test_each_row_stands_under_the_law_of_its_own_day(cast: Any) -> None:
    """While the relaxation ran twelve months were enough."""
    newcomer = in_work(make_worker("李强"), cast("reviewer"), months=20)
    first = certificate(newcomer, cast("reviewer"), number="S1", issued_on=date(2024, 5, 6))
    second = certificate(
        newcomer, cast("reviewer"), occupation="钳工", number="S2", issued_on=date(2024, 12, 2)
    )
    result = tried(line_of(second, "2025-03-10"), line_of(first, "2024-06-03"))
    assert outcomes(result) == ["refuses", "agrees"]
    assert reasons(result) == ["失业保险累计缴费达到规定月数"]


@pytest.mark.parametrize("recorded", [False, True])
def test_a_payment_is_never_earlier_than_itself(welding: Any, recorded: bool) -> None:
    if recorded:
        claim_of(welding, date(2026, 10, 12))
    assert outcomes(tried(line_of(welding, DAY))) == ["agrees"]


def test_what_is_recorded_as_earlier_counts(welding: Any) -> None:
    claim_of(welding, date(2026, 9, 30))
    result = tried(line_of(welding, DAY))
    assert outcomes(result) == ["refuses"]
    assert "同一职业（工种）同一等级未享受过补贴" in reasons(result)


@pytest.mark.parametrize("recorded", [False, True])
def test_the_second_claim_of_the_same_level_in_the_list_is_refused(
    cast: Any, welder: Any, welding: Any, recorded: bool
) -> None:
    """Whichever stands first in the file, and whether or not the first is recorded already."""
    again = certificate(welder, cast("reviewer"), number="S000015000002", issued_on=date(2026, 10, 2))
    if recorded:
        claim_of(welding, date(2026, 10, 12))
    result = tried(line_of(again, "2026-11-03"), line_of(welding, DAY))
    assert outcomes(result) == ["refuses", "agrees"]
    assert reasons(result) == ["同一职业（工种）同一等级未享受过补贴"]


def test_the_same_line_twice_is_paid_once(welding: Any) -> None:
    assert outcomes(tried(line_of(welding, DAY), line_of(welding, DAY))) == ["agrees", "refuses"]


def test_the_fourth_claim_of_a_year_is_refused(cast: Any, welder: Any) -> None:
    four = [
        certificate(
            welder, cast("reviewer"), occupation=occupation, number=f"S{place}", issued_on=date(2024, 3, 4)
        )
        for place, occupation in enumerate(("焊工", "钳工", "电工", "车工"), 1)
    ]
    days = ("2024-04-01", "2024-05-06", "2024-05-06", "2024-06-03")
    result = tried(*(line_of(one, day) for one, day in zip(four, days, strict=True)))
    assert outcomes(result) == ["agrees", "agrees", "agrees", "refuses"]
    assert reasons(result, 3) == ["本年度申领次数未达上限"]


def test_nobody_who_is_not_registered_is_decided(welding: Any) -> None:
    stranger = line_of(welding, DAY, 证件号码=id_number(), 姓名="赵无名")
    result = tried(stranger)
    assert (outcomes(result), reasons(result)) == (["unknown"], ["没有登记此人"])
    assert result["places"][0]["name"] == "不能确定地区"


def test_of_people_elsewhere_nothing_is_told(cast: Any, welding: Any) -> None:
    baotou = in_work(make_worker("孙强", region=KUNDULUN), cast("reviewer"))
    there = line_of(certificate(baotou, cast("reviewer"), number="S9"), DAY)
    result = tried(line_of(welding, DAY), there, place=ORDOS)
    assert outcomes(result) == ["agrees", "unknown"]
    assert reasons(result, 1) == ["不在您负责的地区"]
    assert result["rows"][1]["worker"] is None
    assert outcomes(tried(there, place=BAOTOU)) == ["agrees"]
    assert [place["name"] for place in tried(line_of(welding, DAY), there)["places"]] == [
        "包头市",
        "昆都仑区",
        "鄂尔多斯市",
        "鄂托克旗",
    ]


def test_a_certificate_that_is_not_registered_or_recorded_otherwise_is_said(
    welder: Any, welding: Any
) -> None:
    unknown = line_of(welding, DAY, 证书编号="S000015000777")
    other_day = line_of(welding, DAY, 发证日期="2026-08-31")
    other_level = line_of(welding, DAY, 技能等级="高级工")
    result = tried(unknown, other_day, other_level, line_of(welding, DAY, 姓名="王建军"))
    assert outcomes(result) == ["unknown"] * 4
    assert [reasons(result, place)[0] for place in range(4)] == [
        "没有登记这本证书",
        "证书与登记不一致",
        "证书与登记不一致",
        "姓名与登记不一致",
    ]
    assert result["rows"][1]["said"] == "发证日期登记为2026-09-01"
    assert result["rows"][2]["said"] == "等级登记为中级工"


def test_without_a_number_the_certificate_is_found_by_occupation_and_level(welding: Any) -> None:
    assert outcomes(tried(line_of(welding, DAY, 证书编号="无", 职业工种="焊 工"))) == ["agrees"]


def test_a_certificate_issued_later_was_none_on_the_day(welding: Any) -> None:
    result = tried(line_of(welding, "2026-08-03"))
    assert (outcomes(result), reasons(result)) == (["refuses"], ["证书在申领之日已经核发"])


def test_which_fact_is_missing_is_told(cast: Any) -> None:
    worker = make_worker("李强")
    result = tried(line_of(certificate(worker, cast("reviewer"), number="S1"), DAY))
    assert outcomes(result) == ["unknown"]
    assert {"就业状态", "正在正常缴纳失业保险费", "失业保险累计缴费月数"} <= set(reasons(result))


def test_where_earlier_claims_are_not_covered_the_list_itself_may_cover_its_years(
    cast: Any, welding: Any
) -> None:
    nothing_covered()
    result = tried(line_of(welding, DAY), place=ORDOS)
    assert outcomes(result) == ["unknown"]
    assert "本年度已申领技能提升补贴次数" in reasons(result)
    assert {reason["note"] for reason in result["reasons"]} == {"以往补贴登记摘录"}
    # Of the years before an extract was taken in; the list is complete for its own year.
    for fund in ("unemployment_insurance_fund", "employment_subsidy_fund"):
        covered(cast("reviewer"), ORDOS, date(2025, 12, 31), fund=fund)
    assert outcomes(tried(line_of(welding, DAY), place=ORDOS)) == ["unknown"]
    funds = ("employment_subsidy_fund", "unemployment_insurance_fund")
    assert outcomes(tried(line_of(welding, DAY), place=ORDOS, complete=funds)) == ["agrees"]
    assert outcomes(tried(line_of(welding, DAY), place=REGION, complete=funds)) == ["agrees"]
    assert outcomes(tried(line_of(welding, DAY), complete=funds[:1])) == ["unknown"]


def test_by_verified_facts_alone_a_stated_certificate_does_not_count(welder: Any) -> None:
    stated = SkillCredential.objects.create(
        worker=welder, occupation="钳工", level=40, number="S7", issued_on=date(2026, 9, 7), source="合成"
    )
    assert outcomes(tried(line_of(stated, DAY, "2000"))) == ["agrees"]
    result = tried(line_of(stated, DAY, "2000"), verified=True)
    assert (outcomes(result), reasons(result)) == (["unknown"], ["没有登记这本证书"])


def test_a_technician_is_decided_by_the_other_scheme(cast: Any, welder: Any) -> None:
    technician = certificate(welder, cast("reviewer"), level=50, number="J1")
    again = certificate(welder, cast("reviewer"), level=50, number="J2")
    result = tried(line_of(technician, DAY, "3000"), line_of(again, "2026-11-02", "3000"))
    assert result["rows"][0]["scheme"] == "技师、高级技师培训补贴"
    assert outcomes(result) == ["unknown", "refuses"], "no sum is known; but a level is claimed once"
    assert [reason["note"] for reason in result["reasons"] if reason["outcome"] == "unknown"] == [
        "标准尚未公布"
    ]
    assert reasons(result, 1)[0] == "同一职业（工种）同一等级只申领一次"


def test_rows_that_are_not_understood_are_told_one_by_one(welding: Any) -> None:
    wrong = [
        line_of(welding, DAY, 证件号码="150624198506150011"),
        line_of(welding, "2026-13-01"),
        line_of(welding, DAY, ""),
        line_of(welding, DAY, 技能等级="学徒工"),
    ]
    result = tried(line_of(welding, DAY), *wrong)
    assert outcomes(result) == ["agrees", *["unread"] * 4]
    assert [row["said"].partition("：")[0] for row in result["rows"][1:]] == [
        "证件号码",
        "申领日期",
        "补贴金额",
        "技能等级",
    ]
    assert welding.worker.id_number not in str(result)


def test_the_columns_of_an_extract_of_earlier_claims_are_understood(welding: Any) -> None:
    head = ("证件号码", "补贴种类", "职业工种", "技能等级", "证书编号", "申领日期", "金额（元）")
    line = line_of(welding, DAY) | {"补贴种类": "技能提升补贴", "金额（元）": "1500"}
    assert outcomes(tried(line, head=head)) == ["agrees"]
    assert outcomes(tried(line | {"补贴种类": "职业培训补贴"}, head=head)) == ["unread"]


def test_the_same_file_is_taken_in_as_earlier_claims_and_agrees_as_before(
    cast: Any, welding: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_still(monkeypatch)
    line = line_of(welding, DAY) | {"补贴种类": "技能提升补贴"}
    head = (*HEAD, "补贴种类")
    assert outcomes(tried(line, head=head)) == ["agrees"]
    extract = taken_in(cast("reviewer"), "claims", file=list_of(line, head=head))
    assert (extract.phase, counts(extract)) == ("done", (1, 0, 0, 0))
    (claim,) = BenefitClaim.objects.filter(worker=welding.worker)
    assert (claim.amount, claim.certificate_number, claim.claimed_on) == (
        1500,
        welding.number,
        date(2026, 10, 12),
    )
    assert outcomes(tried(line, head=head)) == ["agrees"]


def test_somebody_whose_records_were_merged_is_one_person(cast: Any, welder: Any, welding: Any) -> None:
    """The payment names the number of the record that was merged into another; the certificate stands there."""
    from portal.workforce.models import MergedPerson

    other = make_worker("王建国")
    elsewhere = certificate(other, cast("reviewer"), occupation="钳工", number="S5")
    MergedPerson.objects.create(source=other, target=welder)
    result = tried(line_of(elsewhere, DAY), line_of(welding, "2026-11-02"))
    assert outcomes(result) == ["agrees", "agrees"]
    assert {row["worker"] for row in result["rows"]} == {welder.pk}
    claim_of(elsewhere, date(2026, 10, 5))
    assert outcomes(tried(line_of(elsewhere, DAY))) == ["refuses"]
