"""Passkeys and the whole first sign-in, in a real browser with Chromium's own virtual authenticator, on a real portal
(no demonstration).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from portal.accounts import releases
from portal.accounts.models import Passkey, Release, TotpDevice, User
from portal.audit.models import Entry
from tests.cast import PASSWORD, REGION, make_account
from tests.factors import SECRET, give_device
from tests.journeys.people import Person
from tests.live import Live, needs_browser
from tests.looking import overflow, violations

pytestmark = [pytest.mark.journey, needs_browser]
WITHOUT_WORKER = True
REAL = True


def somebody(username: str, role: str = "approver", *, device: bool = True) -> User:
    """An account whose password the portal beside us can check quickly."""
    user = make_account(username, "孙立新", role, REGION)
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(PASSWORD, hasher.salt(), iterations=1)
    user.save(update_fields=["password"])
    if device:
        give_device(user)
    return user


def fresh_code(user: User) -> str:
    """What their device shows; as if no code of it had been used."""
    device = user.totp_devices.order_by("-pk").first()
    assert device is not None
    TotpDevice.objects.filter(pk=device.pk).delete()
    TotpDevice.objects.create(user=user, name=device.name, secret=device.secret, last_step=1)
    return pyotp.TOTP(device.secret).now()


@pytest.fixture
def browser(live: Live, browser_page: Any) -> Callable[..., tuple[Person, Any]]:
    """A stranger's browser under the portal's name on this machine, with a virtual authenticator."""

    def open_page(*, base: str = "", width: int = 1280) -> tuple[Person, Any]:
        page = browser_page(width)
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return Person(page, base or live.url.replace("127.0.0.1", "localhost")), session

    return open_page


def gives_password(person: Person, user: User) -> Person:
    person.go("/accounts/login/").fill("用户名", user.username).fill("密码", PASSWORD)
    return person.press("登录")


def comes_in(person: Person, user: User) -> Person:
    gives_password(person, user)
    return person.fill("动态验证码", fresh_code(user)).press("确认")


def adds_passkey(person: Person, user: User, name: str) -> Person:
    person.go("/accounts/factors/").follow("添加通行密钥")
    person.fill("动态验证码", fresh_code(user)).press("确认")
    return person.fill("名称", name).press("登记通行密钥").sees("已添加")


def sound(person: Person) -> list[str]:
    """What is wrong with the page, at a desk and on a phone."""
    wrong = violations(person.page)
    person.page.set_viewport_size({"width": 390, "height": 900})
    if (over := overflow(person.page)) > 0:
        wrong.append(f"{person.path}: {over} px too wide")
    person.page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def test_a_passkey_is_added_and_opens(browser: Any) -> None:
    user = somebody("passkey.opens")
    person, _ = browser()
    adds_passkey(comes_in(person, user), user, "办公电脑")
    passkey = Passkey.objects.get(user=user)
    assert (passkey.name, passkey.host) == ("办公电脑", "localhost")
    assert sound(person) == []
    person.page.context.clear_cookies()
    gives_password(person, user).follow("使用通行密钥")
    assert sound(person) == []
    person.press("使用通行密钥")
    person.page.wait_for_url("**/window/")
    passkey.refresh_from_db()
    assert passkey.sign_count > 0
    accepted = Entry.objects.filter(action="factor.accept", object_ref=str(user.pk)).order_by("pk")
    assert [entry.detail["kind"] for entry in accepted][-1] == "passkey"


def test_a_copied_passkey_is_refused(browser: Any) -> None:
    """Its count has fallen behind what the portal has seen."""
    user = somebody("passkey.copied")
    person, _ = browser()
    adds_passkey(comes_in(person, user), user, "U盾")
    Passkey.objects.filter(user=user).update(sign_count=1_000_000)
    person.page.context.clear_cookies()
    gives_password(person, user).follow("使用通行密钥").press("使用通行密钥").sees("没有通过验证")
    assert Entry.objects.filter(action="factor.failed", object_ref=str(user.pk)).exists()
    person.go("/window/")
    assert "/accounts/login/" in person.page.url


def test_an_answer_is_for_one_question_and_one_account(browser: Any) -> None:
    """Sent again, or in somebody else's sign-in, it opens nothing."""
    owner, other = somebody("passkey.owner"), somebody("passkey.other")
    person, _ = browser()
    adds_passkey(comes_in(person, owner), owner, "钥匙")
    adds_passkey(comes_in(browser()[0], other), other, "别人的钥匙")
    person.page.context.clear_cookies()
    sent: list[str] = []
    person.page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    gives_password(person, owner).follow("使用通行密钥").press("使用通行密钥")
    person.page.wait_for_url("**/window/")
    from urllib.parse import parse_qs

    answer = next(parse_qs(body)["answer"][0] for body in reversed(sent) if "answer=" in body)
    assert json.loads(answer)["response"]["signature"]
    for user in (owner, other):
        thief, _ = browser()
        gives_password(thief, user).go("/accounts/factor/passkey/")
        thief.page.eval_on_selector(
            "form[data-passkey]",
            "(form, answer) => { form.elements.answer.value = answer; HTMLFormElement.prototype.submit.call(form); }",
            answer,
        )
        thief.sees("没有通过验证")


