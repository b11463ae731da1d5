"""The office's own data on its pages: who may keep it, what is refused, what the public then sees."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.cases.models import ClockRule
from portal.regions.models import CalendarYear, ServiceWindow
from portal.window.office.actions import save_clock_rule, save_window
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, REGION
from tests.regions.test_loading import csv_of
from tests.roles import compared, drawn_once, one_of_each, undone

KIND = "registry.direct-inclusion"
GIVEN = {
    "name": "鄂托克旗窗口",
    "address": "乌兰镇某街1号",
    "hours": "工作日 9:00—17:30",
    "phone": "0477-6210000",
    "materials": "身份证",
    "handling_time": "5个工作日",
}
REACH = {
    "clerk": {OTOG},
    "baotou_clerk": {KUNDULUN},
    "reviewer": {OTOG, ORDOS},
    "second_reviewer": {OTOG, ORDOS},
    "baotou_reviewer": {KUNDULUN, BAOTOU},
    "supervisor": {OTOG, ORDOS, KUNDULUN, BAOTOU, REGION},
}


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


@pytest.mark.sweep
def test_who_keeps_which_windows(cast: Any, as_user: Any) -> None:
    people = one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, *_ in people:
            client, reach = as_user(user), REACH.get(who, set())
            expect(f"{who} the list", client.get("/window/office/").status_code, 200 if reach else 403)
            for region in (OTOG, ORDOS, KUNDULUN, BAOTOU, REGION):
                wanted = 200 if region in reach else 404 if reach else 403
                expect(f"{who} {region}", client.get(f"/window/office/{region}/").status_code, wanted)
                with undone():
                    posted = client.post(f"/window/office/{region}/", GIVEN).status_code
                    changed = ServiceWindow.objects.get(pk=region).address == GIVEN["address"]
                    expect(
                        f"{who} {region} changed",
                        (posted, changed),
                        (302, True) if region in reach else (wanted, False),
                    )


@pytest.mark.sweep
def test_who_keeps_calendar_and_time_limits(cast: Any, as_user: Any) -> None:
    content, people = csv_of(2027), one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, *_ in people:
            client = as_user(user)
            calendar = who in {"policy_officer", "second_policy_officer", "system_admin"}
            clock = who in {"policy_officer", "second_policy_officer", "supervisor"}
            for address, may in (
                ("/window/calendar/", calendar),
                ("/window/calendar/2026/", calendar),
                ("/window/clock/", clock),
                (f"/window/clock/{KIND}/", clock),
            ):
                expect(f"{who} {address}", client.get(address).status_code, 200 if may else 403)
            with undone():
                posted = client.post(
                    "/window/calendar/", {"file": SimpleUploadedFile("2027.csv", content)}
                ).status_code
                loaded = CalendarYear.objects.filter(year=2027).exists()
                expect(f"{who} loads a year", (posted, loaded), (302, True) if calendar else (403, False))
            with undone():
                given = {"working_days": 5, "basis": "本机关服务承诺"}
                posted = client.post(f"/window/clock/{KIND}/", given).status_code
                kept = ClockRule.objects.filter(pk=KIND).exists()
                expect(f"{who} sets a limit", (posted, kept), (302, True) if clock else (403, False))


def test_strangers_are_asked_to_sign_in(db: None) -> None:
    for address in (
        "/window/office/",
        f"/window/office/{OTOG}/",
        "/window/calendar/",
        "/window/clock/",
        "/window/audit/",
    ):
        assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"


def test_a_policy_officer_of_a_league_does_not_decide_for_the_region(as_user: Any, db: None) -> None:
    from tests.cast import make_account

    local = make_account("ordos.policy", "鄂政策", "policy_officer", ORDOS)
    client = as_user(local)
    assert client.get("/window/calendar/").status_code == 403
    assert client.get("/window/clock/").status_code == 403
    with pytest.raises(Refused):
        save_clock_rule(KIND, working_days=5, basis="承诺", by=local)


def test_a_saved_window_is_public_at_once_and_no_sample_any_more(clerk: Any, as_user: Any) -> None:
    ServiceWindow.objects.filter(pk=OTOG).update(address="示例地址", is_sample=True)
    client = as_user(clerk)
    form = page(client, f"/window/office/{OTOG}/")
    assert "示例" in form
    seen_at = re.search(r'name="seen_at" value="([^"]+)"', form)[1]  # type: ignore[index]
    assert client.post(f"/window/office/{OTOG}/", GIVEN | {"seen_at": seen_at}).status_code == 302
    window = ServiceWindow.objects.get(pk=OTOG)
    assert not window.is_sample
    shown = page(Client(), f"/windows/{OTOG}/")
    assert GIVEN["address"] in shown and "示例" not in shown
    entry = Entry.objects.get(action="window.edit")
    assert (entry.actor, entry.region_code, entry.detail["was_sample"]) == (clerk, OTOG, True)
    assert set(entry.detail["fields"]) == set(GIVEN)


def test_what_is_emptied_is_shown_as_not_yet_published(clerk: Any, as_user: Any) -> None:
    save_window(OTOG, GIVEN, by=clerk)
    as_user(clerk).post(f"/window/office/{OTOG}/", GIVEN | {"phone": "  "})
    assert "待公布" in page(Client(), f"/windows/{OTOG}/")
    assert "咨询电话" in re.search(r"<td>(咨询电话)</td>", page(as_user(clerk), "/window/office/"))[1]  # type: ignore[index]


def test_sample_words_do_not_become_real_by_saving(clerk: Any, as_user: Any) -> None:
    ServiceWindow.objects.filter(pk=OTOG).update(is_sample=True)
    shown = (
        as_user(clerk)
        .post(f"/window/office/{OTOG}/", GIVEN | {"address": "乌兰镇（示例地址）"})
        .content.decode()
    )
    assert "地址仍含“示例”字样" in shown and "乌兰镇（示例地址）" in shown
    assert ServiceWindow.objects.get(pk=OTOG).is_sample


def test_a_change_by_another_meanwhile_is_not_overwritten(clerk: Any, reviewer: Any, as_user: Any) -> None:
    client = as_user(clerk)
    seen_at = re.search(r'name="seen_at" value="([^"]+)"', page(client, f"/window/office/{OTOG}/"))[1]  # type: ignore[index]
    save_window(OTOG, GIVEN | {"phone": "0477-1"}, by=reviewer)
    answer = client.post(f"/window/office/{OTOG}/", GIVEN | {"seen_at": seen_at})
    assert "他人已更新该窗口" in answer.content.decode()
    assert ServiceWindow.objects.get(pk=OTOG).phone == "0477-1"


@pytest.mark.parametrize("person", ["baotou_clerk", "auditor", "registry_officer", "system_admin"])
def test_the_action_refuses_whom_the_page_refuses(cast: Any, person: str) -> None:
    with pytest.raises(Refused):
        save_window(OTOG, GIVEN, by=cast(person))


def test_the_list_filters(supervisor: Any, as_user: Any) -> None:
    save_window(OTOG, GIVEN, by=supervisor)
    ServiceWindow.objects.filter(pk=ORDOS).update(is_sample=True)
    client = as_user(supervisor)

    def rows(query: str) -> int:
        return page(client, f"/window/office/?{query}").count("data-row-link")

    assert (rows("state=complete"), rows("state=sample"), rows("q=鄂托克旗")) == (1, 1, 1)
    assert rows("q=鄂尔多斯") == 10 and rows("") == 50 and rows("q=不存在的地方") == 0


def test_a_year_without_calendar_is_flagged_until_it_is_loaded(policy_officer: Any, as_user: Any) -> None:
    client, year = as_user(policy_officer), timezone.localdate().year
    CalendarYear.objects.filter(year=year).delete()
    assert f"{year}年的官方放假安排尚未载入" in page(client, "/window/calendar/")
    answer = client.post(
        "/window/calendar/", {"file": SimpleUploadedFile("y.csv", csv_of(year))}, follow=True
    )
    shown = answer.content.decode()
    assert f"已载入{year}年的工作日历" in shown and f"{year}年的官方放假安排尚未载入" not in shown
    assert "放假" in page(client, f"/window/calendar/{year}/")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("y.csv", b"", "文件是空的"),
        ("y.csv", "日期,说明\n".encode(), "缺少列"),
        ("y.xlsx", b"PK\x03\x04xx", "另存为 CSV"),
        ("y.csv", b"1" * 600_000, "文件超过512 KB，请检查是否选错了文件"),
    ],
)
def test_a_wrong_file_is_said_beside_the_field(
    policy_officer: Any, as_user: Any, name: str, data: bytes, says: str
) -> None:
    answer = as_user(policy_officer).post("/window/calendar/", {"file": SimpleUploadedFile(name, data)})
    shown = answer.content.decode()
    assert answer.status_code == 200 and says in shown and "id_file_error" in shown


def test_no_file_at_all(policy_officer: Any, as_user: Any) -> None:
    assert "请选择要上传的文件" in as_user(policy_officer).post("/window/calendar/", {}).content.decode()


def test_a_year_that_is_not_loaded_is_not_found(policy_officer: Any, as_user: Any) -> None:
    assert as_user(policy_officer).get("/window/calendar/1999/").status_code == 404


def test_working_days_of_a_year_are_counted(policy_officer: Any, as_user: Any) -> None:
    assert re.search(r"全年 24\d 个工作日", page(as_user(policy_officer), "/window/calendar/2026/"))


def test_a_time_limit_holds_with_its_basis(supervisor: Any, as_user: Any) -> None:
    ClockRule.objects.create(kind=KIND, working_days=9, basis="示例", is_sample=True)
    client = as_user(supervisor)
    assert "示例" in page(client, "/window/clock/")
    client.post(f"/window/clock/{KIND}/", {"working_days": "7", "basis": "内人社发〔2026〕1号第三条"})
    rule = ClockRule.objects.get(pk=KIND)
    assert (rule.working_days, rule.is_sample) == (7, False)
    assert Entry.objects.get(action="clock.edit").detail == {"kind": KIND, "working_days": 7, "before": 9}
    assert "内人社发〔2026〕1号第三条" in page(client, "/window/clock/")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"working_days": ""}, "请填写工作日数"),
        ({"working_days": "0"}, "不能小于1"),
        ({"working_days": "一周"}, "请填写整数"),
        ({"basis": ""}, "请填写依据"),
        ({"basis": "示例依据"}, "请写明办理时限的依据"),
    ],
)
def test_a_time_limit_without_sense_is_refused(
    supervisor: Any, as_user: Any, given: dict[str, str], says: str
) -> None:
    form = {"working_days": "5", "basis": "本机关服务承诺"} | given
    assert says in as_user(supervisor).post(f"/window/clock/{KIND}/", form).content.decode()
    assert not ClockRule.objects.exists()


def test_an_unknown_kind_of_case_has_no_limit(supervisor: Any, as_user: Any) -> None:
    assert as_user(supervisor).get("/window/clock/no-such-kind/").status_code == 404
    with pytest.raises(NotNow, match="没有这类事项"):
        save_clock_rule("no-such-kind", working_days=5, basis="承诺", by=supervisor)
