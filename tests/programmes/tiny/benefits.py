"""What the tiny programme decides about: an allowance, by facts of its own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.apps.registry import Apps
from django.db import models
from django.db.models import Q

from portal.policy.benefits import register_benefit
from portal.policy.facts import level, register_facts
from portal.policy.facts import whole as whole_number
from portal.policy.rules import Benefit, all_of, need
from portal.policy.sets import Relation
from portal.policy.subjects import SubjectKind, register_subject
from portal.policy.terms import Cite, whole

ALLOWANCE, TOOL = "allowance", "tiny.tool"


class ToolFacts(models.Model):
    tool = models.TextField("工具", null=True)
    tools_before = whole_number("本年度已补助件数", 0, 1000)
    skill_level = level("现有最高技能等级")

    class Meta:
        apps = Apps()
        app_label = "tiny"
        managed = False

    def __str__(self) -> str:
        return "facts"


FACTS = register_facts("tool", ToolFacts)
BENEFIT = Benefit(
    TOOL,
    "工具补助",
    Cite("内党办发〔2019〕6号", "九"),
    "may_apply",
    all_of(
        need("listed", Q(tool__in=["扳手", "焊枪"]), "工具在补助范围内", "可选扳手、焊枪。"),
        need(
            "left",
            Q(tools_before__lt=whole("training.skill-upgrade.claims-per-year")),
            "本年度补助未达上限",
            "下一年度再提出。",
        ),
    ),
    "补助一件工具",
    facts=FACTS,
)


def gather(numbers: Collection[int], on: date, verified: bool) -> Relation:
    """The facts of these allowances; how many were granted to the same person before is counted here."""
    listed = ",".join(str(int(number)) for number in numbers)
    return Relation(
        "SELECT a.id AS allowance_id, a.tools AS tool, NULL::smallint AS skill_level,"
        " (SELECT count(*)::int FROM tiny_allowance b JOIN cases_case d ON d.id = b.case_id"
        "  WHERE d.worker_id = c.worker_id AND d.state = 'granted' AND b.id <> a.id) AS tools_before"
        " FROM tiny_allowance a JOIN cases_case c ON c.id = a.case_id"
        f" WHERE a.id = ANY('{{{listed}}}'::bigint[])",  # noqa: S608  whole numbers
        key="allowance_id",
    )


def register() -> None:
    register_benefit(BENEFIT)
    register_subject(SubjectKind(ALLOWANCE, "工具补助", FACTS, gather))
