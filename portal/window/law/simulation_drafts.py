"""The draft of a simulation beside the law of its day, and beside its last computation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.entitlements.models import Simulation
from portal.policy.law import law_on
from portal.policy.models import Kind, Parameter, ParameterValue
from portal.window.law.figures import IS_LISTED, Change, compare_values

_SAME = "与现行相同"


@dataclass(frozen=True)
class Drafted:
    """A figure of a draft beside the one of the law: the parts that differ, as lines before and after."""

    parameter: Parameter
    before: Sequence[str]
    after: Sequence[str]


def _draft_of(parameter: Parameter, changes: Sequence[Change]) -> Drafted:
    if parameter.kind == Kind.CODES:
        return _draft_of_list(parameter, changes)
    differing = [change for change in changes if change.differs]
    if not differing:
        return Drafted(parameter, ["—"], [_SAME])
    return Drafted(
        parameter,
        [f"{change.part} {change.before}".strip() for change in differing],
        [f"{change.part} {change.after}".strip() for change in differing],
    )


def _draft_of_list(parameter: Parameter, changes: Sequence[Change]) -> Drafted:
    """A list is told by what comes and what goes."""
    before = [change.part for change in changes if change.before == IS_LISTED]
    after = [change.part for change in changes if change.after == IS_LISTED]
    removed = [part for part in before if part not in after]
    added = [part for part in after if part not in before]
    if not removed and not added:
        return Drafted(parameter, [f"列入{len(before)}项"], [_SAME])
    lines = []
    if removed:
        lines.append(f"不再列入：{'、'.join(removed)}")
    if added:
        lines.append(f"新列入：{'、'.join(added)}")
    return Drafted(parameter, [f"列入{len(before)}项"], [*lines, f"列入{len(after)}项"])


def drafted_figures(simulation: Simulation, names: Mapping[str, str]) -> list[Drafted]:
    """What the draft makes of the law of its day; of a computed one, of the law as it was read then."""
    law = law_on(simulation.on)
    figures = []
    for parameter in Parameter.objects.filter(code__in=simulation.draft).select_related("clause").in_order():
        # A computed one keeps the figures it read: later law changes nothing about what it said.
        if simulation.inputs:
            before = simulation.inputs["law"].get(parameter.code)
        else:
            before = law.value(parameter.code)
        held = None if before is None else ParameterValue(parameter=parameter, value=before)
        drafted = ParameterValue(parameter=parameter, value=simulation.draft[parameter.code])
        figures.append(_draft_of(parameter, compare_values(parameter, held, drafted, names)))
    return figures


# -- what it rests on ----------------------------------------------------------------------------------------
_INPUTS = {
    "people": "在册人数",
    "facts": "人员信息",
    "facts_on": "人员信息汇总日期",
    "law": "现行标准",
    "rules": "待遇规则",
    "policy_version": "政策版本",
}


@dataclass(frozen=True)
class Earlier:
    """The computation before of the same draft: whether it gave the same, or which inputs are others now."""

    simulation: Simulation
    same: bool
    differing: Sequence[str]


def earlier_computation(simulation: Simulation, visible: Any) -> Earlier | None:
    """The last one computed before this of the same draft and day, among those `visible` (a queryset)."""
    same_draft = visible.filter(pk__lt=simulation.pk, on=simulation.on, draft=simulation.draft)
    earlier = same_draft.exclude(digest="").defer("result").order_by("-pk").first()
    if earlier is None:
        return None
    differing = []
    for name, words in _INPUTS.items():
        if earlier.inputs.get(name) != simulation.inputs.get(name):
            differing.append(words)
    return Earlier(earlier, earlier.digest == simulation.digest, differing)
