"""Changing one's own password, and having to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from portal.accounts import tokens
from portal.audit.models import Entry
from tests.cast import PASSWORD

PAGE = "/accounts/password/"
NEW = "Steppe-2027-Wind"


def change(client: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> Any:
    return client.post(PAGE, {"old": old, "new": new, "again": new if again is None else again})


def test_the_rules_stand_before_the_fields(clerk: Any, as_user: Any) -> None:
    page = as_user(clerk).get(PAGE).content.decode()
    for rule in ("不少于10个字符", "三类", "不能与正在使用的密码相同"):
        assert rule in page
    assert page.index("三类") < page.index('name="new"')


def test_this_session_goes_on_under_a_new_key_and_all_others_end(clerk: Any, as_user: Any) -> None:
    here, elsewhere = as_user(clerk), as_user(clerk)
    tokens.issue(clerk, "统计", "")
    before = here.session.session_key
    assert change(here).status_code == 302
    assert here.session.session_key != before
    assert here.get(PAGE).status_code == 200
    assert elsewhere.get(PAGE).status_code == 302
    assert not clerk.tokens.live().exists()
    clerk.refresh_from_db()
    assert clerk.check_password(NEW)
    assert Entry.objects.get(action="account.password_change").actor == clerk


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"old": "wrong"}, "原密码不正确"),
        ({"new": "Ab-1"}, "不少于10个字符"),
        ({"new": "alllowercase"}, "至少三类"),
        ({"new": "Password123"}, "过于常见"),
        ({"new": "Otog.clerk1"}, "与用户名或姓名过于相似"),
        ({"new": PASSWORD}, "不能与原密码相同"),
        ({"again": "Other-2027-Wind"}, "两次输入的新密码不一致"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    clerk: Any, as_user: Any, given: dict[str, str], says: str
) -> None:
    answer = change(as_user(clerk), **given)
    assert answer.status_code == 200 and says in answer.content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)


def test_no_password_is_sent_back(clerk: Any, as_user: Any) -> None:
    assert NEW not in change(as_user(clerk), old="wrong").content.decode()


@pytest.mark.parametrize("why", ["first", "old"])
def test_a_due_password_comes_before_everything_else(clerk: Any, as_user: Any, why: str) -> None:
    if why == "first":
        clerk.must_change_password = True
    else:
        clerk.password_changed_at = timezone.now() - timedelta(days=settings.PASSWORD_MAX_AGE_DAYS + 1)
    clerk.save()
    client = as_user(clerk)
    for address in ("/", "/accounts/users/", "/my/", "/window/office/"):
        assert client.get(address)["Location"] == f"{PAGE}?due=1"
    page = client.get(f"{PAGE}?due=1").content.decode()
    assert ("请先修改密码" if why == "first" else "密码已到期") in page
    assert change(client).status_code == 302
    assert client.get("/").status_code == 200


def test_who_is_forced_may_still_sign_out(clerk: Any, as_user: Any) -> None:
    clerk.must_change_password = True
    clerk.save()
    assert as_user(clerk).post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_the_page_is_for_who_is_signed_in(db: None) -> None:
    assert Client().get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
