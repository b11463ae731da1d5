"""The kinds of records about a worker, each described once.

The forms, the actions, the worker's page, the history, and the table of everybody's facts read what they need
from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from portal.workforce.identity import certificate_number
from portal.workforce.models import (
    AttestedFact,
    BenefitClaim,
    CompetitionResult,
    Employment,
    Honour,
    PayeeAccount,
    SkillCredential,
    TechnicalSchooling,
    UnemploymentInsurance,
)
from portal.workforce.models.facts import ATTESTED_WORDS, WRITTEN_BY_PORTAL
from portal.workforce.models.honours import HonourState
from portal.workforce.models.verification import Verification
from portal.workforce.placeholders import says_as_above, says_nothing


def _require_one_open_employment(record: Employment) -> None:
    others = Employment.objects.filter(worker=record.worker_id, ended_on__isnull=True).exclude(pk=record.pk)
    if record.ended_on is None and others.exists():
        raise ValidationError(
            {"ended_on": "已有一条尚未终止的就业信息。请先终止原记录，或在此填写终止日期。"}
        )


def _require_listed_value(record: AttestedFact) -> None:
    if words := ATTESTED_WORDS.get(record.code):
        if record.value not in words:
            listed = "、".join(words.values())
            raise ValidationError({"value": f"“{record.get_code_display()}”应选择：{listed}。"})
    elif not isinstance(record.value, bool):
        raise ValidationError({"value": "该事项应选择“是”或“否”。"})


def _with_number_in_its_form(values: Mapping[str, Any]) -> dict[str, Any]:
    """What stands for "there is none" is no number; of the others each has one form, so that equal ones meet."""
    number = values["number"]
    return {**values, "number": "" if says_nothing(number) else certificate_number(number)}


def _require_number_of_its_own(record: SkillCredential) -> None:
    if says_as_above(record.number):
        raise ValidationError({"number": "“同上”不是证书编号。"})


def _require_entered_by_hand(record: AttestedFact) -> None:
    if record.code in WRITTEN_BY_PORTAL:
        raise ValidationError(
            {"code": "该事项由系统根据办理结果自动写入，不能在窗口登记或更改。请到相应业务中办理。"}
        )
    _require_listed_value(record)


def _no_check(record: models.Model) -> None:
    return None


def _is_confirmed(record: Any) -> bool:
    return bool(record.verification == Verification.CONFIRMED)


def _is_verified_honour(honour: Any) -> bool:
    return bool(honour.state == HonourState.VERIFIED)


def _at_once(record: models.Model) -> bool:
    return True


@dataclass(frozen=True)
class RecordKind:
    """One kind of record: its table, what is entered, who may, and what its dates mean."""

    code: str
    title: str
    model: type[models.Model]
    # What is entered, in the order of the form.
    fields: tuple[str, ...]
    permission: str = "worker.edit"
    # Dates that cannot lie ahead.
    past: tuple[str, ...] = ()
    # The date that ends a record that lasts.
    ends_with: str = ""
    # The days from which and until which a record counts as a fact; a record without them counts at once.
    counts_from: str = ""
    counts_until: str = ""
    # The facts of the catalogue that rest on it; of an honour or an attested fact each record says which.
    facts: tuple[str, ...] = ()
    # Whether another person holds it against a document before it counts for money, selection and publication.
    # What lessens a right counts at once.
    verified: bool = True
    # A register says it: by hand it is written down only with a picture of what the register shows.
    pictured: bool = False
    # Whether what a record says counts, so that no single person changes it (portal.workforce.actions.changing).
    counts: Callable[[Any], bool] = _is_confirmed
    # What was entered, in the form in which it is kept and compared.
    in_one_form: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    # ValidationError when the record does not agree with itself or with the worker's others.
    agrees: Callable[[Any], None] = _no_check

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def related(self) -> str:
        """The name by which the records hang on the worker."""
        return str(self._worker_field.remote_field.get_accessor_name())

    @property
    def single(self) -> bool:
        """Whether a worker has at most one."""
        return bool(self._worker_field.one_to_one)

    @property
    def _worker_field(self) -> Any:
        return self.model._meta.get_field("worker")


EMPLOYMENT = RecordKind(
    "employment",
    "就业信息",
    Employment,
    (
        "status",
        "employer",
        "occupation",
        "on_front_line",
        "front_line_years",
        "in_skilled_post",
        "public_institution_payroll",
        "worked_years",
        "continuous_months",
        "started_on",
        "ended_on",
        "source",
    ),
    past=("started_on", "ended_on"),
    ends_with="ended_on",
    facts=(
        "employment",
        "public_institution_payroll",
        "on_front_line",
        "front_line_years",
        "in_skilled_post",
        "worked_years",
        "continuous_months",
    ),
    agrees=_require_one_open_employment,
)
CREDENTIAL = RecordKind(
    "credential",
    "技能证书",
    SkillCredential,
    ("occupation", "level", "number", "issued_on", "verified_how", "source"),
    past=("issued_on",),
    counts_from="issued_on",
    facts=("skill_level", "certificate_level", "certificate_occupation", "certificate_issued_on"),
    in_one_form=_with_number_in_its_form,
    agrees=_require_number_of_its_own,
)
INSURANCE = RecordKind(
    "insurance",
    "失业保险",
    UnemploymentInsurance,
    ("months", "paying", "drawing_benefit", "as_of", "source"),
    past=("as_of",),
    facts=(
        "unemployment_insured_months",
        "paying_unemployment_insurance",
        "drawing_unemployment_benefit",
    ),
    pictured=True,
)
ATTESTED = RecordKind(
    "attested",
    "核定事项",
    AttestedFact,
    ("code", "value", "since", "until", "document", "source"),
    past=("since", "until"),
    ends_with="until",
    counts_from="since",
    counts_until="until",
    agrees=_require_entered_by_hand,
)
SCHOOLING = RecordKind(
    "schooling",
    "技工院校学历",
    TechnicalSchooling,
    ("graduated_from", "school", "graduated_on", "source"),
    past=("graduated_on",),
    counts_from="graduated_on",
    facts=("technical_school_class",),
)
COMPETITION = RecordKind(
    "competition",
    "竞赛成绩",
    CompetitionResult,
    (
        "competition",
        "name",
        "edition",
        "rank",
        "prize",
        "role",
        "for_inner_mongolia",
        "held_on",
        "document",
        "source",
    ),
    past=("held_on",),
    counts_from="held_on",
    facts=(
        "competition",
        "competition_edition",
        "competition_rank",
        "competition_prize",
        "competition_role",
        "for_inner_mongolia",
    ),
)
CLAIM = RecordKind(
    "claim",
    "以往补贴",
    BenefitClaim,
    ("kind", "occupation", "level", "certificate_number", "claimed_on", "source"),
    past=("claimed_on",),
    counts_from="claimed_on",
    facts=(
        "claims_this_year",
        "scarce_claims_this_year",
        "claimed_same_occupation_level",
        "highest_level_claimed",
        "training_subsidy_for_same_certificate",
    ),
    verified=False,
    pictured=True,
    counts=_at_once,
)
# Written down, verified and refuted by actions of its own (portal.workforce.actions.honours).
HONOUR = RecordKind(
    "honour",
    "荣誉",
    Honour,
    ("type", "named_as", "year", "conferred_on", "document", "source"),
    permission="honour.record",
    past=("conferred_on",),
    counts_from="conferred_on",
    verified=False,
    counts=_is_verified_honour,
)

# Written down and confirmed by actions of its own (portal.workforce.actions.payees); no fact rests on it.
PAYEE = RecordKind(
    "payee",
    "收款账户",
    PayeeAccount,
    ("bank", "account_number", "source"),
    permission="payee.change",
    verified=False,
)


def is_written_by_portal(record: models.Model) -> bool:
    """Whether a record follows from a decision of this portal: read-only for everybody."""
    return isinstance(record, AttestedFact) and record.code in WRITTEN_BY_PORTAL


# Those that one and the same action saves, ends and takes back (portal.workforce.actions.records).
KINDS: dict[str, RecordKind] = {
    kind.code: kind for kind in (EMPLOYMENT, CREDENTIAL, INSURANCE, ATTESTED, SCHOOLING, COMPETITION, CLAIM)
}
ALL_KINDS = (*KINDS.values(), HONOUR)
# Those that documents are handed in for.
DOCUMENTED = (*ALL_KINDS, PAYEE)
