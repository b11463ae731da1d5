"""One account for each role, with a random password that is written to var/ and nowhere else."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction

from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.demo import Demo

# (short name, user name, name, role, region)
PEOPLE = [
    ("clerk", "chuangkou", "乌兰", Role.WINDOW_CLERK, "150624"),
    ("reviewer", "mengshi", "巴特尔", Role.LEAGUE_REVIEWER, "150600"),
    ("second_reviewer", "mengshi2", "其其格", Role.LEAGUE_REVIEWER, "150600"),
    ("regional_reviewer", "fuhe", "陈静", Role.REGIONAL_REVIEWER, "150000"),
    ("approver", "shenpi", "孙立新", Role.APPROVER, "150000"),
    ("finance_officer", "caiwu", "周敏", Role.FINANCE_OFFICER, "150000"),
    ("second_finance_officer", "caiwu2", "吴敬", Role.FINANCE_OFFICER, "150000"),
    ("third_finance_officer", "caiwu3", "李彤", Role.FINANCE_OFFICER, "150000"),
    ("registry_officer", "minglu", "高娃", Role.REGISTRY_OFFICER, "150000"),
    ("policy_officer", "zhengce", "宋文", Role.POLICY_OFFICER, "150000"),
    ("second_policy_officer", "zhengce2", "何平", Role.POLICY_OFFICER, "150000"),
    ("supervisor", "zhuguan", "白音", Role.SUPERVISOR, "150000"),
    ("auditor", "shenji", "钱正", Role.AUDITOR, "150000"),
    ("panel_expert", "zhuanjia", "郭永强", Role.PANEL_EXPERT, "150000"),
    ("employer_agent", "danwei", "韩冰", Role.EMPLOYER_AGENT, "150624"),
    ("training_provider", "peixun", "丁宁", Role.TRAINING_PROVIDER, "150600"),
    ("worker", "gongren", "王建国", Role.WORKER, "150624"),
    ("system_admin", "xitong", "吴昊", Role.SYSTEM_ADMIN, "150000"),
    ("security_admin", "anquan", "郑安", Role.SECURITY_ADMIN, "150000"),
    ("audit_admin", "shenjigl", "冯鉴", Role.AUDIT_ADMIN, "150000"),
]
# Many rounds protect what people think of. These passwords are drawn; signing in the first time brings the
# usual number.
_ROUNDS = 1_000
_ALPHABET = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")


def random_password() -> str:
    """Sixteen characters of three kinds, easy to read off a screen."""
    kinds: tuple[Callable[[str], bool], ...] = (str.isdigit, str.isupper, str.islower)
    while True:
        groups = ["".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)]
        password = "-".join(groups)
        if all(any(map(is_of_kind, password)) for is_of_kind in kinds):
            return password


@transaction.atomic
def load(demo: Demo) -> None:
    hasher = PBKDF2PasswordHasher()
    for short, username, name, role, region in PEOPLE:
        demo.passwords[username] = random_password()
        hashed = hasher.encode(demo.passwords[username], hasher.salt(), iterations=_ROUNDS)
        demo.people[short] = User.objects.create(username=username, display_name=name, password=hashed)
        RoleAssignment.objects.create(user=demo.people[short], role=role, region_id=region)
