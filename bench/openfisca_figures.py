"""The portal's own list of dated figures in OpenFisca's form, so that no figure is written a second time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from openfisca_core.parameters import ParameterNode

from portal.policy.reference import read

# Those that a rule of bench/openfisca_rules.py reads.
_READ = ("training.skill", "award.", "leave.", "reg")


def _figures() -> dict[str, dict[str, Any]]:
    figures = {}
    for row in read("parameters.yaml"):
        if row["code"].startswith(_READ):
            figures[row["code"]] = row
    return figures


def _inclusion_honours(on: dt.date) -> frozenset[str]:
    codes: list[str] = []
    for value in _figures()["registry.inclusion-honours"].get("values", []):
        if value["since"] <= on:
            codes = value["value"]
    return frozenset(codes)


HONOURS = _inclusion_honours(dt.date.max)

Pick = Callable[[Any], Any]


def _dated(values: list[dict[str, Any]], pick: Pick) -> dict[str, Any]:
    """OpenFisca's form of values: from each day on; from the day after an end the value it gives way to, else
    nothing.
    """
    dated: dict[str, Any] = {}
    for value in values:
        since = value["since"].isoformat()
        dated[since] = {"value": pick(value["value"])}
        if value.get("until"):
            day_after = value["until"] + dt.timedelta(days=1)
            base = [other for other in values if other["since"] == value.get("gives_way_to")]
            dated.setdefault(day_after.isoformat(), {"value": pick(base[0]["value"]) if base else None})
    return {"values": dated}


def _branch(values: list[dict[str, Any]], example: Any, pick: Pick) -> dict[str, Any]:
    """A number, or a table of them with a branch for each code."""
    if not isinstance(example, dict):
        return _dated(values, lambda value: float(pick(value)))
    branch = {}
    for code, part in example.items():
        branch[f"of_{code}"] = _branch(values, part, _cell(pick, code))
    return branch


def _cell(pick: Pick, code: str) -> Pick:
    return lambda value: pick(value)[code]


def _scale(values: list[dict[str, Any]]) -> dict[str, Any]:
    """Steps as a scale of OpenFisca."""
    newest = values[-1]["value"]
    brackets = [_bracket(values, step) for step in range(len(newest))]
    return {"metadata": {"type": "single_amount"}, "brackets": brackets}


def _bracket(values: list[dict[str, Any]], step: int) -> dict[str, Any]:
    return {
        "threshold": _dated(values, lambda value: value[step][0])["values"],
        "amount": _dated(values, lambda value: value[step][1])["values"],
    }


def parameters() -> ParameterNode:
    """The figures as a tree; steps become scales.

    `training.skill-upgrade.ceiling` becomes `training.skill_upgrade.ceiling.of_junior` and so on.
    """
    tree: dict[str, Any] = {}
    for code, row in _figures().items():
        values = row.get("values")
        if not values or row["kind"] == "codes":
            continue
        *path, name = code.replace("-", "_").split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        if row["kind"] == "steps":
            node[name] = _scale(values)
        else:
            newest = values[-1]["value"]
            node[name] = _branch(values, newest, lambda value: value)
    return ParameterNode("", data=tree)
