"""To whom a subsidy is paid: the worker, on the account they chose, or on the one of theirs that is in use since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from portal.funds.models import PayeeKind
from portal.funds.payees import Payee, digests, register_payees
from portal.workforce.merged import persons_and_records
from portal.workforce.models import Employment, PayeeAccount
from portal.workforce.models.credentials import PayeeState
from portal.workforce.models.verification import Verification
from subsidies.models import Claim
from subsidies.schemes import SCHEMES

_IN_USE = (PayeeState.CONFIRMED, PayeeState.PROPOSED)


def register_all() -> None:
    for kind in SCHEMES:
        register_payees(kind, payees)


def payees(case_ids: Collection[int]) -> Mapping[int, Payee]:
    """By case who is paid; not among them: claims of people without an account."""
    claims = list(Claim.objects.filter(pk__in=case_ids).select_related("worker", "account").order_by("pk"))
    return {number: payee for number, payee in _payees_of(claims).items() if payee.account}


def payee_digests(claims: Sequence[Claim]) -> dict[int, str]:
    """By claim the digest of who is paid, as it stands now; of somebody without an account that there is none."""
    found = _payees_of(claims)
    return dict(zip(found, digests(found.values()), strict=True))


def _payees_of(claims: Sequence[Claim]) -> dict[int, Payee]:
    kinds, accounts = payee_kinds(claims), _accounts_of(claims)
    found = {}
    for claim in claims:
        account = accounts.get(claim.pk)
        found[claim.pk] = Payee(
            kind=kinds[claim.pk],
            legal_name=claim.worker.name,
            bank_spelling=None,
            account=account.account_number if account else "",
            bank=account.bank if account else "",
            identity_number=claim.worker.id_number,
            recorded_by=account.recorded_by_id if account else None,
            confirmed_by=account.confirmed_by_id if account else None,
            confirmed_at=account.confirmed_at if account else None,
        )
    return found


def payee_kinds(claims: Sequence[Claim]) -> dict[int, PayeeKind]:
    """By claim whether the worker is on the payroll of a public institution, as it was confirmed."""
    persons, of_person = persons_and_records({claim.worker_id for claim in claims})
    on_payroll = Employment.objects.filter(
        worker__in=of_person,
        ended_on__isnull=True,
        public_institution_payroll=True,
        verification=Verification.CONFIRMED,
    )
    public = {of_person[number] for number in on_payroll.values_list("worker_id", flat=True)}
    kinds = {}
    for claim in claims:
        is_public = persons[claim.worker_id] in public
        kinds[claim.pk] = PayeeKind.PUBLIC_PAYROLL if is_public else PayeeKind.PERSON
    return kinds


def _accounts_of(claims: Sequence[Claim]) -> dict[int, PayeeAccount]:
    """The account of each claim as long as it is in use; else the person's, a confirmed one before one that waits."""
    persons, of_person = persons_and_records({claim.worker_id for claim in claims})
    in_use: dict[int, PayeeAccount] = {}
    listed = PayeeAccount.objects.filter(worker__in=of_person, state__in=_IN_USE)
    for account in listed.order_by("state", "-pk"):
        in_use.setdefault(of_person[account.worker_id], account)
    found = {}
    for claim in claims:
        chosen = claim.account
        if chosen is None or chosen.state not in _IN_USE:
            chosen = in_use.get(persons[claim.worker_id])
        if chosen is not None:
            found[claim.pk] = chosen
    return found


def with_an_account_that_waits(claims: Sequence[Claim]) -> set[int]:
    """Of whose person an account waits to be confirmed."""
    if not claims:
        return set()
    persons, of_person = persons_and_records({claim.worker_id for claim in claims})
    proposed = PayeeAccount.objects.filter(worker__in=of_person, state=PayeeState.PROPOSED)
    waiting = {of_person[number] for number in proposed.values_list("worker_id", flat=True)}
    return {claim.pk for claim in claims if persons[claim.worker_id] in waiting}
