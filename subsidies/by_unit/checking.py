"""Rows beside the register: who works in the unit, which certificate is meant, and what stands against it.

A unit learns nothing about a person that it did not give: whether somebody works elsewhere or is not registered at all,
and whether a certificate is claimed already or meets no condition, reads the same. The person reads why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.cases.applicants import working_in
from portal.policy.models import Outcome
from portal.workforce.merged import records_of_unit
from portal.workforce.models import MergedPerson, SkillCredential, Worker
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.models.verification import Verification
from portal.workforce.subjects import CERTIFICATE
from subsidies.by_unit.form import Asked
from subsidies.by_unit.models import Proposal, RowOutcome
from subsidies.claiming import being_claimed
from subsidies.decisions import foresee_many
from subsidies.models import NO_TRAINING_ANY_MORE, TRAINING, CompletedTraining
from subsidies.schemes import SCHEMES

NOT_HERE = "不是本单位目前在职的职工，或者姓名与证件号码不符。登记有误的，请先到服务窗口更正。"
NO_TRAINING = "此人名下没有登记这次培训结业（职业工种、等级、结业证书编号须与登记一致）。"
NO_CERTIFICATE = "此人名下没有登记这本证书（职业工种、技能等级、证书编号须与登记一致）。"
SEVERAL = "此人有不止一本这样的证书，请填写证书编号。"
SEVERAL_TRAININGS = "此人有不止一次这样的培训，请填写结业证书编号。"
NOT_CLAIMABLE = "这本证书目前不能提出申请，原因由本人在“培训补贴”中查看。"
KNOWN = "本单位已为这本证书提出过，不重复提出。"
# What it is about: a certificate or a training, by its number.
About = tuple[str, int]
_NONE = {CERTIFICATE: NO_CERTIFICATE, TRAINING: NO_TRAINING}
_SEVERAL = {CERTIFICATE: SEVERAL, TRAINING: SEVERAL_TRAININGS}
_OF_TRAINING = {
    NOT_CLAIMABLE: "这次培训目前不能提出申请，原因由本人在“培训补贴”中查看。",
    KNOWN: "本单位已为这次培训提出过，不重复提出。",
}


def said_of(about: str, said: str) -> str:
    """The words, of a certificate or of a training."""
    return _OF_TRAINING.get(said, said) if about == TRAINING else said


@dataclass(frozen=True)
class Checked:
    """What comes of a row. Person and certificate are those of the register, where they were found."""

    row: Asked
    outcome: RowOutcome
    said: str = ""
    worker_id: int | None = None
    subject_id: int | None = None

    @property
    def subject(self) -> About | None:
        return None if self.subject_id is None else (self.row.about, self.subject_id)


def check(rows: Sequence[Asked], unit_id: int, *, on: date) -> list[Checked]:
    """What would come of each row if it were put forward for the unit today; in the order of the file."""
    people = _people(rows, unit_id)
    persons = {person.pk for person in people.values()}
    held: dict[str, dict[int, Any]] = {CERTIFICATE: _credentials(persons), TRAINING: _trainings(persons)}
    found: dict[int, Checked] = {}
    lines: dict[About, int] = {}
    for row in rows:
        person = people.get(row.line)
        if person is None:
            found[row.line] = Checked(row, RowOutcome.REFUSED, NOT_HERE)
            continue
        fitting = _fitting(row, held[row.about].get(person.pk, ()))
        if len(fitting) != 1:
            said = (_SEVERAL if fitting else _NONE)[row.about]
            found[row.line] = Checked(row, RowOutcome.REFUSED, said)
            continue
        first = lines.setdefault((row.about, fitting[0].pk), row.line)
        if first != row.line:
            same = "是同一次培训" if row.about == TRAINING else "是同一本证书"
            found[row.line] = Checked(row, RowOutcome.REFUSED, f"与第{first}行{same}。")
            continue
        found[row.line] = Checked(row, RowOutcome.GOOD, "", person.pk, fitting[0].pk)
    wanted = {one.subject: one.row.kind for one in found.values() if one.subject is not None}
    against = speaks_against(wanted, unit_id, on=on)
    return [_settled(found[row.line], against) for row in rows]


def _settled(one: Checked, against: Mapping[About, tuple[RowOutcome, str]]) -> Checked:
    if one.subject is None or one.subject not in against:
        return one
    outcome, said = against[one.subject]
    return Checked(one.row, outcome, said, one.worker_id, one.subject_id)


def _people(rows: Sequence[Asked], unit_id: int) -> dict[int, Worker]:
    """By line, who works in the unit today under this number and name: the record that stands for them."""
    numbered = dict(
        Worker.objects.filter(id_digest__in={row.digest for row in rows}).values_list("id_digest", "pk")
    )
    records = {bytes(digest): pk for digest, pk in numbered.items()}
    merged = dict(
        MergedPerson.objects.filter(source__in=records.values()).values_list("source_id", "target_id")
    )
    standing = {digest: merged.get(pk, pk) for digest, pk in records.items()}
    here = working_in(unit_id).filter(pk__in=[pk for pk in standing.values() if pk is not None])
    known = {worker.pk: worker for worker in here.only("pk", "name")}
    people = {}
    for row in rows:
        person = known.get(standing.get(row.digest) or 0)
        if person is not None and person.name == row.name:
            people[row.line] = person
    return people


def _credentials(people: Collection[int]) -> dict[int, list[SkillCredential]]:
    """By person, their certificates under all of their records; what was found wrong does not count."""
    sources = dict(MergedPerson.objects.filter(target__in=people).values_list("source_id", "target_id"))
    held: dict[int, list[SkillCredential]] = {}
    records = SkillCredential.objects.filter(worker__in=[*people, *sources])
    for credential in records.exclude(verification=Verification.REFUTED).order_by("pk"):
        held.setdefault(sources.get(credential.worker_id) or credential.worker_id, []).append(credential)
    return held


def _trainings(people: Collection[int]) -> dict[int, list[CompletedTraining]]:
    """The same of trainings they completed."""
    sources = dict(MergedPerson.objects.filter(target__in=people).values_list("source_id", "target_id"))
    held: dict[int, list[CompletedTraining]] = {}
    records = CompletedTraining.objects.filter(worker__in=[*people, *sources])
    for training in records.exclude(state__in=NO_TRAINING_ANY_MORE).order_by("pk"):
        held.setdefault(sources.get(training.worker_id) or training.worker_id, []).append(training)
    return held


def _fitting(row: Asked, held: Sequence[Any]) -> list[Any]:
    occupation = fold_occupation(row.occupation)
    same = [one for one in held if one.level == row.level and fold_occupation(one.occupation) == occupation]
    if row.certificate:
        return [one for one in same if one.number == row.certificate]
    return same


def speaks_against(
    kinds: Mapping[About, str], unit_id: int, *, on: date
) -> dict[About, tuple[RowOutcome, str]]:
    """Of certificates and trainings, each with the subsidy it would be claimed by: those not to be put forward now, and
    why.
    """
    against: dict[About, tuple[RowOutcome, str]] = {}
    for about, field in ((CERTIFICATE, "credential"), (TRAINING, "training")):
        asked = {pk: kind for (of_about, pk), kind in kinds.items() if of_about == about}
        if asked:
            found = _speaks_against(about, field, asked, unit_id, on=on)
            against |= {(about, pk): (outcome, said_of(about, said)) for pk, (outcome, said) in found.items()}
    return against


def _speaks_against(
    about: str, field: str, kinds: Mapping[int, str], unit_id: int, *, on: date
) -> dict[int, tuple[RowOutcome, str]]:
    proposed = Proposal.objects.filter(
        **{f"{field}__in": list(kinds)}, unit__in=records_of_unit(unit_id), lapsed=False
    ).values_list(field, flat=True)
    against: dict[int, tuple[RowOutcome, str]] = dict.fromkeys(proposed, (RowOutcome.KNOWN, KNOWN))
    not_claimable = (RowOutcome.REFUSED, NOT_CLAIMABLE)
    for pk in being_claimed(list(kinds), about=about):
        against.setdefault(pk, not_claimable)
    for kind, scheme in SCHEMES.items():
        asked = [pk for pk, of_kind in kinds.items() if of_kind == kind and pk not in against]
        foreseen = foresee_many(about, asked, scheme, on=on, verified=False) if asked else {}
        for pk in asked:
            determination = foreseen.get(pk)
            if determination is None or determination.outcome == Outcome.INELIGIBLE:
                against[pk] = not_claimable
    return against
