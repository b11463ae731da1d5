"""What anybody who holds a letter may learn about it: is it genuine, what does it say, does it still hold.

Nothing beyond the paper: the addressee masked, the facts a kind declares public, the digests of its files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.formats import mask_name
from portal.letters import kinds
from portal.letters.kinds import Kind, Standing
from portal.letters.models import FileState, Letter, read_code


@dataclass(frozen=True)
class Replacement:
    """The letter that took the place of another."""

    number: str
    title: str
    issued_on: date


@dataclass(frozen=True)
class Verification:
    """The answer to a verification code."""

    code: str
    number: str
    kind: str
    title: str
    issuer: str
    issued_on: date
    addressee: str
    facts: tuple[tuple[str, str], ...]
    is_sample: bool
    superseded_by: Replacement | None
    # What became since of that which it says.
    standing: Standing | None
    sha256: str
    earlier_sha256: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.superseded_by is None


# How the names of offices and employers end. A short name is a person's, whatever its last character.
_OFFICES = tuple("厅局委办会部院校所站馆社厂") + ("中心", "公司", "集团", "政府", "银行", "工作室", "基地")


# How a letter addresses a person; it belongs to nobody's name.
_ADDRESS = "同志"


def _masked_addressee(letter: Letter) -> str:
    is_office = not letter.worker_id and len(letter.addressee) > 4 and letter.addressee.endswith(_OFFICES)
    if is_office:
        return letter.addressee
    name = letter.addressee.removesuffix(_ADDRESS)
    return mask_name(name) + letter.addressee[len(name) :]


def _public_facts(kind: Kind, letter: Letter) -> tuple[tuple[str, str], ...]:
    """(label, value) of what the kind declares public and the letter says."""
    facts = [(label, letter.says.get(key)) for key, label in kind.public]
    return tuple((label, str(value)) for label, value in facts if value not in (None, ""))


def _standing(kind: Kind, letter: Letter) -> Standing | None:
    return kind.standing(letter) if kind.standing else None


def _replacement(letter: Letter) -> Replacement | None:
    newer = letter.superseded_by
    if newer is None:
        return None
    return Replacement(newer.number_text, newer.title, newer.issued_on)


def verify(text: str) -> Verification | None:
    """The letter behind a code as somebody typed it, or None when there is none."""
    code = read_code(text)
    letter = Letter.objects.public(code).select_related("superseded_by", "file").first() if code else None
    if letter is None:
        return None
    kind = kinds.get(letter.kind, letter.template_version)
    is_built = letter.file.state == FileState.BUILT
    return Verification(
        code=letter.printed_code,
        number=letter.number_text,
        kind=kind.label,
        title=letter.title,
        issuer=letter.issuer_name,
        issued_on=letter.issued_on,
        addressee=_masked_addressee(letter),
        facts=_public_facts(kind, letter),
        is_sample=letter.is_sample,
        superseded_by=_replacement(letter),
        standing=_standing(kind, letter),
        sha256=letter.file.sha256 if is_built else "",
        earlier_sha256=tuple(letter.file.earlier_sha256),
    )
