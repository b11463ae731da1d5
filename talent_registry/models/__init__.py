"""Everything the registry keeps: entries and the proposals behind them, and the yearly selection."""

from talent_registry.models.assessment import Assessment, AssessmentRun
from talent_registry.models.corrections import (
    CorrectionState,
    EntryCorrection,
    PublishedDifference,
)
from talent_registry.models.gathered import SelectionFacts, SelectionGathering
from talent_registry.models.registry import (
    Basis,
    CountedFrom,
    EntryQuerySet,
    InclusionProposal,
    ProposalQuerySet,
    RegistryEntry,
    Status,
    StatusChange,
)
from talent_registry.models.selection import (
    CHANNELS,
    Exclusion,
    Industry,
    ListedNominee,
    Nomination,
    PanelAssignment,
    Quota,
    QuotaKind,
    RoundQuerySet,
    SelectionList,
    SelectionRound,
)

__all__ = [
    "Assessment",
    "AssessmentRun",
    "Basis",
    "CHANNELS",
    "CorrectionState",
    "CountedFrom",
    "EntryCorrection",
    "EntryQuerySet",
    "Exclusion",
    "InclusionProposal",
    "Industry",
    "ListedNominee",
    "Nomination",
    "PanelAssignment",
    "ProposalQuerySet",
    "PublishedDifference",
    "Quota",
    "QuotaKind",
    "RegistryEntry",
    "RoundQuerySet",
    "SelectionFacts",
    "SelectionGathering",
    "SelectionList",
    "SelectionRound",
    "Status",
    "StatusChange",
]
