"""What two people have claimed that one person may claim once."""

from __future__ import annotations

from collections.abc import Iterable

from portal.workforce.collisions import Collision, check_people
from portal.workforce.models import Worker
from subsidies.models import ClaimKey, KeyKind


def _keys(source: Worker, target: Worker) -> Iterable[Collision]:
    held = ClaimKey.objects.held().select_related("claim__case")
    theirs = {_same(key): key for key in held.filter(person=source)}
    for key in held.filter(person=target):
        other = theirs.get(_same(key))
        if other is not None and key.kind != KeyKind.PLACE:
            numbers = f"{other.claim.case.number}、{key.claim.case.number}"
            yield Collision(
                "两件补贴申请",
                f"两份档案都在申领{_words(key)}的补贴（{numbers}），只能享受一次，请核对后办理其中一件。",
            )


def _same(key: ClaimKey) -> tuple[object, ...]:
    return key.kind, key.certificate, key.occupation, key.level, key.fund, key.year, key.place


def _words(key: ClaimKey) -> str:
    if key.kind == KeyKind.CERTIFICATE:
        return "同一本证书"
    return f"同一职业（工种）同一等级（{key.occupation}{key.get_level_display()}）"


def register() -> None:
    """Say what would stand twice, whenever two people are to be merged."""
    check_people(_keys)
