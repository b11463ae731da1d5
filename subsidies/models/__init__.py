"""The records of the training subsidies."""

from subsidies.models.against import (
    AdverseDecision,
    Against,
    Finding,
    Reconsideration,
    SignedState,
)
from subsidies.models.claims import (
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

__all__ = [
    "TRAINING",
    "AdverseDecision",
    "Against",
    "Claim",
    "ClaimKey",
    "ClaimKeyQuerySet",
    "ClaimQuerySet",
    "CompletedTraining",
    "Course",
    "CourseQuerySet",
    "Finding",
    "KeyKind",
    "Reconsideration",
    "SignedState",
    "TrainingProject",
    "TrainingState",
]
