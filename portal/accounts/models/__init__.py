from portal.accounts.models.accounts import ActivationCode, RoleAssignment, User
from portal.accounts.models.factors import DemonstrationMark, Passkey, RecoveryCode, TotpDevice
from portal.accounts.models.passwords import PastPassword
from portal.accounts.models.releases import Release
from portal.accounts.models.sessions import AccessToken, StoredSession

__all__ = [
    "AccessToken",
    "ActivationCode",
    "DemonstrationMark",
    "Passkey",
    "PastPassword",
    "RecoveryCode",
    "Release",
    "RoleAssignment",
    "StoredSession",
    "TotpDevice",
    "User",
]
