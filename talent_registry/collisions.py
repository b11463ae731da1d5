"""What would stand twice on the registry if two people are one."""

from __future__ import annotations

from collections.abc import Iterable

from portal.workforce.collisions import Collision, check_people
from portal.workforce.models import Worker
from talent_registry.models import Nomination, RegistryEntry


def _entries(source: Worker, target: Worker) -> Iterable[Collision]:
    entries = RegistryEntry.objects.public().filter(worker__in=(source.pk, target.pk)).order_by("pk")
    numbers = [entry.number for entry in entries]
    if len(numbers) > 1:
        yield Collision("两条名录", f"两份档案都在名录中（{'、'.join(numbers)}），请凭决定文件移出其中一条。")


def _nominations(source: Worker, target: Worker) -> Iterable[Collision]:
    theirs = Nomination.objects.filter(worker=target).valid()
    rounds = dict(theirs.values_list("round_id", "case__number"))
    for nomination in (
        Nomination.objects.filter(worker=source, round__in=rounds)
        .valid()
        .select_related("case", "round__case")
    ):
        yield Collision(
            "同一年度两件申报",
            f"两份档案都申报了{nomination.round.title}（{nomination.case.number}、{rounds[nomination.round_id]}），"
            "请撤回其中一件。",
        )


def register() -> None:
    """Say what would stand twice, whenever two people are to be merged."""
    for check in (_entries, _nominations):
        check_people(check)
