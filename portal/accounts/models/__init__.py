from portal.accounts.models.accounts import ActivationCode, RoleAssignment, User
from portal.accounts.models.passwords import PastPassword
from portal.accounts.models.releases import Release
from portal.accounts.models.sessions import AccessToken, StoredSession

__all__ = [
    "AccessToken",
    "ActivationCode",
    "PastPassword",
    "Release",
    "RoleAssignment",
    "StoredSession",
    "User",
]
