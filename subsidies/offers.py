"""What a worker agrees to when a subsidy was found for them: a claim by the certificate, or for the training, that the
offer is about; and which of them are looked at every night.
"""

# ruff: noqa: S608 - text is put together from names of columns, numbers and days
from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from portal.cases.actions import NotNow
from portal.cases.models import Case, Channel
from portal.entitlements.case_openers import register_case_opener
from portal.entitlements.models import Offer
from portal.entitlements.offered_subjects import OfferedSubject, register_offered_subject
from portal.policy.compile import LEVEL_CODES, json_literal
from portal.policy.facts import SkillLevel
from portal.policy.law import law_on
from portal.policy.sets import Relation
from portal.workforce.facts import relation
from portal.workforce.gathered import certificates_gathered
from portal.workforce.merged import records_of
from portal.workforce.models import SkillCredential
from portal.workforce.models.base import own_records
from portal.workforce.subjects import CERTIFICATE
from subsidies.claiming import claim_at_once
from subsidies.models import TRAINING, TrainingProject
from subsidies.schemes import BY_BENEFIT, SCHEMES, Scheme
from subsidies.training_facts import TRAINING_KEY, trainings_among
from subsidies.workflow import ClaimState


def register() -> None:
    """Consents to these benefits become claims; of each kind of subject they are offered for every one."""
    asked: dict[str, Callable[[Scheme, date, str], str]] = {CERTIFICATE: _certificates, TRAINING: _trainings}
    gather = {CERTIFICATE: certificates_gathered, TRAINING: _training_facts}
    turning = {CERTIFICATE: _certificates_turning, TRAINING: _trainings_offered}
    for scheme in SCHEMES.values():
        register_case_opener(scheme.benefit, open_claim)
        for kind, rule in scheme.benefits.items():
            register_offered_subject(
                OfferedSubject(
                    scheme.benefit,
                    kind,
                    rule,
                    asked=partial(asked[kind], scheme),
                    gather=gather[kind],
                    turning=partial(turning[kind], scheme),
                )
            )


def open_claim(offer: Offer, by: Any, on: date) -> Case:
    """Hand a claim in by what the offer is about, in the worker's name or at the window. Raises Refused, NotNow."""
    channel = Channel.SELF if offer.worker_id in own_records(by) else Channel.WINDOW
    kind = BY_BENEFIT[offer.benefit].kind
    about, number = offer.subject_type, offer.subject_id
    if number is None:
        about, number = CERTIFICATE, certificate_of(offer).pk
    return claim_at_once(number, kind, about=about, channel=channel, by=by, on=on).case


def certificate_of(offer: Offer) -> SkillCredential:
    """The certificate by which an offer of an earlier release is told from others. NotNow when it is not there any more."""
    for credential in SkillCredential.objects.filter(worker__in=records_of(offer.worker_id)):
        level = SkillLevel(credential.level).code
        if offer.distinction == f"{credential.occupation} {level} {credential.issued_on}":
            return credential
    raise NotNow("这项惠享事项所依据的证书已有变化，请在“培训补贴”中重新选择证书申请。")


# -- what is looked at in a night ----------------------------------------------------------------------------
_UNDER_WAY = "a.state NOT IN ({})".format(
    ", ".join(f"'{state}'" for state in (ClaimState.WITHDRAWN, ClaimState.REFUSED, ClaimState.REJECTED))
)
_CLAIMED = (
    "EXISTS (SELECT FROM subsidies_claim p JOIN cases_case a ON a.id = p.case_id"
    f" WHERE p.{{field}} = {{number}} AND {_UNDER_WAY})"
)


