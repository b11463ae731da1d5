"""The life of a case, shared by all programmes, with its evidence, its public notices and the objections to
them.
"""

from portal.cases.models.absences import Absence
from portal.cases.models.application import Application, Channel
from portal.cases.models.evidence import Evidence
from portal.cases.models.life import (
    WITHOUT_DEADLINE,
    Case,
    CaseDuty,
    CaseEvent,
    CaseQuerySet,
    Correction,
)
from portal.cases.models.news import News, NewsKind
from portal.cases.models.notes import CaseNote
from portal.cases.models.notices import NoticeExtension, NoticeVersion, Objection, PublicNotice
from portal.cases.models.saved import SavedFilter
from portal.cases.models.settled import AllowedMove, CaseSeries, ClockRule, DutyPair

__all__ = [
    "WITHOUT_DEADLINE",
    "Absence",
    "AllowedMove",
    "Application",
    "Case",
    "CaseDuty",
    "CaseEvent",
    "CaseNote",
    "CaseQuerySet",
    "CaseSeries",
    "Channel",
    "ClockRule",
    "Correction",
    "DutyPair",
    "Evidence",
    "News",
    "NewsKind",
    "NoticeExtension",
    "NoticeVersion",
    "Objection",
    "PublicNotice",
    "SavedFilter",
]
