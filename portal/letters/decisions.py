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
from portal.letters import actions, waiting
from portal.letters.models import Letter
from portal.letters.remedies import NoFigure, Remedies
from portal.workforce.models import Worker


@dataclass(frozen=True)
class Recipient:
    """To whom a letter goes, and about which case. `worker`, `case` and `region` are keys."""

    name: str
    region: str
    worker: int
    case: int

    @property
    def spoken_to(self) -> str:
        """As letters address the person."""
        return f"{self.name}同志"

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
            addressee=recipient.spoken_to,
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
                recipient.spoken_to,
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

    def decide_or_wait(
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
        replaces: Sequence[int] = (),
    ) -> Letter | None:
        """The same, taking the place of the letters with these numbers. None when a figure of the remedies has no value:
        then the letter waits for it (portal.letters.waiting). Raises BadLetter.
        """
        said = {"matter": matter, "decision": decision, **context}
        try:
            letter = self.decide(
                kind,
                recipient,
                matter=matter,
                decision=decision,
                grounds=grounds,
                clause=clause,
                context=context,
                by=by,
                on=on,
            )
        except NoFigure as lacking:
            waiting.keep(
                kind,
                issuer=self.issuer,
                place=lacking.place,
                addressee=recipient.spoken_to,
                region=recipient.region,
                worker=recipient.worker,
                case=recipient.case,
                context=said,
                grounds=grounds.strip(),
                clause=clause,
                replaces=replaces,
                by=by,
                on=on,
            )
            return None
        waiting.take_place(replaces, letter, by=by)
        return letter

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
