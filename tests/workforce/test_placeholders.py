"""What people write where there is nothing to write, and the ways one unit or one certificate is spelled."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.accounts.access import NotNow
from portal.workforce.identity import certificate_number
from portal.workforce.models import Employment, SkillCredential
from portal.workforce.placeholders import says_as_above, says_nothing
from tests.cast import make_worker
from tests.window.given import make_employer
from tests.window.test_records import POSTED
from tests.workforce.test_employers import create

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        *(
            "无",
            "（无）",
            "待业",
            "灵活就业",
            "／",
            "/",
            "—",
            "--",
            "…",
            "N/A",
            "ＮＵＬＬ",
            "无。",
            " 暂 无 ",
            "",
        ),
        *(
            "待业中",
            "无固定职业",
            "目前无工作",
            "已离职",
            "未就业",
            "個體",
            "个体户",
            "外出务工",
            "打零工",
            "下岗人员",
        ),
        *("無", "否", "000", "补办中", "待核实", "未发", "未参加工作", "在校学生", "自谋职业"),
    ],
)
def test_it_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        *("无锡柴油机厂", "待业青年服务公司", "S000", "1501", "王", "内蒙古无极建材有限公司", "0015", "未来"),
        *(
            "下岗职工服务中心",
            "打工者之家",
            "无业游民酒吧",
            "办理中心",
            "学生公寓",
            "自由空间装饰部",
            "创业园",
            "牧民合作社",
        ),
    ],
)
def test_it_says_something(text: str) -> None:
    assert not says_nothing(text) and not says_as_above(text)


@pytest.mark.parametrize("text", ["同上", "“同上”", "〃", "同 上"])
def test_it_points_to_the_row_above(text: str) -> None:
    assert says_as_above(text)


def test_a_certificate_number_has_one_form() -> None:
    assert {certificate_number(text) for text in ("s0015 03", "Ｓ００１５０３", " S001503 ")} == {"S001503"}
    assert {certificate_number(f"s15{dash}03") for dash in "-－–—−‐"} == {"S15-03"}


def post(desk: Any, worker: Any, kind: str, **changed: str) -> Any:
    address = reverse("window:record_new", args=[worker.pk, kind])
    return desk.post(address, POSTED[kind] | {"source": "窗口登记"} | changed, follow=True)


def test_at_the_window_no_unit_is_no_unit(clerk: Any, as_user: Any) -> None:
    worker = make_worker()
    page = post(as_user(clerk), worker, "employment", employer="待业")
    assert "“待业”不是单位名称。没有用人单位的，请留空。" in page.content.decode()
    assert not Employment.objects.exists()
    with pytest.raises(ValidationError, match="不是单位名称"):
        create(clerk, name="同上", credit_code="")


def test_at_the_window_no_number_is_no_number(clerk: Any, as_user: Any) -> None:
    worker = make_worker()
    post(as_user(clerk), worker, "credential", number="／")
    assert SkillCredential.objects.get().number == ""
    post(as_user(clerk), worker, "credential", number="s15 01", occupation="钳工")
    assert SkillCredential.objects.get(occupation="钳工").number == "S1501"


def test_a_unit_is_found_under_its_other_spelling_and_not_written_down_twice(
    clerk: Any, as_user: Any
) -> None:
    unit = make_employer("鄂托克旗机械厂（一分厂）", code=None)
    post(as_user(clerk), make_worker(), "employment", employer="鄂托克旗机械厂(一分厂)")
    assert Employment.objects.get().employer == unit
    with pytest.raises(NotNow, match="同名"):
        create(clerk, name="鄂托克旗机械厂(一分厂)", credit_code="")


def test_a_unit_that_is_left_as_it_stands_stays(clerk: Any, as_user: Any) -> None:
    """Also when there are others of its name by now."""
    unit = make_employer("鄂托克旗机械厂（一分厂）", code=None)
    make_employer("鄂托克旗机械厂(一分厂)", code=None, twin=1)
    job = Employment.objects.create(worker=make_worker(), employer=unit, source="花名册 甲.csv")
    address = reverse("window:record", args=[job.worker_id, "employment", job.pk])
    desk = as_user(clerk)
    form = desk.get(address).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    assert shown["source"] == ""
    sent = desk.post(address, shown | {"front_line_years": "6", "source": "劳动合同", "status": "employed"})
    assert sent.status_code == 302, sent.context["form"].errors
    job.refresh_from_db()
    assert (job.employer, job.front_line_years, job.source) == (unit, 6, "劳动合同")
