"""The pages on which people and units are merged, voided and brought back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.access import PERMISSIONS
from portal.workforce.models import Employer, MergedPerson, MergeFinding, PersonPointer
from tests.cast import KUNDULUN, OTOG, make_account, make_worker
from tests.roles import compared, drawn_once, one_of_each
from tests.workforce.merging import merged, proposed

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[Any, Any]:
    return make_worker("孙布和"), make_worker("孙布和")


def _new(worker: Any, kind: str = "person") -> str:
    return reverse("window:merge_new", args=[kind, worker.pk])


def test_a_clerk_proposes_and_a_reviewer_confirms(pair, as_user, clerk, reviewer) -> None:
    old, new = pair
    desk, office = as_user(clerk), as_user(reviewer)
    for one, name in ((old, "w1"), (new, "w2")):
        one.account = make_account(name, one.name, "worker", OTOG)
        one.save()
    assert _new(old) in desk.get(reverse("window:worker", args=[old.pk])).text
    found = desk.get(f"{_new(old)}?q={new.id_number}").text
    assert f"?with={new.pk}" in found
    assert f"?with={new.pk}" in desk.get(f"{_new(old)}?q=孙布").text
    page = desk.get(f"{_new(old)}?with={new.pk}").text
    assert "两个网上账号" in page and old.masked_id_number in page and new.masked_id_number in page
    answer = desk.post(f"{_new(old)}?with={new.pk}", {"reason": "旧证件号码建档。"})
    (pointer,) = PersonPointer.objects.all()
    here = reverse("window:merge", args=["person", pointer.pk])
    assert answer.url == here and "须由另一人复核" in desk.get(here).text
    assert "待复核人员并入" in office.get("/window/").text
    assert here in office.get(f"{reverse('window:merges')}?list=person&mine=on").text
    confirm = reverse("window:merge_confirm", args=["person", pointer.pk])
    assert confirm in office.get(here).text
    assert office.get(confirm).status_code == 200
    assert "已生效" in office.post(confirm, follow=True).text
    assert MergedPerson.objects.get().target == new
    # Opened once more, from a bookmark or another tab, the decision is not asked for again.
    for page in (confirm, reverse("window:merge_refuse", args=["person", pointer.pk])):
        assert office.get(page).url == here
    assert "该项已经办理，当前为“" in office.get(confirm, follow=True).text
    assert "并入后待处理" in office.get("/window/").text


def test_the_old_page_says_where_it_went_and_can_be_undone(pair, cast, as_user, clerk, reviewer) -> None:
    old, new = pair
    pointer = merged(cast, old, new)
    desk, office = as_user(clerk), as_user(reviewer)
    page = desk.get(reverse("window:worker", args=[old.pk])).text
    assert "已并入" in page and reverse("window:worker", args=[new.pk]) in page and "变更记录" in page
    assert "另一份档案并入" in desk.get(reverse("window:worker", args=[new.pk])).text
    for name in ("worker_edit", "activation", "payee_new", "check"):
        assert desk.get(reverse(f"window:{name}", args=[old.pk])).status_code == 404, name
    undo = reverse("window:merge_undo", args=["person", pointer.pk])
    assert undo in desk.get(reverse("window:merge", args=["person", pointer.pk])).text
    assert desk.get(undo).status_code == 200
    desk.post(undo, {"reason": "不是同一人。"})
    undoing = PersonPointer.objects.get(undoes=pointer)
    office.post(reverse("window:merge_confirm", args=["person", undoing.pk]))
    assert not MergedPerson.objects.exists()
    page = desk.get(reverse("window:worker", args=[old.pk])).text
    assert "已并入" not in page and "撤销并入" in page
    assert "已撤销" in desk.get(reverse("window:merge", args=["person", pointer.pk])).text


def test_search_and_lists_show_the_person_once(pair, cast, as_user, clerk) -> None:
    old, new = pair
    desk = as_user(clerk)
    merged(cast, old, new)
    answer = desk.get(reverse("window:search"), {"q": old.id_number})
    assert answer.status_code == 302 and answer.url == reverse("window:worker", args=[new.pk])
    listed = desk.get(reverse("window:workers"), {"name": "孙布和"}).context["page"].rows
    assert [person.pk for person in listed] == [new.pk]
    groups = desk.get(reverse("window:search"), {"q": "孙布和"}).context["groups"]
    assert [person.pk for person in groups[0]["rows"]] == [new.pk]
    api = desk.get("/api/workers/", {"name": "孙布和"}).json()["results"]
    assert len(api) == 1


def test_a_record_is_voided_on_the_page(pair, as_user, clerk, reviewer) -> None:
    old, _ = pair
    desk, office = as_user(clerk), as_user(reviewer)
    asked = desk.get(f"{_new(old)}?void=1").text
    # one record is read in lines; a table is for two beside each other
    assert "不再作为一个人" in asked and "<table" not in asked and old.masked_id_number in asked
    desk.post(f"{_new(old)}?void=1", {"reason": "误录。"})
    pointer = PersonPointer.objects.get()
    refuse = reverse("window:merge_refuse", args=["person", pointer.pk])
    assert office.get(refuse).status_code == 200
    assert office.post(refuse, {"reason": ""}).status_code == 200
    office.post(refuse, {"reason": "确有其人。"})
    pointer.refresh_from_db()
    assert pointer.state == "refused"
    merged_page = desk.post(f"{_new(old)}?void=1", {"reason": "误录。"}, follow=True)
    assert merged_page.status_code == 200
    second = PersonPointer.objects.order_by("-pk").first()
    office.post(reverse("window:merge_confirm", args=["person", second.pk]))
    assert "已作废" in desk.get(reverse("window:worker", args=[old.pk])).text


def test_a_finding_is_settled(pair, cast, as_user, reviewer) -> None:
    old, new = pair
    for one, name in ((old, "w1"), (new, "w2")):
        one.account = make_account(name, one.name, "worker", OTOG)
        one.save()
    merged(cast, old, new)
    office = as_user(reviewer)
    finding = MergeFinding.objects.get()
    settle = reverse("window:merge_settle", args=[finding.pk])
    assert settle in office.get(f"{reverse('window:merges')}?list=findings&mine=on").text
    assert "两个网上账号" in office.get(settle).text
    office.post(settle, {"reason": "已停用旧账号。"})
    finding.refresh_from_db()
    assert finding.how == "已停用旧账号。" and finding.settled_by == reviewer
    assert settle not in office.get(f"{reverse('window:merges')}?list=findings").text


def test_units_on_their_pages(cast, as_user, clerk, reviewer) -> None:
    wrong = Employer.objects.create(name="棋盘井媒业", region_id=OTOG, source="窗口登记")
    right = Employer.objects.create(name="棋盘井煤业", region_id=OTOG, source="窗口登记")
    desk, office = as_user(clerk), as_user(reviewer)
    assert _new(wrong, "unit") in desk.get(reverse("window:employer", args=[wrong.pk])).text
    assert f"?with={right.pk}" in desk.get(f"{_new(wrong, 'unit')}?q=棋盘井").text
    for asked in (f"?with={right.pk}", "?void=1"):
        page = desk.get(f"{_new(wrong, 'unit')}{asked}").text
        assert "例如：" in page and "同一人" not in page and "本人" not in page
    desk.post(f"{_new(wrong, 'unit')}?with={right.pk}", {"reason": "单位名称录入有误。"})
    assert "待复核单位并入" in office.get("/window/").text
    pointer = wrong.pointers.get()
    office.post(reverse("window:merge_confirm", args=["unit", pointer.pk]))
    page = desk.get(reverse("window:employer", args=[wrong.pk])).text
    assert "已并入" in page and reverse("window:employer", args=[right.pk]) in page
    units = desk.get(reverse("window:employers"), {"name": "棋盘井"}).context["page"].rows
    assert [unit.pk for unit in units] == [right.pk]


@pytest.mark.sweep
def test_every_page_for_every_role(pair, cast, as_user) -> None:
    old, new = pair
    pointer = merged(cast, old, new)
    third = make_worker("孙布和")
    waiting = proposed(cast, make_worker("孙布和"), new)
    pages = {
        reverse("window:merges"): "worker.view",
        _new(third): "worker.merge",
        f"{_new(third)}?with={new.pk}": "worker.merge",
        reverse("window:merge", args=["person", pointer.pk]): "worker.view",
        reverse("window:merge_confirm", args=["person", waiting.pk]): "worker.merge.confirm",
        reverse("window:merge_refuse", args=["person", waiting.pk]): "worker.merge.confirm",
        reverse("window:merge_undo", args=["person", pointer.pk]): "worker.merge",
    }
    with drawn_once(), compared() as expect:
        for who, user, role, region in one_of_each(cast):
            client, elsewhere = as_user(user), region.startswith("1502")
            for address, permission in pages.items():
                wanted = 403 if role not in PERMISSIONS[permission][1] else 200
                if wanted == 200 and elsewhere and address != reverse("window:merges"):
                    wanted = 404
                expect(f"{who} {address}", client.get(address).status_code, wanted)


def test_a_clerk_of_another_place_sees_nothing_of_it(pair, cast, as_user, baotou_clerk) -> None:
    merged(cast, *pair)
    page = as_user(baotou_clerk).get(reverse("window:merges")).text
    assert "孙布和" not in page
    mine = make_worker("孙布和", region=KUNDULUN)
    found = as_user(baotou_clerk).get(f"{_new(mine)}?q=孙布和").text
    assert "?with=" not in found


def test_the_list_asks_the_same_however_long(cast, as_user, clerk, django_assert_max_num_queries) -> None:
    for _ in range(4):
        merged(cast, make_worker("孙布和"), make_worker("孙布和"))
    desk = as_user(clerk)
    desk.get(reverse("window:merges"))
    with django_assert_max_num_queries(14):
        assert len(desk.get(reverse("window:merges")).context["rows"]) == 4


def test_ones_own_page_is_that_of_the_person(pair, cast, as_user) -> None:
    old, new = pair
    account = make_account("w1", old.name, "worker", OTOG)
    old.account = account
    old.save()
    merged(cast, old, new)
    page = as_user(account).get(reverse("my:home"))
    assert page.status_code == 200 and page.context["worker"] == new
