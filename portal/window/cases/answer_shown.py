"""The answer on which an offer, or a matter somebody agreed to, rests, as its page shows it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from django.utils import timezone

from portal.entitlements.numbers import AnswerDays
from portal.entitlements.wording import conditions_of_answer
from portal.policy.determine import explain_determination
from portal.policy.models import Determination


class AnswerShown(ABC):
    """What presenters of both share."""

    @property
    @abstractmethod
    def determination(self) -> Determination:
        """Which one it is."""

    @property
    @abstractmethod
    def under_way(self) -> bool:
        """Whether until when one can apply still matters."""

    @cached_property
    def answer(self) -> dict[str, Any]:
        return explain_determination(self.determination)

    @property
    def conditions(self) -> list[dict[str, Any]]:
        return conditions_of_answer(self.answer, self.determination)

    @property
    def summary(self) -> str:
        return str(self.answer["gives"]["summary"])

    @property
    def caveats(self) -> list[str]:
        return list(self.answer["caveats"])

    @cached_property
    def days(self) -> AnswerDays:
        return AnswerDays.read(self.answer, timezone.localdate())
