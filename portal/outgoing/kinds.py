"""The kinds of messages. What a message says is put together from the number of the case and its stage, and from nothing
else: who reads along on a telephone learns no name and no matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

RECEIPT, CORRECTION, DECISION = "receipt", "correction", "decision"
_MAY_SAY = {"number", "stage"}


class UnknownKind(LookupError):
    """No such kind is registered."""


@dataclass(frozen=True)
class Kind:
    """A kind of message; `says` takes {number} and {stage} of the case."""

    code: str
    label: str
    says: str

    def text(self, *, number: str, stage: str) -> str:
        return self.says.format(number=number, stage=stage)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Adds a kind. ValueError when it says more than number and stage, or differs from one of that code."""
    named = {name for _, name, _, _ in Formatter().parse(kind.says) if name is not None}
    if named - _MAY_SAY:
        raise ValueError(f"a message of kind {kind.code} says number and stage only, not {named - _MAY_SAY}")
    if _kinds.setdefault(kind.code, kind) != kind:
        raise ValueError(f"{kind.code} is registered already and differs")
    return kind


def get(code: str) -> Kind:
    """The kind of this code. Raises UnknownKind."""
    try:
        return _kinds[code]
    except KeyError as error:
        raise UnknownKind(code) from error


def labels() -> dict[str, str]:
    """Code and label of every kind."""
    return {code: kind.label for code, kind in sorted(_kinds.items())}


def register_all() -> None:
    """The kinds that every programme may use."""
    where = "请登录匠惠通或者到服务窗口查看。"
    register(Kind(RECEIPT, "受理消息", f"您的办件{{number}}已受理，当前阶段：{{stage}}。办理进度{where}"))
    register(
        Kind(CORRECTION, "补正消息", f"您的办件{{number}}需要补正，当前阶段：{{stage}}。补正内容{where}")
    )
    register(Kind(DECISION, "决定消息", f"您的办件{{number}}已有结果，当前阶段：{{stage}}。决定内容{where}"))
