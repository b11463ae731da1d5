"""What the portal knows about people: each fact of the check has its home here, with where it came from."""

from portal.workforce.models.contacts import Contact, ContactChannel
from portal.workforce.models.credentials import PayeeAccount, SkillCredential
from portal.workforce.models.documents import RecordDocument
from portal.workforce.models.extracts import (
    Aging,
    Arrival,
    CertificateAnswer,
    DecidedHere,
    Extracted,
    ExtractPhase,
    FigureAge,
    RegisterExtract,
    StatedAnswer,
)
from portal.workforce.models.fact_table import KnownFacts, Refresh, VerifiedFacts
from portal.workforce.models.facts import (
    AttestedFact,
    BenefitClaim,
    CompetitionResult,
    TechnicalSchooling,
    UnemploymentInsurance,
)
from portal.workforce.models.honours import Honour, HonourAlias, HonourType
from portal.workforce.models.occupations import Occupation
from portal.workforce.models.people import Employer, EmployerAgent, Employment, SkillLevel, Worker
from portal.workforce.models.phones import ConfirmedPhone
from portal.workforce.models.plausibility import ImprobableRecord, ImprobableReview
from portal.workforce.models.pointers import (
    EmployerPointer,
    MergedEmployer,
    MergedPerson,
    MergeFinding,
    PersonPointer,
    PointerState,
)
from portal.workforce.models.record_changes import ChangeState, ChangeWhat, RecordChange
from portal.workforce.models.roster import NameConflict, NameDecision, RosterColumns, RosterImport
from portal.workforce.models.scarce import ScarceOccupation
from portal.workforce.models.unmasking import Masked, UnmaskedFor, Unmasking, UnmaskingAlert

__all__ = [
    "ConfirmedPhone",
    "Contact",
    "ContactChannel",
    "Aging",
    "Arrival",
    "CertificateAnswer",
    "DecidedHere",
    "ExtractPhase",
    "Extracted",
    "FigureAge",
    "RegisterExtract",
    "AttestedFact",
    "BenefitClaim",
    "ChangeState",
    "ChangeWhat",
    "CompetitionResult",
    "Employer",
    "EmployerAgent",
    "EmployerPointer",
    "Employment",
    "Honour",
    "HonourAlias",
    "HonourType",
    "ImprobableRecord",
    "ImprobableReview",
    "KnownFacts",
    "ScarceOccupation",
    "Masked",
    "MergeFinding",
    "MergedEmployer",
    "MergedPerson",
    "NameConflict",
    "NameDecision",
    "Occupation",
    "PayeeAccount",
    "PersonPointer",
    "PointerState",
    "RecordChange",
    "RecordDocument",
    "Refresh",
    "RosterColumns",
    "RosterImport",
    "SkillCredential",
    "SkillLevel",
    "StatedAnswer",
    "TechnicalSchooling",
    "UnemploymentInsurance",
    "UnmaskedFor",
    "Unmasking",
    "UnmaskingAlert",
    "VerifiedFacts",
    "Worker",
]