def _certificates(scheme: Scheme, on: date, people: str) -> str:
    """Confirmed certificates of the levels, in their term where there is one, of people who have several."""
    levels = ", ".join(str(int(level)) for level in sorted(scheme.levels))
    months = _term_on(scheme, on)
    # A little longer than the term: the rule tells to the day.
    term = f" AND c.issued_on >= DATE '{on}' - INTERVAL '{months} months 3 days'" if months else ""
    level = f"{json_literal(LEVEL_CODES)} ->> c.level::text"
    claimed = _CLAIMED.format(field="credential_id", number="c.id")
    return (
        "SELECT c.id AS subject_id, r.person AS worker_id,"
        f" concat_ws(' ', c.occupation, {level}, c.issued_on) AS distinction"
        f" FROM {_certificates_of(people)}"
        f" WHERE c.verification = 'confirmed' AND c.level IN ({levels}) AND c.issued_on <= DATE '{on}'{term}"
        " AND (r.record <> r.person OR r.person IN (SELECT target_id FROM workforce_mergedperson)"
        " OR EXISTS (SELECT FROM workforce_skillcredential n WHERE n.worker_id = c.worker_id AND n.id <> c.id))"
        f" AND NOT {claimed}"
    )


def _certificates_of(people: str) -> str:
    """FROM text: certificates `c`, with the record `r` they are of and whoever stands for the person."""
    if not people:
        return (
            "workforce_skillcredential c LEFT JOIN workforce_mergedperson m ON m.source_id = c.worker_id"
            " CROSS JOIN LATERAL (SELECT c.worker_id AS record, coalesce(m.target_id, c.worker_id) AS person) AS r"
        )
    # Of the few, each is looked up. OFFSET keeps the planner, which takes them for many, from reading everybody's.
    return (
        f"(SELECT worker_id AS record, worker_id AS person FROM ({people}) AS asked"
        f" UNION ALL SELECT source_id, target_id FROM workforce_mergedperson WHERE target_id IN ({people})) AS r"
        " CROSS JOIN LATERAL ("
        "SELECT * FROM workforce_skillcredential held WHERE held.worker_id = r.record OFFSET 0) AS c"
    )


def _certificates_turning(scheme: Scheme, on: date) -> str:
    """Whose certificate's term ends about this day, or has ended."""
    months = _term_on(scheme, on)
    ended = (
        f" AND c.issued_on <= DATE '{on}' - INTERVAL '{months} months' + INTERVAL '3 days'"
        if months
        else " AND false"
    )
    return _open_beside(scheme, "workforce_skillcredential c ON c.id = o.subject_id", ended)


def _open_beside(scheme: Scheme, subject: str, condition: str) -> str:
    return (
        f"SELECT o.worker_id FROM entitlements_offer o JOIN {subject}"
        f" WHERE o.beside AND o.state IN ('matched', 'notified') AND o.benefit = '{scheme.benefit}'{condition}"
    )


def _term_on(scheme: Scheme, on: date) -> int | None:
    """Within how many months a certificate is claimed by; None where the law sets no term."""
    months = law_on(on).value(f"{scheme.benefit}.claim-window-months")
    return None if months is None else int(months)


def _trainings(scheme: Scheme, on: date, people: str) -> str:
    """Confirmed trainings for which nothing is under way; not among a night's changes, and few."""
    claimed = _CLAIMED.format(field="training_id", number="t.id")
    cases = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in TrainingProject.choices)
    return (
        "SELECT t.id AS subject_id, coalesce(m.target_id, t.worker_id) AS worker_id,"
        f" concat_ws(' ', t.occupation, CASE t.project {cases} END, t.completed_on) AS distinction"
        " FROM subsidies_completedtraining t LEFT JOIN workforce_mergedperson m ON m.source_id = t.worker_id"
        f" WHERE t.state = 'confirmed' AND t.completed_on <= DATE '{on}' AND NOT {claimed}"
    )


def _trainings_offered(scheme: Scheme, on: date) -> str:
    """Everybody to whom one is offered: whether a claim is under way is not among a night's changes."""
    return _open_beside(
        scheme, "subsidies_completedtraining t ON t.id = o.subject_id", " AND o.subject_type = 'training'"
    )


def _training_facts(on: date, asked: str) -> Relation:
    people = relation(on, within=f"SELECT DISTINCT worker_id FROM ({asked}) AS asked", verified=True)
    return trainings_among(f"SELECT subject_id AS {TRAINING_KEY} FROM ({asked}) AS asked", people, True)
