"""The portal's own list of dated figures in OpenFisca's form, so that no figure is written a second time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from openfisca_core.parameters import ParameterNode

from portal.policy.reference import read


def _figures() -> dict[str, dict[str, Any]]:
    return {
        row["code"]: row
        for row in read("parameters.yaml")
        if row["code"].startswith(("training.skill", "award.", "leave.", "reg"))
    }


def _honours(on: dt.date) -> frozenset[str]:
    values = [
        value for value in _figures()["registry.inclusion-honours"].get("values", []) if value["since"] <= on
    ]
    return frozenset(values[-1]["value"]) if values else frozenset()


HONOURS = _honours(dt.date.max)


def _dated(values: list[dict[str, Any]], pick: Callable[[Any], Any]) -> dict[str, Any]:
    """OpenFisca's form of values: from each day on, and nothing from the day after an end."""
    dated: dict[str, Any] = {}
    for value in values:
        dated[value["since"].isoformat()] = {"value": pick(value["value"])}
        if value.get("until"):
            dated.setdefault((value["until"] + dt.timedelta(days=1)).isoformat(), {"value": None})
    return {"values": dated}


def _branch(values: list[dict[str, Any]], example: Any, pick: Callable[[Any], Any]) -> dict[str, Any]:
    def cell(key: str) -> Callable[[Any], Any]:
        return lambda value: pick(value)[key]

    if isinstance(example, dict):
        return {f"of_{key}": _branch(values, part, cell(key)) for key, part in example.items()}
    return _dated(values, lambda value: float(pick(value)))


def _bracket(values: list[dict[str, Any]], step: int) -> dict[str, Any]:
    return {
        "threshold": _dated(values, lambda value: value[step][0])["values"],
        "amount": _dated(values, lambda value: value[step][1])["values"],
    }


def parameters() -> ParameterNode:
    """`training.skill-upgrade.ceiling` becomes `training.skill_upgrade.ceiling.of_junior` and so on; steps
    become scales.
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
            brackets = [_bracket(values, step) for step in range(len(values[-1]["value"]))]
            node[name] = {"metadata": {"type": "single_amount"}, "brackets": brackets}
        else:
            node[name] = _branch(values, values[-1]["value"], lambda value: value)
    return ParameterNode("", data=tree)
