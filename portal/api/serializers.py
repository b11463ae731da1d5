"""What the API shows of the shared ground. Personal data is masked here as on the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.policy.models import Clause, Parameter, ParameterValue
from portal.regions.models import Region, ServiceWindow
from portal.workforce.models import SkillLevel, Worker


class ServiceWindowSerializer(serializers.ModelSerializer):
    class Meta:
        model = ServiceWindow
        fields = ["name", "address", "hours", "phone", "materials", "handling_time", "is_sample"]


class RegionSerializer(serializers.ModelSerializer):
    parent = serializers.CharField(source="parent_id", allow_null=True)
    window = ServiceWindowSerializer(read_only=True)

    class Meta:
        model = Region
        fields = ["code", "name", "tier", "kind", "parent", "window"]


class ClauseSerializer(serializers.ModelSerializer):
    document = serializers.CharField(source="document.number")
    departments = serializers.SerializerMethodField(help_text="列第一位的为牵头单位")

    class Meta:
        model = Clause
        fields = ["document", "number", "title", "summary", "departments"]

    def get_departments(self, clause: Clause) -> list[str]:
        return [share.department.name for share in clause.responsible]  # type: ignore[attr-defined]


class ParameterValueSerializer(serializers.ModelSerializer):
    class Meta:
        model = ParameterValue
        fields = [
            "value",
            "since",
            "until",
            "gives_way_to",
            "document",
            "article",
            "caveat",
            "caveat_since",
        ]


class ParameterSerializer(serializers.ModelSerializer):
    value = serializers.SerializerMethodField(help_text="查询日的有效值；没有出处的参数没有值，为 null")

    class Meta:
        model = Parameter
        fields = ["code", "label", "unit", "value"]

    @extend_schema_field(ParameterValueSerializer(allow_null=True))
    def get_value(self, parameter: Parameter) -> dict[str, Any] | None:
        value = parameter.in_force
        return dict(ParameterValueSerializer(value).data) if value else None


LEVELS = {level.name.lower(): level.value for level in SkillLevel if level}
LEVEL_NAMES = {value: name for name, value in LEVELS.items()}


class WorkerSerializer(serializers.ModelSerializer):
    id_number = serializers.CharField(source="masked_id_number", help_text="出生日期以星号遮盖")
    region = serializers.CharField(source="work_region_id")
    employer = serializers.CharField(source="employer.name", default=None, allow_null=True)
    skill_level = serializers.SerializerMethodField()
    occupation_listed = serializers.SerializerMethodField(
        help_text="职业（工种）是否列入职业目录，仅供核对；没有登记职业或者没有载入目录时为 null"
    )

    class Meta:
        model = Worker
        fields = [
            "id",
            "name",
            "id_number",
            "region",
            "employer",
            "occupation",
            "occupation_listed",
            "skill_level",
            "source",
            "updated_at",
        ]

    @extend_schema_field(serializers.BooleanField(allow_null=True))
    def get_occupation_listed(self, worker: Worker) -> bool | None:
        catalogue = self.context.get("catalogue")
        return catalogue.lists(worker.occupation) if catalogue else None

    def get_skill_level(self, worker: Worker) -> str | None:
        return LEVEL_NAMES.get(worker.skill_level)
