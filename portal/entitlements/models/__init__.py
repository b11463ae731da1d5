"""What the room keeps: the office's guides, what matching found, what is offered to people, and what they ask
to be put right.
"""

from portal.entitlements.models.guides import BenefitGuide
from portal.entitlements.models.matching import MatchRun, MatchState
from portal.entitlements.models.offers import Offer, OfferState, ServiceRequest
from portal.entitlements.models.rectifications import RectificationRequest
from portal.entitlements.models.simulations import Simulation

__all__ = [
    "BenefitGuide",
    "RectificationRequest",
    "MatchRun",
    "Offer",
    "OfferState",
    "ServiceRequest",
    "Simulation",
    "MatchState",
]
