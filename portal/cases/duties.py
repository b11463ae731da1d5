"""Duties that one person must not combine in a case: four eyes, by person and not by role.

The pairs are constant; a kind of case may add further ones (`Workflow.apart`) and can take none away. The database
holds the same by itself (portal.cases.duty_guards), for whatever code writes a duty down.
"""

from __future__ import annotations

from portal.cases.workflow import Duty, workflow_of, workflows

EXCLUDING_EACH_OTHER: tuple[tuple[Duty, Duty], ...] = (
    (Duty.ACCEPT, Duty.APPROVE),
    (Duty.REVIEW, Duty.APPROVE),
    (Duty.SECOND_REVIEW, Duty.APPROVE),
    (Duty.REVIEW, Duty.SECOND_REVIEW),
    (Duty.APPROVE, Duty.PAY),
    # Whoever releases a payment looks at it with fresh eyes.
    (Duty.REVIEW, Duty.PAY),
    (Duty.SECOND_REVIEW, Duty.PAY),
    (Duty.PAYEE_RECORD, Duty.PAYEE_CONFIRM),
    (Duty.PAYEE_CONFIRM, Duty.SEND),
    (Duty.APPROVE, Duty.ANNUL),
    # A decision is also that a matter is not taken in.
    (Duty.APPROVE, Duty.RECONSIDER),
    (Duty.ACCEPT, Duty.RECONSIDER),
    # The second signature is that of another person than whoever decided, whatever was decided.
    (Duty.ACCEPT, Duty.COUNTERSIGN),
    (Duty.APPROVE, Duty.COUNTERSIGN),
    (Duty.ANNUL, Duty.COUNTERSIGN),
    # Whoever looks again has had no part in it.
    (Duty.REVIEW, Duty.RECONSIDER),
    (Duty.SECOND_REVIEW, Duty.RECONSIDER),
    (Duty.COUNTERSIGN, Duty.RECONSIDER),
    (Duty.ANNUL, Duty.RECONSIDER),
)
# What one does in a matter of one's own: ask for something, and say where the money goes. All else is for others.
IN_ONES_OWN_CASE = frozenset({Duty.PREPARE, Duty.PAYEE_RECORD})


def excluding(kind: str, duty: Duty) -> frozenset[str]:
    """The duties that nobody holds together with this one in a case of the kind."""
    excluded: set[str] = set()
    for pair in (*EXCLUDING_EACH_OTHER, *workflow_of(kind).apart):
        if duty in pair:
            excluded.update(pair)
    return frozenset(excluded - {duty})


def added_pairs() -> set[tuple[str, str, str]]:
    """(kind, one duty, the other) of every pair that a kind of case adds."""
    pairs = set()
    for workflow in workflows():
        for one, other in workflow.apart:
            pairs.add((workflow.kind, str(one), str(other)))
    return pairs
