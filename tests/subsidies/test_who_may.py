"""Every step of a claim tried by every role in every place, of both kinds; and every two duties by one person.

Who may is written here a second time, by hand. A step that the workflow has and this table lacks is named as missing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.db import DatabaseError, connection, transaction

from portal.accounts.access import Refused
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.cases.workflow import Duty, workflow_of
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from tests.cast import make_account
from tests.roles import compared, refusal, undone
from tests.states import state
from tests.subsidies.every_claim import WAYS, act, find, play

pytestmark = pytest.mark.sweep
KINDS = (SKILL_UPGRADE, TECHNICIAN)
claims_everywhere = state("claims_everywhere", play, find)

# from, step, to, and the roles that take it where they have the claim's place; "worker" is whose claim it is.
_SIGNS = "league_reviewer regional_reviewer approver supervisor"
_TABLE = f"""
draft           submit                 submitted       window_clerk worker
submitted       accept                 accepted        window_clerk
submitted       return_for_correction  returned        window_clerk
returned        resubmit               submitted       window_clerk worker
accepted        review                 reviewed        league_reviewer
accepted        review_first           first_reviewed  league_reviewer
first_reviewed  review_again           reviewed        regional_reviewer approver
first_reviewed  send_back              accepted        regional_reviewer approver
reviewed        send_back              accepted        regional_reviewer approver
no_figure       send_back              accepted        regional_reviewer approver
on_notice       send_back              accepted        regional_reviewer approver
noticed         send_back              accepted        regional_reviewer approver
reviewed        wait_for_figure        no_figure       approver
reviewed        approve                approved        approver
no_figure       approve                approved        approver

reviewed        announce               on_notice       league_reviewer regional_reviewer
no_figure       announce               on_notice       league_reviewer regional_reviewer
on_notice       end_notice             noticed         league_reviewer regional_reviewer
on_notice       uphold_objection       accepted        regional_reviewer supervisor
noticed         uphold_objection       accepted        regional_reviewer supervisor
noticed         approve                approved        approver

draft           withdraw               withdrawn       window_clerk worker
submitted       withdraw               withdrawn       window_clerk worker
returned        withdraw               withdrawn       window_clerk worker
accepted        withdraw               withdrawn       window_clerk worker
first_reviewed  withdraw               withdrawn       window_clerk worker
reviewed        withdraw               withdrawn       window_clerk worker
no_figure       withdraw               withdrawn       window_clerk worker
on_notice       withdraw               withdrawn       window_clerk worker
noticed         withdraw               withdrawn       window_clerk worker
refusing        withdraw               withdrawn       window_clerk worker
rejecting       withdraw               withdrawn       window_clerk worker

submitted       refuse                 refusing        window_clerk
refusing        countersign_refusal    refused         {_SIGNS}
refusing        decline_refusal        submitted       {_SIGNS}
reviewed        reject                 rejecting       approver
no_figure       reject                 rejecting       approver
noticed         reject                 rejecting       approver
rejecting       countersign_rejection  rejected        {_SIGNS}
rejecting       decline_rejection      reviewed        {_SIGNS}
approved        annul                  annulling       approver supervisor
annulling       countersign_annulment  annulled        {_SIGNS}
annulling       decline_annulment      approved        {_SIGNS}

