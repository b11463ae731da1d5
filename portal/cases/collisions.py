"""Two cases of one kind under way for people who are one."""

from __future__ import annotations

from collections.abc import Iterable

from portal.cases.models import Case
from portal.workforce.collisions import Collision, check_people
from portal.workforce.models import Worker


def _cases(source: Worker, target: Worker) -> Iterable[Collision]:
    under_way = Case.objects.filter(worker__in=(source.pk, target.pk), closed_at__isnull=True)
    theirs: dict[str, list[Case]] = {}
    for case in under_way.order_by("pk"):
        theirs.setdefault(case.kind, []).append(case)
    for cases in theirs.values():
        if {case.worker_id for case in cases} == {source.pk, target.pk}:
            numbers = "、".join(case.number for case in cases)
            yield Collision(
                "两件同类办件",
                f"两份档案都有正在办理的“{cases[0].kind_label}”（{numbers}），请核对后办理其中一件。",
            )


def register() -> None:
    """Say what would stand twice, whenever two people are to be merged."""
    check_people(_cases)
