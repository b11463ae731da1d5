"""What keeps anybody from claiming twice: a certificate or a training, a level of an occupation, a place of the year.

A level is one whether it is claimed by the certificate or for the training: clause 十 pays who rises to it and who
attends, and not one person for both.

Taken when a claim is handed in, with the person held still, and freed when it comes to nothing. The database looks at
all records of a person who was merged, and holds that a claim under way has its keys (subsidies.guards).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.access import NotNow
from portal.formats import date_iso
from portal.policy.law import law_on
from portal.workforce.merged import records_of
from portal.workforce.models import BenefitClaim, Worker
from portal.workforce.models.scarce import fold_occupation
from subsidies.models import Claim, ClaimKey, KeyKind
from subsidies.schemes import SCHEMES, Scheme

_TAKEN = {
    "a_certificate_is_claimed_once": "这本证书已在申领补贴，不能重复申请。",
    "a_level_is_claimed_once": "同一职业（工种）同一等级已在申领补贴（含以证书、以培训申请的），不能重复申请。",
    "a_place_is_taken_once": "本年度申领次数刚刚有变化，请重新提交。",
    "a_key_names_who_stands": "这份人员档案已作废，不能申领。请核对后用本人现用的档案办理。",
}


def take_keys(claim: Claim, *, on: date) -> None:
    """Take what the claim needs; NotNow, naming which, when something of it is taken already."""
    scheme = SCHEMES[claim.case.kind]
    person, records = _hold(claim.worker_id)
    about = claim.subject
    number = about.number or f"#{about.pk}"
    if claim.training_id is not None:
        # Certificates of completion are numbered by whoever trains.
        number = f"结业{number}"
    keys = [
        ClaimKey(kind=KeyKind.CERTIFICATE, certificate=number),
        ClaimKey(kind=KeyKind.LEVEL, occupation=fold_occupation(about.occupation), level=about.level),
        _free_place(scheme, records, on),
    ]
    for key in keys:
        key.claim, key.person = claim, person
    _require_not_drawn(records, about.occupation, about.level, on)
    try:
        with transaction.atomic():
            ClaimKey.objects.bulk_create(keys)
    except IntegrityError as error:
        raise NotNow(_words_of(error)) from error


def _hold(worker_id: int) -> tuple[Worker, list[int]]:
    """The record that stands for the person, held still, and all records of theirs: as they are once it is held, for who
    merges them meanwhile was waited for.
    """
    records = records_of(worker_id)
    while True:
        person = Worker.objects.select_for_update().get(pk=records[0])
        records = records_of(worker_id)
        if records[0] == person.pk:
            return person, records


def _require_not_drawn(records: list[int], occupation: str, level: int, on: date) -> None:
    """NotNow when the level of the occupation was drawn elsewhere, out of whichever fund."""
    drawn = BenefitClaim.objects.filter(
        worker__in=records, level=level, claimed_on__lte=on, decided_here__isnull=True
    )
    folded = fold_occupation(occupation)
    for one in drawn.order_by("claimed_on"):
        if fold_occupation(one.occupation) == folded:
            raise NotNow(
                f"{date_iso(one.claimed_on)}已享受过同一职业（工种）同一等级的补贴（{one.source}），不能重复申请。"
            )


def _words_of(error: IntegrityError) -> str:
    """What is taken, by the name of the constraint that said so; anything else is no refusal."""
    diagnosis = getattr(error.__cause__, "diag", None)
    words = _TAKEN.get(diagnosis.constraint_name) if diagnosis else None
    if words is None:
        raise error
    return words


def _free_place(scheme: Scheme, records: list[int], on: date) -> ClaimKey:
    """The next place of the person in the fund: of this year, or of a life. NotNow when none is left."""
    year = on.year if scheme.yearly else 0
    held = ClaimKey.objects.held().filter(person__in=records, kind=KeyKind.PLACE, fund=scheme.fund, year=year)
    taken = set(held.values_list("place", flat=True))
    # An approved claim is both: it holds its place, and is the record of an earlier one.
    elsewhere = BenefitClaim.objects.filter(
        worker__in=records, kind=scheme.earlier, claimed_on__lte=on, decided_here__isnull=True
    )
    if scheme.yearly:
        elsewhere = elsewhere.filter(claimed_on__year=on.year)
    most = scheme.places_on(law_on(on))
    if most is not None and len(taken) + elsewhere.count() >= most:
        span = f"{on.year}年度" if scheme.yearly else "一生中"
        raise NotNow(
            f"{span}最多申领{most}次“{scheme.title}”，已用完（含正在办理的）。撤回未办结的申请后可以重新提出。"
        )
    place = next(number for number in range(1, len(taken) + 2) if number not in taken)
    return ClaimKey(kind=KeyKind.PLACE, fund=scheme.fund, year=year, place=place)


def free_keys(claims: Sequence[Claim]) -> None:
    """The claims came to nothing: what they held can be claimed again."""
    held = ClaimKey.objects.held().filter(claim__in=claims)
    held.update(freed_at=timezone.now())