refused         ask_reconsideration    reconsidering   window_clerk worker
rejected        ask_reconsideration    reconsidering   window_clerk worker
annulled        ask_reconsideration    reconsidering   window_clerk worker
reconsidering   withdraw_request_refusal   refused    window_clerk worker
reconsidering   withdraw_request_rejection rejected   window_clerk worker
reconsidering   withdraw_request_annulment annulled   window_clerk worker
reconsidering   uphold                 upheld          approver supervisor
reconsidering   turn                   reviewed        approver supervisor
reconsidering   turn_refusal           submitted       approver supervisor
"""
# Where the claim is not as the name of its state: what was refused goes back to the window, and what is announced was
# handed in under a course that asks for it.
_WAY_TO = {
    ("turn_refusal", "reconsidering"): "reconsidering a refusal",
    ("withdraw_request_refusal", "reconsidering"): "reconsidering a refusal",
    ("withdraw_request_annulment", "reconsidering"): "reconsidering an annulment",
    ("announce", "reviewed"): "reviewed to announce",
    ("announce", "no_figure"): "no_figure to announce",
}
# Of a claim of 鄂托克旗 in 鄂尔多斯市: whose it is, and whose not.
PLACES = {
    "the banner": ("150624", True),
    "its league": ("150600", True),
    "the region": ("150000", True),
    "a neighbouring banner": ("150625", False),
    "another league": ("150200", False),
}


class Row(NamedTuple):
    source: str
    action: str
    target: str
    who: frozenset[str]


ROWS = [
    Row(source, action, target, frozenset(who))
    for source, action, target, *who in (line.split() for line in _TABLE.splitlines() if line)
]
NAMED = frozenset().union(*(row.who for row in ROWS)) - {"worker"}


class Person(NamedTuple):
    called: str
    user: Any
    role: str
    is_of_place: bool


def people() -> list[Person]:
    """Every role that the table names in every place, every other one where it sees most."""
    made = []
    for role in Role:
        places = PLACES if role in NAMED else {"the region": PLACES["the region"]}
        for place, (code, is_of_place) in places.items():
            user = make_account(f"{role}.{code}", f"{role.label}{code}", role, code)
            made.append(Person(f"{role} of {place}", user, role, is_of_place))
    return made


def may(row: Row, person: Person) -> bool:
    return person.role in row.who and person.is_of_place and person.role != Role.WORKER


def tried(kind: str, row: Row, claim: Claim, user: Any) -> tuple[Any, str]:
    """What the step is refused with, and where the claim is then; all that the database holds included."""

    def take() -> None:
        # Without what was read of them for somebody else.
        act(kind, row.action)(claim.pk, User.objects.get(pk=user.pk))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    with undone():
        return refusal(take), Case.objects.values_list("state", flat=True).get(pk=claim.pk)


def claim_of(claims: Any, kind: str, row: Row) -> Claim:
    claim: Claim = claims[kind, _WAY_TO.get((row.action, row.source), row.source)]
    return claim


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_names_every_step(kind: str) -> None:
    """Whoever adds a step says here who may take it."""
    steps = {
        (source, row.action, row.target) for row in workflow_of(kind).transitions for source in row.sources
    }
    told = {(row.source, row.action, row.target) for row in ROWS}
    assert steps - told == set(), "who may take these?"
    assert told - steps == set(), "these are no steps any more"
    assert {way.split()[0] for way in WAYS} == set(workflow_of(kind).states.values)


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_by_every_role_in_every_place(claims_everywhere: Any, kind: str) -> None:
    everybody = people()
    tried_by_all: set[str] = set()
    with compared() as expect:
        for row in ROWS:
            claim = claim_of(claims_everywhere, kind, row)
            # A step from several states is tried by all from the first; from the others by those who may somewhere.
            first_time = row.action not in tried_by_all
            tried_by_all.add(row.action)
            for person in everybody:
                if first_time or person.role in row.who:
                    wanted = (None, row.target) if may(row, person) else (Refused, row.source)
                    came = tried(kind, row, claim, person.user)
                    expect(f"{row.source}: {row.action} by {person.called}", came, wanted)
            own = (None, row.target) if "worker" in row.who else (Refused, row.source)
            expect(
                f"{row.source}: {row.action} by the worker",
                tried(kind, row, claim, claim.worker.account),
                own,
            )


@pytest.mark.parametrize("kind", KINDS)
def test_no_step_from_any_other_state(claims_everywhere: Any, kind: str) -> None:
    """By somebody who may take it: the claim stays where it is."""
    by_role = {role: make_account(f"one.{role}", role, role, "150000") for role in sorted(NAMED)}
    from_where: dict[str, set[str]] = {}
    for row in ROWS:
        from_where.setdefault(row.action, set()).add(row.source)
    with compared() as expect:
        for row in {row.action: row for row in ROWS}.values():
            who = by_role[sorted(row.who - {"worker"})[0]]
            for (of_kind, _), claim in claims_everywhere.items():
                if of_kind == kind and claim.case.state not in from_where[row.action]:
                    came = tried(kind, row, claim, who)
                    # Both signs of the second signature are one step that finds its own state.
                    if came[0] is None and row.action.split("_")[0] in {"countersign", "decline"}:
                        continue
                    expect(f"{claim.case.state}: {row.action}", came, (NotNow, claim.case.state))


# -- duties --------------------------------------------------------------------------------------------------
# What the law wants apart, by person.
APART = {
    frozenset(pair.split(" ≠ "))
    for pair in (
        "accept ≠ approve",
        "review ≠ approve",
        "second_review ≠ approve",
        "review ≠ second_review",
        "approve ≠ annul",
        "accept ≠ countersign",
        "approve ≠ countersign",
        "annul ≠ countersign",
        "accept ≠ reconsider",
        "review ≠ reconsider",
        "second_review ≠ reconsider",
        "approve ≠ reconsider",
        "annul ≠ reconsider",
        "countersign ≠ reconsider",
    )
}
DUTIES = sorted(frozenset().union(*APART))


def hold(claim: Claim, duty: str, person: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_caseduty (case_id, duty, person_id) VALUES (%s, %s, %s)",
            [claim.pk, duty, person.pk],
        )


def in_all_roles() -> Any:
    """Somebody with every role that the table names, in the whole region."""
    user = make_account("in.all.roles", "全能", "approver", "150000")
    for role in sorted(NAMED - {"approver"}):
        RoleAssignment.objects.create(user=user, role=role, region_id="150000")
    return user


def database_refuses(act: Callable[[], None]) -> bool:
    with undone():
        try:
            with transaction.atomic():
                act()
        except DatabaseError as error:
            return "who holds" in str(error)
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_every_two_duties_by_one_person(claims_everywhere: Any, kind: str) -> None:
    """The second one is refused by its step, and by the database whatever code writes it down."""
    user, workflow = in_all_roles(), workflow_of(kind)
    assert {row.duty for row in workflow.transitions if row.duty} <= set(DUTIES)
    with compared() as expect:
        for row, held in product(ROWS, DUTIES):
            duty = workflow.transition(row.action).duty
            if duty is None or held == duty:
                continue
            claim = claim_of(claims_everywhere, kind, row)
            apart = frozenset({held, duty}) in APART
            with undone():
                hold(claim, held, user)
                came = tried(kind, row, claim, user)
                wanted = (Refused, row.source) if apart else (None, row.target)
                expect(f"who holds {held}: {row.action} from {row.source}", came, wanted)
                by_sql = database_refuses(partial(hold, claim, duty, user))
                expect(f"who holds {held}: {duty} by SQL", by_sql, apart)


def test_every_duty_of_the_claims_is_in_a_pair() -> None:
    """What is added to the duties is added here; paying comes with what is approved."""
    later = {Duty.PREPARE, Duty.PAYEE_RECORD, Duty.PAYEE_CONFIRM, Duty.PAY, Duty.SEND}
    assert set(DUTIES) == set(Duty) - later
