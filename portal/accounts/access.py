"""Who may do what, and where: one table of permissions by role, one scope by region.

`can(user, permission, region)` answers, `require(...)` raises `Refused`. `scope(user)` limits a queryset to
what the user may see. Roles are held in regions: a role in a league covers its banners, a role in the
autonomous region covers all.

Every action refuses with one of two: `Refused` says that this person may not, `NotNow` that nobody can now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from portal.accounts.roles import STAFF_ROLES, Role
from portal.programmes import joined, programmes

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User

C, L, R, A, F = (
    Role.WINDOW_CLERK,
    Role.LEAGUE_REVIEWER,
    Role.REGIONAL_REVIEWER,
    Role.APPROVER,
    Role.FINANCE_OFFICER,
)
G, P, S, X = Role.REGISTRY_OFFICER, Role.POLICY_OFFICER, Role.SUPERVISOR, Role.AUDITOR
SYS, SEC, AUD = Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN
BUSINESS = (C, L, R, A, F, G, S)

PERMISSIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    # code: (what it lets one do, in Chinese for the pages; the roles that have it)
    "window.use": ("使用工作台", tuple(STAFF_ROLES)),
    "worker.view": ("查看技术工人档案", (*BUSINESS, X)),
    "worker.unmask": ("查看完整证件号码", (C, L, R, G)),
    "worker.unmask.report": ("查看完整号码查看情况", (S, X)),
    "worker.unmask.review": ("核查完整号码查看情况", (S,)),
    "worker.edit": ("登记、更正技术工人信息", (C,)),
    "worker.activate": ("核验身份证件并发放激活码", (C,)),
    "worker.conflict.decide": ("处理姓名不一致的导入记录", (L,)),
    "worker.merge": ("提出人员、单位档案的并入和作废", (C, L, R)),
    "worker.merge.confirm": ("复核人员、单位档案的并入和作废", (L, R)),
    "contact.record": ("登记与本人的联系情况", (C, L, R)),
    "payee.change": ("登记收款账户", (C,)),
    "payee.confirm": ("复核收款账户", (L, F)),
    "funds.view": ("查看资金", (A, F, S, X)),
    "funds.record": ("登记资金文件、设立科目、提出资金指令", (F,)),
    "funds.confirm": ("确认资金文件", (F, A)),
    "funds.approve": ("审批资金指令和付款", (A,)),
    "funds.post": ("记账", (F,)),
    "funds.batch": ("编制付款批次", (F,)),
    "funds.sign": ("签发付款批次", (F,)),
    "funds.recover": ("办理追回", (F,)),
    "funds.recover.decide": ("决定追回、核销", (A,)),
    "roster.import": ("导入花名册", (C, L)),
    "employer.agents": ("任用、解除单位经办人", (C, L)),
    "honour.record": ("登记荣誉", (C, L)),
    "honour.verify": ("核实荣誉", (L,)),
    "record.verify": ("核验登记信息", (C, L, R)),
    "record.extract": ("按登记库摘录核验", (L, R)),
    "file.original": ("下载材料原件", (L, R, X)),
    "record.improbable.review": ("核查异常信息", (S,)),
    "case.view": ("查看办件", (*BUSINESS, X)),
    "case.assign": ("分派办件", (C, L, R, G, S)),
    "case.distribute": ("移交他人名下办件、登记他人缺勤", (L, R, S)),
    # Each programme's own stand in its apps.py.
    **joined(programme.permissions for programme in programmes()),
    "supervision.view": ("查看监督统计", (S,)),
    "notice.extend": ("延长公示", (G, S)),
    "objection.decide": ("处理异议", (R, S)),
    "letter.view": ("查看信函", (*BUSINESS, X)),
    "letter.print": ("打印信函", (C, L, R, G)),
    "letter.serve": ("登记送达", (C, G)),
    "policy.parameter.enter": ("录入政策参数", (P,)),
    "policy.parameter.confirm": ("复核政策参数", (P,)),
    "policy.simulate": ("测算政策调整", (P,)),
    "offer.view": ("查看惠享匹配", BUSINESS),
    "offer.match": ("发起全库匹配", (P, S)),
    "offer.handle": ("办理惠享事项", (C,)),
    "rectification.decide": ("处理信息更正申请", (C,)),
    "window.edit": ("维护服务窗口信息", (C, L, S)),
    "calendar.load": ("维护工作日历", (P, SYS)),
    "clock.edit": ("维护办理时限", (P, S)),
    "guide.edit": ("维护办事指南", (P, S)),
    "account.manage": ("管理账号", (SYS,)),
    "role.grant": ("任用角色", (SEC,)),
    "audit.view": ("查看审计记录", (X, AUD)),
    "job.view": ("查看自己的后台任务", (*BUSINESS, SYS)),
    "job.view_all": ("查看全部后台任务", (SYS,)),
}


# What holds for the whole autonomous region (calendar, time limits) is decided by those who hold their role
# in it.
WHOLE_REGION = "150000"


class Refused(PermissionDenied):
    """The user may not do this here; the message says why and who may."""


class NotNow(Exception):
    """This cannot be done now or with these values; the message says why and what to do."""


@dataclass(frozen=True)
class Scope:
    """What a user may see. `whole` is everything; otherwise the listed banners, and the listed leagues with
    their banners.
    """

    whole: bool = False
    leagues: frozenset[str] = frozenset()
    banners: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        return not (self.whole or self.leagues or self.banners)

    def covers(self, region_code: str | None) -> bool:
        if self.whole:
            return True
        if not region_code:
            return False
        return region_code in self.banners or f"{region_code[:4]}00" in self.leagues

    def q(self, region: str = "region", league: str = "league_code") -> Q:
        """A filter over a region foreign key and the league column kept beside it. Nothing at all for an
        empty scope.
        """
        if self.whole:
            return Q()
        return Q(**{f"{league}__in": sorted(self.leagues)}) | Q(**{f"{region}_id__in": sorted(self.banners)})


def assignments(user: User | AnonymousUser) -> list[tuple[str, str]]:
    """(role, region code) in force, read once per request and kept on the user."""
    if not user.is_authenticated or not user.is_active:
        return []
    cached = getattr(user, "_assignments", None)
    if cached is None:
        held = user.assignments.in_force().order_by("role", "region_id")
        cached = list(held.values_list("role", "region_id"))
        user._assignments = cached  # type: ignore[attr-defined]
    return cached


def roles(user: User | AnonymousUser) -> set[str]:
    return {role for role, _ in assignments(user)}


def scope(user: User | AnonymousUser, permission: str | None = None) -> Scope:
    """Where the user works: over all their roles, or over those that carry `permission`."""
    return scope_of_roles(user, PERMISSIONS[permission][1] if permission else STAFF_ROLES)


def scope_of_roles(user: User | AnonymousUser, allowed: Iterable[str]) -> Scope:
    """Where the user holds one of these roles today; nowhere once the last of them has ended."""
    codes = {region for role, region in assignments(user) if role in allowed}
    if any(code.endswith("0000") for code in codes):
        return Scope(whole=True)
    leagues = frozenset(code for code in codes if code.endswith("00"))
    return Scope(leagues=leagues, banners=frozenset(codes - leagues))


def can(user: User | AnonymousUser, permission: str, region: str | None = None) -> bool:
    """Whether the user holds `permission` at all, or over `region` when one is given."""
    allowed = PERMISSIONS[permission][1]
    if region is None:
        return any(role in allowed for role, _ in assignments(user))
    return scope(user, permission).covers(region)


def require(user: User | AnonymousUser, permission: str, region: str | None = None) -> None:
    """Raise `Refused` unless `can`."""
    if can(user, permission, region):
        return
    label, allowed = PERMISSIONS[permission]
    names = "、".join(Role(role).label for role in allowed)
    if region is not None and can(user, permission):
        raise Refused(f"您可以{label}，但该事项不属于您负责的地区。请联系当地或上级的{names}。")
    raise Refused(f"您没有“{label}”的权限。这项工作由{names}办理。")
