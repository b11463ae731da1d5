from portal.accounts.models.accounts import ActivationCode, RoleAssignment, User
from portal.accounts.models.factors import DemonstrationMark, Passkey, RecoveryCode, TotpDevice
from portal.accounts.models.releases import Release

__all__ = [
    "ActivationCode",
    "DemonstrationMark",
    "Passkey",
    "RecoveryCode",
    "Release",
    "RoleAssignment",
    "TotpDevice",
    "User",
]
