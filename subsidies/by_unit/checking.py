"""Rows beside the register: who works in the unit, which certificate is meant, and what stands against it.

A unit learns nothing about a person that it did not give: whether somebody works elsewhere or is not registered at all,
and whether a certificate is claimed already or meets no condition, reads the same. The person reads why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
from subsidies.schemes import SCHEMES

NOT_HERE = "不是本单位目前在职的职工，或者姓名与证件号码不符。登记有误的，请先到服务窗口更正。"
NO_CERTIFICATE = "此人名下没有登记这本证书（职业工种、技能等级、证书编号须与登记一致）。"
SEVERAL = "此人有不止一本这样的证书，请填写证书编号。"
NOT_CLAIMABLE = "这本证书目前不能提出申请，原因由本人在“培训补贴”中查看。"
KNOWN = "本单位已为这本证书提出过，不重复提出。"


@dataclass(frozen=True)
class Checked:
    """What comes of a row. Person and certificate are those of the register, where they were found."""

    row: Asked
    outcome: RowOutcome
    said: str = ""
    worker_id: int | None = None
    credential_id: int | None = None


def check(rows: Sequence[Asked], unit_id: int, *, on: date) -> list[Checked]:
    """What would come of each row if it were put forward for the unit today; in the order of the file."""
    people = _people(rows, unit_id)
    credentials = _credentials({person.pk for person in people.values()})
    found: dict[int, Checked] = {}
    lines: dict[int, int] = {}
    for row in rows:
        person = people.get(row.line)
        if person is None:
            found[row.line] = Checked(row, RowOutcome.REFUSED, NOT_HERE)
            continue
        fitting = _fitting(row, credentials.get(person.pk, ()))
        if len(fitting) != 1:
            found[row.line] = Checked(row, RowOutcome.REFUSED, SEVERAL if fitting else NO_CERTIFICATE)
            continue
        first = lines.setdefault(fitting[0].pk, row.line)
        if first != row.line:
            found[row.line] = Checked(row, RowOutcome.REFUSED, f"与第{first}行是同一本证书。")
            continue
        found[row.line] = Checked(row, RowOutcome.GOOD, "", person.pk, fitting[0].pk)
    wanted = {one.credential_id: one.row.kind for one in found.values() if one.credential_id is not None}
    against = speaks_against(wanted, unit_id, on=on)
    return [_settled(found[row.line], against) for row in rows]


def _settled(one: Checked, against: Mapping[int, tuple[RowOutcome, str]]) -> Checked:
    if one.credential_id is None or one.credential_id not in against:
        return one
    outcome, said = against[one.credential_id]
    return Checked(one.row, outcome, said, one.worker_id, one.credential_id)


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


def _fitting(row: Asked, held: Sequence[SkillCredential]) -> list[SkillCredential]:
    occupation = fold_occupation(row.occupation)
    same = [one for one in held if one.level == row.level and fold_occupation(one.occupation) == occupation]
    if row.certificate:
        return [one for one in same if one.number == row.certificate]
    return same


def speaks_against(kinds: Mapping[int, str], unit_id: int, *, on: date) -> dict[int, tuple[RowOutcome, str]]:
    """Of certificates, each with the subsidy it would be claimed by: those not to be put forward now, and why."""
    proposed = Proposal.objects.filter(
        unit__in=records_of_unit(unit_id), credential__in=kinds, lapsed=False
    ).values_list("credential_id", flat=True)
    against = dict.fromkeys(proposed, (RowOutcome.KNOWN, KNOWN))
    not_claimable = (RowOutcome.REFUSED, NOT_CLAIMABLE)
    for credential_id in being_claimed(kinds):
        against.setdefault(credential_id, not_claimable)
    for kind, scheme in SCHEMES.items():
        asked = [pk for pk, of_kind in kinds.items() if of_kind == kind and pk not in against]
        foreseen = foresee_many(CERTIFICATE, asked, scheme, on=on, verified=False) if asked else {}
        for pk in asked:
            determination = foreseen.get(pk)
            if determination is None or determination.outcome == Outcome.INELIGIBLE:
                against[pk] = not_claimable
    return against
