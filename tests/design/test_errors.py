"""Whatever goes wrong, the page says what to do next."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from portal.accounts.access import Refused
from portal.pages import errors


@pytest.fixture
def asked(db):
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.csrf_failure, 403),
        (errors.not_found, 404),
        (errors.server_error, 500),
    ],
)
def test_each_says_what_to_do_next(asked, view, status: int) -> None:
    response = view(asked)
    page = response.content.decode()
    assert response.status_code == status
    assert page.count("<h1") == 1
    assert "您可以" in page
    assert 'href="/' in page


def test_a_refusal_meant_for_people_is_shown_and_another_is_not(asked) -> None:
    assert (
        "由名录管理员办理" in errors.forbidden(asked, Refused("这项工作由名录管理员办理。")).content.decode()
    )
    assert (
        "internal detail" not in errors.forbidden(asked, PermissionDenied("internal detail")).content.decode()
    )


def test_an_address_that_is_none(client, db) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()


def test_a_page_open_too_long(db) -> None:
    response = Client(enforce_csrf_checks=True).post("/case-status/", {"number": "x", "proof": "1"})
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


def test_a_failure_of_the_database_still_has_a_page(client, db, monkeypatch) -> None:
    """The page of last resort asks nobody: neither session nor database nor navigation."""
    from portal.window.law import shelf

    client.raise_request_exception = False
    monkeypatch.setattr(shelf, "clauses_of_policy", lambda: 1 / 0)
    monkeypatch.setattr("portal.pages.context.address_of", lambda name: 1 / 0)
    response = client.get("/policy/")
    assert response.status_code == 500
    assert "系统暂时无法办理" in response.content.decode()


def test_a_place_in_a_list_that_is_none_leads_back_to_its_first_page(client, db) -> None:
    page = client.get("/registry/", {"after": "x", "league": "150600"})
    assert page.status_code == 400
    assert "翻页位置无效" in page.text and 'href="/registry/?league=150600"' in page.text


@pytest.mark.parametrize(
    "path", ["/window/cases/%00/", "/policy/%00/", "/letters/verify/%00/", "/api/registry/%00/", "/%00"]
)
def test_an_address_with_a_nul_is_none(client, clerk, path: str) -> None:
    client.force_login(clerk, backend="portal.accounts.backends.ActiveUserBackend")
    assert client.get(path).status_code == 404


def test_who_works_in_no_office_is_not_told_which_office_it_is(client, worker_user) -> None:
    client.force_login(worker_user, backend="portal.accounts.backends.ActiveUserBackend")
    page = client.get("/window/workers/")
    assert page.status_code == 403 and "这是工作人员办理业务的页面" in page.text
    assert "窗口经办员" not in page.text and "安全管理员" not in page.text


def test_fields_speak_like_an_office(client, clerk) -> None:
    client.force_login(clerk, backend="portal.accounts.backends.ActiveUserBackend")
    page = client.post("/window/workers/new/", {"name": "王" * 200, "work_region": "000000"}).text
    assert "证件号码：请填写此项。" in page and "工作地：列表中没有“000000”，请重新选择。" in page
    assert "个字，现有200个字。" in page
    filtered = client.get("/window/honours/", {"year": "x", "type": "zzz", "document": "\x00"}).text
    assert "请填写整数。" in filtered and "含有不能识别的字符。" in filtered
    for said in (page, filtered):
        assert "该字段" not in said and "有效的选项" not in said and "确保该变量" not in said