def test_where_the_connection_allows_no_passkeys_the_page_says_why(live: Live, browser: Any) -> None:
    user = somebody("passkey.number")
    person, _ = browser(base=live.url)  # a number, not a name
    comes_in(person, user).go("/accounts/factors/").sees("当前用数字地址访问本平台")
    assert person.page.get_by_role("link", name="添加通行密钥").count() == 0
    assert sound(person) == []


def test_a_first_sign_in_with_two_factors(live: Live, browser: Any) -> None:
    """From the operator's command line to the worktable: the first administrator of a portal."""
    made = live.manage("create_account", "first.system", "吴昊", "--role", "system_admin")
    assert made.returncode == 0, made.stderr
    username, password, code = made.stdout.strip().split("\t")
    person, _ = browser()
    person.go("/accounts/login/").fill("用户名", username).fill("密码", password).press("登录")
    assert sound(person) == []
    person.fill("一次性代码", code).press("下一步")
    assert sound(person) == []
    secret = person.page.locator("dd code").first.inner_text().replace(" ", "")
    person.fill("名称", "机关手机").fill("动态验证码", pyotp.TOTP(secret).now()).press("确认登记")
    person.sees("恢复码只显示这一次")
    assert person.page.locator(".recovery-codes li").count() == 10
    assert sound(person) == []
    paper = person.page.locator(".recovery-codes li").first.inner_text()
    person.press("已保存，完成登录").sees("修改初始密码")
    person.fill("原密码", password)
    person.page.locator("#id_new").fill("Wide-Steppe-2026-Sky")
    person.page.locator("#id_again").fill("Wide-Steppe-2026-Sky")
    person.press("修改密码").sees("密码已修改")
    # The next day without the telephone.
    again, _ = browser(width=390)
    again.go("/accounts/login/").fill("用户名", username).fill("密码", "Wide-Steppe-2026-Sky").press("登录")
    again.follow("使用恢复码").fill("恢复码", paper).press("确认").sees("还剩9个")
    used = live.manage(
        "create_account", "first.clerk", "乌兰", "--role", "window_clerk", "--region", "150624"
    )
    assert len(used.stdout.strip().split("\t")) == 3, "staff get their code with the first password"


def test_a_lost_phone(browser: Any) -> None:
    """Two administrators give a code; the old device is void, a new one is registered."""
    user = somebody("lost.phone")
    asks = make_account("lost.system", "吴昊", "system_admin", REGION)
    agrees = make_account("lost.security", "郑安", "security_admin", REGION)
    asked = releases.ask_release(user.pk, Release.Kind.FACTOR_LOST, asks)
    code = releases.release(asked.pk, agrees).code
    person, _ = browser(width=390)
    gives_password(person, user).follow("重新登记")
    assert sound(person) == []
    person.fill("一次性代码", code).press("作废原有方式，重新登记")
    secret = person.page.locator("dd code").first.inner_text().replace(" ", "")
    assert secret != SECRET
    person.fill("动态验证码", pyotp.TOTP(secret).now()).press("确认登记").press("已保存，完成登录")
    person.page.wait_for_url("**/window/")
    assert [device.secret for device in TotpDevice.objects.filter(user=user)] == [secret]


def test_a_worker_adds_and_removes(browser: Any) -> None:
    """Their own list: named, asked again before each change, never without any."""
    user = somebody("w.with.factor", "worker", device=False)
    person, _ = browser()
    gives_password(person, user)
    person.go("/accounts/factors/").follow("添加验证器").sees("请再次输入密码")
    person.fill("登录密码", PASSWORD).press("确认")
    secret = person.page.locator("dd code").first.inner_text().replace(" ", "")
    person.fill("名称", "我的手机").fill("动态验证码", pyotp.TOTP(secret).now()).press("确认登记")
    person.sees("恢复码只显示这一次").go("/accounts/factors/")
    assert person.page.get_by_role("link", name="移除").count() == 0, "the only one"
    adds_passkey(person, user, "电脑")
    assert sound(person) == []
    person.page.get_by_role("link", name=re.compile("移除.*电脑")).click()
    person.fill("动态验证码", fresh_code(user)).press("确认")
    assert sound(person) == []
    person.press("移除").sees("已移除")
    assert not Passkey.objects.filter(user=user).exists()
