from portal.accounts.models.accounts import ActivationCode, RoleAssignment, User
from portal.accounts.models.releases import Release

__all__ = [
    "ActivationCode",
    "Release",
    "RoleAssignment",
    "User",
]
