"""A name is found and compared in its one form on every way in: window, roster, search, API, agents, objections."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from portal.accounts.access import NotNow
from portal.accounts.actions import create_account_as_operator
from portal.accounts.models import User
from portal.regions.models import Region
from portal.workforce.actions import appoint_agent, correct_employer, create_employer, version_of
from portal.workforce.models import Employer, Employment, NameConflict, Worker
from tests.cast import OTOG, id_number, make_worker
from tests.roster.conftest import Office, counts, office, row
from tests.window.given import ON, make_employer
from tests.window.test_records import POSTED

pytestmark = pytest.mark.django_db
__all__ = ["office"]
UNIT = "准格尔旗重型机械（集团）有限公司"
SPELLINGS = (
    "准格尔旗重型机械(集团)有限公司",
    "准格尔旗重型机械〔集团〕有限公司",
    "准格尔旗重型机械【集团】有限公司",
    " 准格尔旗　重型机械( 集团 )有限公司 ",
    "“准格尔旗重型机械”（集团）有限公司",
    "准格尔旗重型\u200b机械﹙集团﹚有限公司",
    "准格尔旗重型机械［集团］有限公司",
)


def write_down(by: Any, name: str, **fields: Any) -> Employer:
    given = {"credit_code": "", "kind": "private", "source": "营业执照"} | fields
    return create_employer(name=name, region=Region.objects.get(pk=OTOG), by=by, on=ON, **given)


# -- people --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "name", "sought"),
    [
        ("斯　琴", "斯琴", ["斯琴", "斯 琴", "斯\u3000琴"]),
        ("阿依.古丽", "阿依·古丽", ["阿依·古丽", "阿依‧古丽", "依.古", "阿依 · 古丽"]),
        ("\u2fb1兰", "韋兰", ["韋兰"]),
        ("\u2ee2小龙", "马小龙", ["马小龙", "\u2ee2小"]),
        ("于〇", "于〇", ["于〇"]),
        ("Ｍａｒｉａ　Ｌｕｚ", "Maria Luz", ["Maria Luz", "Luz"]),
    ],
)
def test_at_the_window_and_in_every_search(
    clerk: Any, as_user: Any, typed: str, name: str, sought: list[str]
) -> None:
    desk = as_user(clerk)
    form = {"id_number": id_number(), "name": typed, "work_region": OTOG, "source": "窗口登记（查验原件）"}
    desk.post(reverse("window:worker_new"), form)
    assert Worker.objects.get().name == name
    for text in sought:
        page = desk.get(reverse("window:search"), {"q": text})
        groups = {group["kind"]: list(group["rows"]) for group in page.context["groups"]}
        assert groups["workers"] == list(Worker.objects.all()), text
        listed = desk.get(reverse("window:workers"), {"name": text}).context["page"].rows
        assert [one.name for one in listed] == [name], text
        found = desk.get("/api/workers/", {"name": text}).json()["results"]
        assert [one["name"] for one in found] == [name], text


def test_a_correction_brings_a_name_into_the_same_form(clerk: Any, as_user: Any) -> None:
    worker = make_worker("吐尔逊")
    form = {
        "name": "吐尔逊• 买买提",
        "work_region": OTOG,
        "source": "居民身份证",
        "version": version_of(worker),
    }
    as_user(clerk).post(reverse("window:worker_edit", args=[worker.pk]), form)
    worker.refresh_from_db()
    assert worker.name == "吐尔逊·买买提"


def test_a_roster_and_the_window_mean_the_same_person(office: Office) -> None:
    given = row()
    assert counts(office.imports(given | {"姓名": "那.仁"})) == (1, 0, 0, 0)
    for name in ("那\u3000· 仁", "那∙仁", "那･仁", "那·仁"):
        assert counts(office.imports(given | {"姓名": name})) == (0, 0, 1, 0)
    assert Worker.objects.get().name == "那·仁"
    assert not NameConflict.objects.exists()


def test_a_roster_takes_rare_characters_and_refuses_private_ones(office: Office) -> None:
    rows = [
        row(姓名=name)
        for name in ("王〇", "刘\U0002ec00", "刘\U00031400", "李\u2ea0", "王\u2f3c", "王\ue001")
    ]
    assert counts(office.imports(*rows)) == (5, 0, 0, 1)
    assert set(Worker.objects.values_list("name", flat=True)) == {
        "王〇",
        "刘\U0002ec00",
        "刘\U00031400",
        "李民",
        "王心",
    }
    assert "GB 18030—2022" in office.reasons[0]


def test_accounts_and_agents_by_the_same_name(cast: Any) -> None:
    account, _ = create_account_as_operator("w-saren", " 萨 仁．其其格 ")
    assert account.display_name == "萨仁·其其格"
    assert list(User.objects.matching("萨仁‧其")) == [account]
    agent = cast("employer_agent")
    User.objects.filter(pk=agent.pk).update(display_name="包·音")
    unit = make_employer("另一家厂", code=None)
    appointed = appoint_agent(
        unit.pk, username=agent.username, name="包 .音", authority="委托书", by=cast("clerk")
    )
    assert appointed.user == agent


# -- units ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_unit_is_one_in_every_spelling(clerk: Any, as_user: Any, office: Office, typed: str) -> None:
    unit = write_down(clerk, UNIT)
    assert unit.name == UNIT
    with pytest.raises(NotNow, match="同名"):
        write_down(clerk, typed)
    worker, desk = make_worker(), as_user(clerk)
    sent = POSTED["employment"] | {"source": "窗口登记", "employer": typed}
    desk.post(reverse("window:record_new", args=[worker.pk, "employment"]), sent)
    assert Employment.objects.get(worker=worker).employer == unit
    assert counts(office.imports(row(用人单位=typed))) == (1, 0, 0, 0)
    assert Employer.objects.get().name == UNIT
    assert desk.get(reverse("window:employers"), {"name": typed[3:]}).context["page"].rows == [unit]


def test_an_unchanged_field_is_an_unchanged_unit(office: Office, clerk: Any, as_user: Any) -> None:
    """Imported under full-width brackets; only the years on the front line are changed at the window."""
    office.imports(row(用人单位="东胜（一期）煤业，有限公司"))
    job, desk = Employment.objects.get(), as_user(clerk)
    address = reverse("window:record", args=[job.worker_id, "employment", job.pk])
    form = desk.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent |= {"front_line_years": "9.5", "source": "劳动合同", "on_front_line": "true"}
    page = desk.post(address, sent, follow=True)
    assert "已保存" in page.content.decode(), page.context["form"].errors
    unit = job.employer
    job.refresh_from_db()
    assert (str(job.front_line_years), job.employer) == ("9.5", unit)
    for spelled in ("东胜(一期)煤业,有限公司", "东胜 （一期） 煤业，有限公司"):
        sent |= {"employer": spelled, "version": version_of(job), "front_line_years": "8.5"}
        desk.post(address, sent)
        job.refresh_from_db()
        assert (str(job.front_line_years), job.employer) == ("8.5", unit)
    assert Employer.objects.count() == 1


def test_another_unit_of_the_name_does_not_stand_in_the_way(clerk: Any, as_user: Any) -> None:
    """Two units of one name: whoever changes nothing about the unit is not asked which one."""
    one, _other = (
        make_employer("旗电力公司", code=None),
        make_employer("旗电力公司", code="91159999RUJWX97A09"),
    )
    worker = make_worker()
    job = Employment.objects.create(worker=worker, employer=one, source="窗口登记", occupation="焊工")
    address = reverse("window:record", args=[worker.pk, "employment", job.pk])
    sent = POSTED["employment"] | {"employer": "旗 电力公司", "version": version_of(job), "source": "合同"}
    as_user(clerk).post(address, sent)
    job.refresh_from_db()
    assert (job.employer, job.source) == (one, "合同")


def test_what_distinguishes_units_keeps_them_apart(clerk: Any) -> None:
    for name in ("旗第一建筑公司", "旗第二建筑公司", "旗第一建筑公司（东区）", "旗第1建筑公司"):
        write_down(clerk, name)
    assert Employer.objects.count() == 4


@pytest.mark.parametrize("name", ["旗\ue123机械厂", "旗\ufffd机械厂", "旗机械厂\U0010fffd"])
def test_a_unit_has_no_private_characters(clerk: Any, office: Office, name: str) -> None:
    with pytest.raises(ValidationError, match="GB 18030—2022"):
        write_down(clerk, name)
    assert counts(office.imports(row(用人单位=name))) == (0, 0, 0, 1)
    assert "营业执照" in office.reasons[0]


def test_a_unit_with_characters_that_python_does_not_know(clerk: Any, office: Office) -> None:
    unit = write_down(clerk, "旗\U0002ebf5（东）机械厂")
    assert counts(office.imports(row(用人单位="旗\U0002ebf5(东)机械厂"))) == (1, 0, 0, 0)
    assert Employer.objects.get() == unit


def test_one_of_two_units_of_one_name_is_corrected_in_everything_else(clerk: Any) -> None:
    unit = make_employer("鄂前旗粮库", code=None)
    make_employer("鄂前旗 粮库", code=None, twin=1)
    given = {
        "name": unit.name,
        "credit_code": "",
        "region": unit.region,
        "source": "法人证书",
        "by": clerk,
        "on": ON,
    }
    corrected = correct_employer(unit.pk, version=version_of(unit), kind="public_institution", **given)
    assert corrected.kind == "public_institution"
    with pytest.raises(NotNow, match="同名"):
        correct_employer(
            unit.pk, version=version_of(corrected), kind="private", **given | {"name": "“鄂前旗粮库”"}
        )


def test_a_code_of_full_width_is_the_code(clerk: Any, as_user: Any) -> None:
    unit, desk = make_employer(), as_user(clerk)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in unit.credit_code or "")
    assert desk.get(reverse("window:employers"), {"name": wide}).context["page"].rows == [unit]
    worker = make_worker()
    sent = POSTED["employment"] | {"source": "窗口登记", "employer": wide}
    desk.post(reverse("window:record_new", args=[worker.pk, "employment"]), sent)
    assert Employment.objects.get(worker=worker).employer == unit


# -- what was written down before ----------------------------------------------------------------------------
MIGRATION = import_module("portal.workforce.migrations.0006_one_form_of_names")


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("kept", "name"),
    [
        ("呼 伦", "呼伦"),
        ("帕提曼.艾山", "帕提曼·艾山"),
        ("帕提曼。 艾山．", "帕提曼·艾山"),
        ("A. Smith  Jones", "A. Smith Jones"),
        ("Ｌｅｅ－Ann", "Lee-Ann"),
        ("王\u2f3c五", "王心五"),
        ("李\u2ea0", "李民"),
        ("赵\ufa19", "赵神"),
        ("%的 名", "%的名"),
        ("王建国", "王建国"),
    ],
)
def test_names_of_before_get_their_form(kept: str, name: str) -> None:
    worker = make_worker()
    Worker.objects.filter(pk=worker.pk).update(name=kept)
    conflict = NameConflict.objects.create(worker=worker, registered_name=kept, roster_name=f"{kept}甲")
    run(MIGRATION.WORKERS, MIGRATION.CONFLICTS)
    worker.refresh_from_db()
    conflict.refresh_from_db()
    assert (worker.name, conflict.registered_name) == (name, name)


def test_accounts_of_before_are_found_by_their_name(cast: Any) -> None:
    person = cast("clerk")
    User.objects.filter(pk=person.pk).update(display_name="努尔．兰")
    run(import_module("portal.workforce.migrations.0011_names_of_accounts").ACCOUNTS)
    assert list(User.objects.matching("努尔‧兰")) == [person]


def test_units_of_one_name_written_down_before_stay_and_no_third_comes(clerk: Any) -> None:
    Employer.objects.create(name="乌审旗（北）厂", region_id=OTOG, source="花名册")
    Employer.objects.create(name="乌审旗(北)厂", region_id=OTOG, source="窗口登记", twin=9)
    run("UPDATE workforce_employer SET twin = 0 WHERE twin = 0", MIGRATION.TWINS)
    assert sorted(Employer.objects.values_list("twin", flat=True)) == [0, 1]
    with pytest.raises(NotNow, match="同名"):
        write_down(clerk, "乌审旗〔北〕厂")
    Employer.objects.update(name="乌审旗\u2f86厂\u3000")
    run("SET CONSTRAINTS ALL IMMEDIATE", MIGRATION.UNITS)
    assert set(Employer.objects.values_list("name", flat=True)) == {"乌审旗舌厂"}
