"""What the room keeps: the office's guide to each benefit."""
from portal.entitlements.models.guides import BenefitGuide

__all__ = ["BenefitGuide"]
