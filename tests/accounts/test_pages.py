"""The pages of accounts: who may see and do what on them, and that a first password is shown once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts import releases
from portal.accounts.models import RoleAssignment, User
from portal.formats import date_cn
from tests.cast import ORDOS, OTOG, PASSWORD, make_account
from tests.roles import compared, drawn_once, one_of_each, undone

ALLOWED = {"system_admin", "security_admin"}


@pytest.fixture
def target(db: None) -> User:
    return make_account("some.body", "某人", "window_clerk", OTOG)


def test_who_sees_the_accounts(cast: Any, as_user: Any, target: User) -> None:
    people = one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, *_ in people:
            client, wanted = as_user(user), 200 if who in ALLOWED else 403
            expect(f"{who} the list", client.get("/accounts/users/").status_code, wanted)
            expect(f"{who} an account", client.get(f"/accounts/users/{target.pk}/").status_code, wanted)
            expect(
                f"{who} a new one",
                client.get("/accounts/users/new/").status_code,
                200 if who == "system_admin" else 403,
            )


@pytest.mark.sweep
def test_who_changes_them(cast: Any, as_user: Any, target: User) -> None:
    base, given = f"/accounts/users/{target.pk}", {"role": "auditor", "region": OTOG, "confirmed": "on"}
    ending, people = f"/accounts/roles/{target.assignments.get().pk}/end/", one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, *_ in people:
            client = as_user(user)
            with undone():
                answers = {
                    "create": client.post(
                        "/accounts/users/new/", {"username": "new.one", "display_name": "新人"}
                    ).status_code,
                    "grant": client.post(f"{base}/roles/", given).status_code,
                    "end": client.post(ending).status_code,
                    "unlock": client.post(f"{base}/unlock/").status_code,
                    "ask": client.post(f"{base}/codes/password/").status_code,
                    "codes": client.get("/accounts/releases/").status_code,
                    "disable": client.post(f"{base}/disable/", {"reason": "离职"}).status_code,
                }
                wanted = dict.fromkeys(answers, 403)
                if who == "system_admin":
                    # The grant is refused in words on the page; ending is a button this page does not have.
                    wanted = {
                        "create": 302,
                        "grant": 200,
                        "end": 403,
                        "unlock": 302,
                        "ask": 302,
                        "codes": 200,
                        "disable": 302,
                    }
                if who == "security_admin":
                    wanted |= {"grant": 302, "end": 302, "ask": 302, "codes": 200}
                expect(who, answers, wanted)
                granted = RoleAssignment.objects.filter(user=target, role="auditor").exists()
                active = User.objects.get(pk=target.pk).is_active
                expect(
                    f"{who} has changed", (granted, active), (who == "security_admin", who != "system_admin")
                )


def test_strangers_are_asked_to_sign_in(target: User) -> None:
    for address in ("/accounts/users/", f"/accounts/users/{target.pk}/", "/accounts/users/new/"):
        assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("what", ["disable", "enable", "unlock", "roles"])
def test_changes_are_posts(system_admin: Any, as_user: Any, target: User, what: str) -> None:
    assert as_user(system_admin).get(f"/accounts/users/{target.pk}/{what}/").status_code == 405


def test_a_code_is_shown_once_to_who_releases_it(
    system_admin: Any, security_admin: Any, as_user: Any
) -> None:
    asking, releasing = as_user(system_admin), as_user(security_admin)
    made = asking.post("/accounts/users/new/", {"username": "new.one", "display_name": "新人"}, follow=True)
    assert "安全管理员批准" in made.text
    user = User.objects.get(username="new.one")
    waiting = user.releases.get()
    assert "待批准的代码" in releasing.get("/window/").text
    assert "new.one" in releasing.get("/accounts/releases/").text
    address = f"/accounts/releases/{waiting.pk}/"
    assert "确认批准" in releasing.get(address).text and user.releases.get().released_at is None
    sheet = releasing.post(address)
    code = re.search(r"一次性代码</dt><dd><code>([^<]+)", sheet.text)[1]  # type: ignore[index]
    assert "no-store" in sheet["Cache-Control"]
    for client in (asking, releasing):
        for page in (f"/accounts/users/{user.pk}/", "/accounts/releases/"):
            assert code not in client.get(page).text
    assert "已经办理" in releasing.post(address, follow=True).text


def test_what_was_asked_for_is_withdrawn_or_refused(
    system_admin: Any, security_admin: Any, as_user: Any, target: User
) -> None:
    for admin in (system_admin, security_admin):
        as_user(system_admin).post(f"/accounts/users/{target.pk}/codes/enrol/")
        waiting = target.releases.filter(ended_at__isnull=True).get()
        as_user(admin).post(f"/accounts/releases/{waiting.pk}/withdraw/")
        assert not target.releases.filter(ended_at__isnull=True).exists()
    assert as_user(system_admin).post(f"/accounts/users/{target.pk}/codes/other/").status_code == 404


def test_a_taken_name_is_said_beside_the_field(system_admin: Any, as_user: Any, target: User) -> None:
    page = (
        as_user(system_admin)
        .post("/accounts/users/new/", {"username": "some.body", "display_name": "新人"})
        .content.decode()
    )
    assert "id_username_error" in page and 'value="新人"' in page


def test_the_list_filters_and_pages(security_admin: Any, as_user: Any) -> None:
    for number in range(60):
        make_account(f"clerk{number:02d}", f"经办{number:02d}", "window_clerk", OTOG)
    User.objects.create_user("zz.none", display_name="未任用者")
    disabled = make_account("zz.off", "停用者", "auditor", ORDOS)
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    client = as_user(security_admin)

    def names(query: str) -> list[str]:
        return re.findall(r"data-row-link>([^<]+)", client.get(f"/accounts/users/?{query}").content.decode())

    assert len(names("")) == 50
    assert names("q=经办07") == ["clerk07"]
    assert names("role=auditor") == ["zz.off"]
    assert names("state=none") == ["zz.none"]
    assert names("state=disabled") == ["zz.off"]
    assert names("q=没有这个人") == []
    following = re.search(r'rel="next" href="\?([^"]+)', client.get("/accounts/users/").content.decode())[1]  # type: ignore[index]
    assert len(names(following.replace("&amp;", "&"))) == 13


def test_the_list_takes_as_many_queries_for_sixty_as_for_one(
    security_admin: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        make_account(f"clerk{number:02d}", f"经办{number:02d}", "window_clerk", OTOG)
    client = as_user(security_admin)
    with django_assert_max_num_queries(12):
        client.get("/accounts/users/")


def test_a_league_s_administrator_does_not_find_others(as_user: Any, baotou_clerk: Any, target: User) -> None:
    client = as_user(make_account("ordos.system", "鄂系统", "system_admin", ORDOS))
    assert client.get(f"/accounts/users/{target.pk}/").status_code == 200
    assert client.get(f"/accounts/users/{baotou_clerk.pk}/").status_code == 404
    assert client.post(f"/accounts/users/{baotou_clerk.pk}/codes/password/").status_code == 404
    assert "kundulun.clerk" not in client.get("/accounts/users/").content.decode()


def test_own_page_offers_no_changes(system_admin: Any, security_admin: Any, as_user: Any) -> None:
    for admin in (system_admin, security_admin):
        page = as_user(admin).get(f"/accounts/users/{admin.pk}/").content.decode()
        assert (
            "这是您自己的账号" in page
            and "/codes/" not in page
            and "/roles/" not in page
            and "/end/" not in page
        )


def test_a_refusal_is_shown_with_what_was_chosen(security_admin: Any, as_user: Any, target: User) -> None:
    page = (
        as_user(security_admin)
        .post(f"/accounts/users/{target.pk}/roles/", {"role": "audit_admin", "region": ORDOS})
        .content.decode()
    )
    assert "不能兼任系统、安全、审计管理员" in page
    assert re.search(r'<option value="audit_admin" selected', page)


def test_nothing_is_done_before_it_was_confirmed(
    security_admin: Any, system_admin: Any, as_user: Any, target: User
) -> None:
    """Giving a role, taking one away, a new password: the first click shows what the second one does."""
    held, until = target.assignments.get(), timezone.localdate() + timedelta(days=40)
    security, system = as_user(security_admin), as_user(system_admin)
    base = f"/accounts/users/{target.pk}/"
    assert f"/accounts/roles/{held.pk}/end/" in security.get(base).text and "<form" not in _cells(
        security, base
    )

    chosen = {"role": "finance_officer", "region": ORDOS, "until": f"{until:%Y-%m-%d}"}
    asked = security.post(f"{base}roles/", chosen)
    assert asked.status_code == 200 and "确认任用" in asked.text
    assert (
        f"任用{target}（some.body）为鄂尔多斯市财务经办员，至{date_cn(until)}（含当日），立即生效"
        in asked.text
    )
    assert target.assignments.get() == held
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    done = security.post(f"{base}roles/", {name: hidden[name] for name in (*chosen, "confirmed")})
    assert done.status_code == 302
    assert target.assignments.get(role="finance_officer").until == until

    asked = security.get(f"/accounts/roles/{held.pk}/end/")
    assert "确认解除" in asked.text and str(target) in asked.text and held.get_role_display() in asked.text
    assert target.assignments.get(pk=held.pk).ended_at is None
    security.post(f"/accounts/roles/{held.pk}/end/")
    assert target.assignments.get(pk=held.pk).ended_at is not None

    asked = system.get(f"{base}codes/password/")
    assert "确认申请代码" in asked.text and "some.body" in asked.text
    assert not target.releases.exists()
    system.post(f"{base}codes/password/")
    assert target.releases.exists()


def _cells(client: Any, address: str) -> str:
    """The table of the roles on the page of an account."""
    return re.search(r"<table.*?</table>", client.get(address).text, re.S)[0]  # type: ignore[index]


def test_another_administrator_s_account_is_refused_in_words(
    system_admin: Any, audit_admin: Any, as_user: Any
) -> None:
    page = (
        as_user(system_admin)
        .post(f"/accounts/users/{audit_admin.pk}/codes/password/", follow=True)
        .content.decode()
    )
    assert "须经审批后由运维人员在服务器上执行命令" in page


def test_unlocking_on_the_page(system_admin: Any, as_user: Any, target: User) -> None:
    for _ in range(5):
        Client().post("/accounts/login/", {"username": target.username, "password": "x"})
    client = as_user(system_admin)
    assert "登录锁定中" in client.get(f"/accounts/users/{target.pk}/").content.decode()
    client.post(f"/accounts/users/{target.pk}/unlock/")
    assert (
        Client().post("/accounts/login/", {"username": target.username, "password": PASSWORD}).status_code
        == 302
    )


def test_pages_of_signing_in_are_told_apart_by_their_titles(client: Any, clerk: Any) -> None:
    """Given several tabs, when each asks to sign in for another reason, then each is called otherwise."""

    def title(answer: Any) -> str:
        return str(answer.text.split("<title>")[1].split("</title>")[0])

    pages = [
        client.get("/accounts/login/"),
        client.get("/accounts/login/?next=/my/"),
        client.get("/accounts/login/?timeout=1"),
        client.post("/accounts/login/", {"username": clerk.username, "password": "wrong"}),
        client.get("/accounts/activate/"),
    ]
    assert len({title(page) for page in pages}) == len(pages)
    assert title(pages[3]).startswith("有错误：")


def test_a_reloaded_code_is_not_replaced(
    clerk: Any, system_admin: Any, security_admin: Any, as_user: Any
) -> None:
    as_user(system_admin).post(f"/accounts/users/{clerk.pk}/codes/enrol/")
    client, waiting = as_user(security_admin), clerk.releases.get()
    address = f"/accounts/releases/{waiting.pk}/"
    sent = {"sheet": client.get(address).context["form"].initial["sheet"]}
    shown = client.post(address, sent).context["code"]
    again = client.post(address, sent, follow=True)
    assert "刷新不会再生成新的" in again.content.decode()
    releases.use(shown.code, clerk, "enrol")
