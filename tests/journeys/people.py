"""Signing in as one of the cast in a real browser, and looking at a page with axe-core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.cast import PASSWORD, PEOPLE, make_account
from tests.live import Live


class Person:
    """One of the cast, in front of a browser of their own."""

    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base = page, base

    def go(self, path: str) -> Person:
        self.page.goto(self.base + path)
        return self

    def fill(self, label: str, text: str) -> Person:
        # Sections are named by labels too; only something to write in is filled.
        self.page.locator("input, textarea").and_(self.page.get_by_label(label, exact=False)).first.fill(text)
        return self

    def check(self, label: str) -> Person:
        self.page.get_by_label(label, exact=False).first.check()
        return self

    def press(self, button: str) -> Person:
        self.page.locator("main").get_by_role("button", name=button).first.click()
        self.page.wait_for_load_state()
        return self

    def follow(self, link: str) -> Person:
        self.page.get_by_role("link", name=link).first.click()
        self.page.wait_for_load_state()
        return self

    def sees(self, text: str) -> Person:
        self.page.get_by_text(text).first.wait_for(timeout=15_000)
        return self

    def reads(self) -> str:
        return self.page.inner_text("body")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.base)


@pytest.fixture
def sits_down(live: Live, browser_page: Any, as_user: Callable[[Any], Any]) -> Callable[..., Person]:
    """`sits_down("clerk")` is that person, signed in; `sits_down(None, width=390)` is a stranger with a
    phone.

    The cast come with their session; `by_form=True`, or a user name, signs in on the page as people do.
    """
    from portal.accounts.models import User

    def sit(
        who: str | None,
        *,
        width: int = 1280,
        username: str = "",
        password: str = PASSWORD,
        by_form: bool = False,
    ) -> Person:
        person = Person(browser_page(width), live.url)
        if who:
            _, name_of_user, name, role, region = next(p for p in PEOPLE if p[0] == who)
            user = User.objects.filter(username=name_of_user).first() or make_account(
                name_of_user, name, role, region
            )
            if by_form:
                # The tests' own quick hasher is unknown to the portal that runs beside them.
                hasher = PBKDF2PasswordHasher()
                user.password = hasher.encode(PASSWORD, hasher.salt(), iterations=1)
                user.save(update_fields=["password"])
                username = name_of_user
            else:
                cookie = as_user(user).cookies[settings.SESSION_COOKIE_NAME].value
                person.page.context.add_cookies(
                    [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live.url}]
                )
        if username:
            person.go("/accounts/login/").fill("用户名", username).fill("密码", password).press("登录")
        return person

    return sit
