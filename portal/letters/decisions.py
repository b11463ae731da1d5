"""Letters about somebody's case: plain ones, decisions with grounds, clause and remedy, and requests to
complete what was submitted.

A programme says once in whose name it decides (Authority); its kinds of letters say what they need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.cases.models import Case
from portal.formats import date_cn
from portal.letters import actions
from portal.letters.models import Letter
from portal.letters.remedies import Remedies
from portal.workforce.models import Worker


@dataclass(frozen=True)
class Recipient:
    """To whom a letter goes, and about which case. `worker`, `case` and `region` are keys."""

    name: str
    region: str
    worker: int
    case: int

    @classmethod
    def of_case(cls, case: Case, worker: Worker) -> Recipient:
        return cls(worker.name, case.region_id, worker.pk, case.pk)


@dataclass(frozen=True)
class Authority:
    """In whose name a programme's letters are issued, and what can be done against its decisions.

    `issuer` is the code of the issuer.
    """

    issuer: str
    remedy: Remedies

    def write(
        self, kind: str, recipient: Recipient, context: Mapping[str, Any], *, by: Any, on: date, **more: Any
    ) -> Letter:
        """A letter that speaks to the person. Raises BadLetter."""
        return actions.issue(
            kind=kind,
            issuer=self.issuer,
            addressee=f"{recipient.name}同志",
            region=recipient.region,
            worker=recipient.worker,
            case=recipient.case,
            context=context,
            by=by,
            on=on,
            **more,
        )

    def write_many(
        self,
        kind: str,
        letters: Sequence[tuple[Recipient, Mapping[str, Any]]],
        *,
        by: Any,
        on: date,
    ) -> list[Letter]:
        """The same to many, numbered in their order. Raises BadLetter; then nothing is issued."""
        drafts = [
            actions.Draft(
                f"{recipient.name}同志",
                recipient.region,
                context,
                recipient.worker,
                recipient.case,
            )
            for recipient, context in letters
        ]
        return actions.issue_many(kind=kind, issuer=self.issuer, drafts=drafts, by=by, on=on)

    def decide(
        self,
        kind: str,
        recipient: Recipient,
        *,
        matter: str,
        decision: str,
        grounds: str,
        clause: str,
        context: Mapping[str, Any],
        by: Any,
        on: date,
    ) -> Letter:
        """A decision against the person: about which matter, what, why, by which clause, and what can be done
        about it. Raises BadLetter.
        """
        return self.write(
            kind,
            recipient,
            {**context, "matter": matter, "decision": decision},
            by=by,
            on=on,
            grounds=grounds.strip(),
            clause=clause,
            remedy=self.remedy.text(on),
        )

    def ask_to_complete(
        self,
        kind: str,
        recipient: Recipient,
        missing: Sequence[str],
        *,
        until: date,
        context: Mapping[str, Any],
        by: Any,
        on: date,
    ) -> Letter:
        """Say once and in full what is missing, and until when it can be brought. Raises BadLetter, also when
        nothing is named.
        """
        items = [item.strip() for item in missing if item.strip()]
        return self.write(
            kind,
            recipient,
            # A letter without its items is refused.
            {**context, "missing": items or None, "until": date_cn(until)},
            by=by,
            on=on,
        )
