"""Load the shelf, the figures and the rule versions that ship with the release. Run as the owner; repeatable.

What is only said (titles, summaries, labels) follows the files. A figure once loaded is never changed: a
figure in the file that the database does not hold is added beside the others, confirmed at the moment of
loading.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from portal.policy.benefits import CATALOGUE, further_benefits
from portal.policy.models import (
    Clause,
    ClauseDepartment,
    Department,
    OpenQuestion,
    Parameter,
    ParameterValue,
    PolicyDocument,
    RuleVersion,
)
from portal.policy.rules import Benefit, definition, digest_of, wording
from portal.policy.values import canonical_value

_DATA = Path(__file__).parent / "data"


class RuleVersionChanged(Exception):
    """The catalogue holds another rule under a version already recorded: a changed one takes a new number."""


def read(name: str) -> Any:
    return yaml.safe_load((_DATA / name).read_text(encoding="utf-8"))


@transaction.atomic
def load_policy() -> None:
    """Everything below, in order."""
    load_documents()
    clauses = load_clauses()
    load_parameters(clauses)
    load_open_questions(clauses)
    record_rule_versions()


def load_documents() -> None:
    for row in read("documents.yaml"):
        number = row.pop("number")
        blank = {"title": "", "issued_on": None, "effective_on": None, "note": ""}
        PolicyDocument.objects.update_or_create(number=number, defaults={**blank, **row})


def load_clauses() -> dict[str, Clause]:
    """The clauses by number."""
    shelf = read("clauses.yaml")
    document = PolicyDocument.objects.get(number=shelf["document"])
    rows = [(chapter["title"], row) for chapter in shelf["chapters"] for row in chapter["clauses"]]
    departments = _load_departments({name for _, row in rows for name in row["departments"]})
    clauses = {}
    for order, (chapter, row) in enumerate(rows, start=1):
        clause, _ = Clause.objects.update_or_create(
            document=document,
            number=row["number"],
            defaults={"chapter": chapter, "order": order, "title": row["title"], "summary": row["summary"]},
        )
        clause.shares.all().delete()
        ClauseDepartment.objects.bulk_create(
            ClauseDepartment(clause=clause, department=departments[name], order=place)
            for place, name in enumerate(row["departments"], start=1)
        )
        clauses[clause.number] = clause
    return clauses


def _load_departments(names: set[str]) -> dict[str, Department]:
    Department.objects.bulk_create([Department(name=name) for name in sorted(names)], ignore_conflicts=True)
    return {department.name: department for department in Department.objects.filter(name__in=names)}


def load_parameters(clauses: dict[str, Clause]) -> None:
    for row in read("parameters.yaml"):
        parameter, _ = Parameter.objects.update_or_create(
            code=row["code"],
            defaults={
                "label": row["label"],
                "kind": row["kind"],
                "unit": row.get("unit", ""),
                "description": row.get("description", ""),
                "clause": clauses[row["clause"]] if "clause" in row else None,
                "cells": row.get("cells", {}),
            },
        )
        held = {
            (value.since, value.document): value for value in parameter.values.filter(entered_by__isnull=True)
        }
        for shipped in row.get("values", []):
            figure = {**shipped, "value": canonical_value(row["kind"], shipped["value"])}
            if (figure["since"], figure["document"]) not in held:
                ParameterValue.objects.create(parameter=parameter, confirmed_at=timezone.now(), **figure)
            elif held[figure["since"], figure["document"]].value != figure["value"]:
                raise ValueError(
                    f"{parameter.code}: a released value was edited;"
                    " add one with a later date or another document"
                )


def load_open_questions(clauses: dict[str, Clause]) -> None:
    for row in read("open_questions.yaml"):
        OpenQuestion.objects.update_or_create(
            code=row["code"], defaults={**row, "clause": clauses[row["clause"]] if "clause" in row else None}
        )


def record_rule_versions(catalogue: tuple[Benefit, ...] | None = None) -> int:
    """Record the rules that are not recorded, of the catalogue or all; how many were. Raises `RuleVersionChanged`."""
    if catalogue is None:
        catalogue = (*CATALOGUE, *further_benefits())
    recorded = {(version.benefit, version.version): version.digest for version in RuleVersion.objects.all()}
    new = []
    for benefit in catalogue:
        data = definition(benefit)
        digest = digest_of(data)
        before = recorded.get((benefit.code, benefit.version))
        if before == digest:
            continue
        if before is not None:
            raise RuleVersionChanged(
                f"{benefit.code} version {benefit.version} is recorded with another definition;"
                f" give the new rule version {benefit.version + 1}"
            )
        new.append(
            RuleVersion(
                benefit=benefit.code,
                version=benefit.version,
                definition=data,
                wording=wording(benefit),
                digest=digest,
                since=benefit.since,
            )
        )
    RuleVersion.objects.bulk_create(new)
    return len(new)
