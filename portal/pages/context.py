"""What every page knows: where it may lead, who is asking, and how they like to read.

The navigation of both houses is the tables below, with what the programmes add to them. An entry whose
address does not exist raises: a dead link is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.access import can, roles
from portal.accounts.demonstration import is_demonstration
from portal.accounts.homes import homes
from portal.accounts.roles import Role
from portal.accounts.session_store import SINCE
from portal.accounts.staying import seconds_left
from portal.cases.news import COUNTED_AT_MOST
from portal.display import DISPLAY_COOKIE, ELDER
from portal.programmes import Entry, programmes

PUBLIC_NAV = (
    Entry("首页", "public:home"),
    Entry("待遇查询", "check:start"),
    *(entry for programme in programmes() for entry in programme.public_nav),
    Entry("公示公告", "public:notices"),
    Entry("信函验证", "letters:verify", for_elders=False),
    Entry("政策条款", "public:policy"),
    Entry("服务窗口", "public:windows"),
)
FOOT_NAV = (
    Entry("无障碍与隐私", "public:about"),
    Entry("服务窗口", "public:windows"),
    Entry("信函验证", "letters:verify"),
    *(entry for programme in programmes() for entry in programme.foot_nav),
    Entry("数据接口", "api:docs", for_elders=False),
)
STAFF_NAV = (
    Entry("工作台", "window:home", ("window.use",)),
    Entry("窗口", "window:desk", ("worker.edit",)),
    Entry("人员", "window:workers", ("worker.view",)),
    Entry("花名册", "window:roster", ("roster.import",)),
    Entry("荣誉核实", "window:honours", ("worker.view",)),
    Entry("信息核验", "window:records", ("record.verify",)),
    Entry("异常信息", "window:improbable", ("record.improbable.review",)),
    Entry("完整号码查看情况", "window:unmaskings", ("worker.unmask.report",), further=True),
    *(entry for programme in programmes() for entry in programme.staff_nav),
    Entry("惠享事项", "window:offers", ("offer.view",)),
    Entry("办件", "window:cases", ("case.view",)),
    Entry("公示异议", "window:objections", ("objection.decide", "notice.extend")),
    Entry("监督统计", "window:supervision", ("supervision.view",), further=True),
    Entry("信函", "window:letters", ("letter.view",)),
    Entry("服务窗口", "window:office", ("window.edit",), further=True),
    Entry("工作日历", "window:calendar", ("calendar.load",)),
    Entry("政策参数", "window:law", ("policy.parameter.enter", "policy.parameter.confirm")),
    Entry("账号与角色", "accounts:users", ("account.manage", "role.grant")),
    Entry("审计", "window:audit", ("audit.view",)),
    Entry("用人单位", "window:employers", ("worker.view",), further=True),
    Entry("收款账户复核", "window:payees", ("payee.confirm",), further=True),
    Entry("资金", "window:funds", ("funds.view",), further=True),
    Entry("后台任务", "window:jobs", ("job.view",), further=True),
    Entry("全库匹配", "window:matching", ("offer.match",), further=True),
    Entry("办理时限", "window:clock", ("clock.edit",), further=True),
    Entry("办事指南", "window:guides", ("guide.edit",), further=True),
    Entry("政策测算", "window:simulations", ("policy.simulate",), further=True),
)


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it."""

    label: str
    href: str
    current: bool
    further: bool = False


# Addresses below a public one that are not part of it: there no entry of the public navigation is current.
_NOT_PUBLIC = tuple(name for programme in programmes() for name in programme.beside_public)


@cache
def address_of(url_name: str) -> str:
    """The same in every answer, and a page names dozens."""
    return reverse(url_name)


def links(entries: Iterable[Entry], path: str, *, beside: Iterable[str] = ()) -> list[Link]:
    """The entries with their addresses; current is the one whose address leads furthest into `path`.

    None is, where the name of an address in `beside` leads further.
    """
    found = [(entry, address_of(entry.url_name)) for entry in entries]
    hrefs = [href for _, href in found] + [address_of(name) for name in beside]
    leading = [href for href in hrefs if path == href or (href != "/" and path.startswith(href))]
    current = max(leading, key=len, default=None)
    return [Link(entry.label, href, href == current, entry.further) for entry, href in found]


def published() -> list[dict[str, str]]:
    """Where everybody reads what a programme publishes, by the first of its public pages."""
    return [
        {
            "programme": str(programme.verbose_name),
            "label": entry.label,
            "href": address_of(entry.url_name),
        }
        for programme in programmes()
        for entry in programme.public_nav[:1]
    ]


def is_elder(request: HttpRequest) -> bool:
    return request.COOKIES.get(DISPLAY_COOKIE) == ELDER


def public_nav(path: str, *, elder: bool = False) -> list[Link]:
    return links((entry for entry in PUBLIC_NAV if entry.for_elders or not elder), path, beside=_NOT_PUBLIC)


def staff_nav(user: Any, path: str) -> list[Link]:
    """What this user's roles open. A menu of one is no menu: it stands in the bar."""
    found = links(
        (entry for entry in STAFF_NAV if any(can(user, permission) for permission in entry.permissions)), path
    )
    return (
        [replace(link, further=False) for link in found]
        if sum(link.further for link in found) == 1
        else found
    )


def account_nav(user: Any, path: str) -> list[Link]:
    """Where the person's own things are: the worktable for staff, their own pages for others, the login for
    everybody else.
    """
    if not getattr(user, "is_authenticated", False):
        return links([Entry("登录", "accounts:login")], path)
    return links([Entry(label, url_name) for label, url_name in homes(user)], path)


@dataclass(frozen=True)
class Bell:
    """How much somebody has not seen of what happened to their cases; it counts no further than it is read."""

    unseen: int

    @property
    def words(self) -> str:
        return f"{COUNTED_AT_MOST}+" if self.unseen >= COUNTED_AT_MOST else str(self.unseen)


def bell(user: Any) -> Bell | None:
    """For those who work on cases; what they have not seen was read along with their account."""
    if user is None or not can(user, "case.view"):
        return None
    return Bell(len(getattr(user, "unseen_news", ())))


def frame(path: str, user: Any, *, elder: bool = False) -> dict[str, Any]:
    """The context of the page frames. Values that cost something are functions: templates call them when they
    use them, and some of them more than once.
    """
    staff = cache(lambda: staff_nav(user, path))
    lazily: dict[str, Callable[[], Any]] = {
        "public_nav": cache(lambda: public_nav(path, elder=elder)),
        "account_nav": lambda: account_nav(user, path),
        "foot_nav": cache(lambda: links((entry for entry in FOOT_NAV if entry.for_elders or not elder), "")),
        "published": published,
        "nav": cache(lambda: [link for link in staff() if not link.further]),
        "nav_menu": lambda: [link for link in staff() if link.further],
        "demonstration": is_demonstration,
        "role_labels": lambda: [Role(role).label for role in sorted(roles(user))],
    }
    return {"elder": elder, "here": path, **lazily}


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor of every page."""
    context = frame(request.path, getattr(request, "user", None), elder=is_elder(request))
    # Only what was read is read again after a change of display: a form's answer is not.
    context["session_since"] = cache(lambda: request.session.get(SINCE, ""))
    context["session_ends"] = cache(lambda: seconds_left(request))
    context["bell"] = lambda: bell(getattr(request, "user", None))
    context["here"] = request.get_full_path() if request.method == "GET" else request.path
    return context
