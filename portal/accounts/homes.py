"""Where a person's own things are, by what they are to the portal. The first is where they land after signing
in.
"""

from __future__ import annotations

from typing import Any

from portal.accounts.access import can, roles
from portal.accounts.roles import Role
from portal.programmes import joined, programmes

STAFF = ("工作台", "window:home")
WORKER = ("我的待遇", "my:home")
# Of roles outside the staff.
_OUTSIDE = joined(programme.homes for programme in programmes())


def homes(user: Any) -> list[tuple[str, str]]:
    """(words, name of the address): the worktable for staff; for everybody else what their roles open, and
    their own page.

    An expert or an agent has a page of their own only when they are also a worker of the register.
    """
    if can(user, "window.use"):
        return [STAFF]
    held = roles(user)
    found = [home for role, home in _OUTSIDE.items() if role in held]
    return [*found, WORKER] if Role.WORKER in held or not found else found
