"""The records of the training subsidies."""

from subsidies.by_unit.models import ClaimFile, ClaimFileRow, Proposal
from subsidies.last_day_model import LastDay
from subsidies.models.against import (
    AdverseDecision,
    Against,
    Finding,
    Reconsideration,
    SignedState,
)
from subsidies.models.claims import (
    NO_TRAINING_ANY_MORE,
    TRAINING,
    Claim,
    ClaimKey,
    ClaimKeyQuerySet,
    ClaimQuerySet,
    CompletedTraining,
    Course,
    CourseQuerySet,
    KeyKind,
    TrainingProject,
    TrainingState,
)
from subsidies.models.voiding import TrainingVoiding, VoidingState
from subsidies.on_notice.models import AnnouncedClaim

__all__ = [
    "NO_TRAINING_ANY_MORE",
    "TRAINING",
    "AdverseDecision",
    "Against",
    "AnnouncedClaim",
    "Claim",
    "ClaimFile",
    "ClaimFileRow",
    "ClaimKey",
    "ClaimKeyQuerySet",
    "ClaimQuerySet",
    "CompletedTraining",
    "Course",
    "CourseQuerySet",
    "Finding",
    "KeyKind",
    "LastDay",
    "Proposal",
    "Reconsideration",
    "SignedState",
    "TrainingProject",
    "TrainingState",
    "TrainingVoiding",
    "VoidingState",
]
