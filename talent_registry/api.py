"""The published registry over the API, below /api/registry/: the same rows as the page and its exports."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import generics, serializers

from portal.api.errors import BadField, error
from portal.api.pagination import ByCursor
from portal.api.public import PublicData
from portal.api.queries import COMMON, empty
from portal.api.serializers import LEVEL_NAMES, LEVELS
from talent_registry.models import Basis, RegistryEntry, Status
from talent_registry.search import FILTERS, FIRST_YEAR, NAME_AT_MOST, OCCUPATION_AT_MOST, filtered

_YEAR = {"type": "integer", "minimum": FIRST_YEAR, "maximum": 9999}


def _text_of(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": "^[^\\u0000]*$"}


# What each filter is, and what may be asked with it.
_DESCRIBED: dict[str, tuple[str, dict[str, Any]]] = {
    "year": ("年度，四位数字", _YEAR),
    "league": ("盟市区划代码", {"type": "string", "format": "league-code"}),
    "occupation": (
        "职业（工种）名称；没有这个名称时，名称中含有它的",
        _text_of(OCCUPATION_AT_MOST),
    ),
    "basis": (
        "依据类别：honour、special_allowance、scarce_talent 或 selection",
        {"type": "string", "enum": list(Basis.values)},
    ),
    "honour": ("荣誉代码", {"type": "string", "format": "honour-code"}),
    "selection_year": ("遴选年度，四位数字", _YEAR),
    "name": ("姓名中的一个或几个字", _text_of(NAME_AT_MOST)),
    "status": (
        "active 或 suspended",
        {"type": "string", "enum": [str(Status.ACTIVE), str(Status.SUSPENDED)]},
    ),
}


class EntrySerializer(serializers.ModelSerializer):
    """An entry as it is published: masked, with its clause and what it rests on: an honour, or the selection
    of a year.
    """

    id_shown = serializers.CharField(help_text="已遮盖，不含出生日期")
    league = serializers.CharField(source="league_code")
    honour = serializers.CharField(
        source="honour_type_id", allow_null=True, help_text="依据年度遴选纳入的为空"
    )
    selection_year = serializers.IntegerField(
        source="selection.year", allow_null=True, default=None, help_text="依据荣誉纳入的为空"
    )
    employer = serializers.CharField(source="employer_name")
    clause = serializers.SerializerMethodField()
    skill_level = serializers.CharField(source="get_skill_level_display", help_text="技能等级名称")
    skill_level_code = serializers.SerializerMethodField(help_text="技能等级代码，与其他接口一致；未登记为空")

    class Meta:
        model = RegistryEntry
        fields = [
            "number",
            "year",
            "included_on",
            "name",
            "id_shown",
            "league",
            "employer",
            "occupation",
            "skill_level",
            "skill_level_code",
            "basis",
            "honour",
            "honour_name",
            "honour_year",
            "honour_document",
            "selection_year",
            "clause",
            "days_from_honour",
            "status",
            "status_since",
        ]

    @extend_schema_field(serializers.ChoiceField(list(LEVELS), allow_null=True))
    def get_skill_level_code(self, entry: RegistryEntry) -> str | None:
        return LEVEL_NAMES.get(entry.skill_level)

    def get_clause(self, entry: RegistryEntry) -> dict[str, str]:
        return {"document": entry.policy_number, "number": entry.clause}


@extend_schema_view(
    get=extend_schema(
        operation_id="registry",
        summary="已公布的高技能领军人才名录，新纳入的在前",
        parameters=[
            OpenApiParameter(name, schema, description=said, required=False)
            for name, (said, schema) in _DESCRIBED.items()
        ],
    )
)
class Entries(PublicData, generics.ListAPIView):
    """The registry of leading talents as published, the last entered first."""

    serializer_class = EntrySerializer
    pagination_class = ByCursor
    queryset = RegistryEntry.objects.none()

    def get_queryset(self) -> QuerySet[RegistryEntry]:
        if getattr(self, "swagger_fake_view", False):
            return RegistryEntry.objects.none()
        asked = self.request.query_params
        unknown = [
            error(name, f"没有名为“{name}”的查询参数。", sorted({*FILTERS, *COMMON}))
            for name in asked
            if name not in FILTERS and name not in COMMON
        ]
        entries, wrong = filtered(RegistryEntry.objects.public().for_list(), asked)
        without_value = [error(name, "值不能为空；不需要的参数请不要写。") for name in empty(self.request)]
        if errors := unknown + without_value + [error(**one) for one in wrong]:
            refused = BadField(errors[0]["field"], errors[0]["problem"])
            refused.errors = errors
            raise refused
        return entries


@extend_schema_view(get=extend_schema(operation_id="registry_entry", summary="名录中的一条"))
class OneEntry(PublicData, generics.RetrieveAPIView):
    """One published entry by its number."""

    serializer_class = EntrySerializer
    lookup_field = "number"
    queryset = RegistryEntry.objects.none()

    def get_queryset(self) -> QuerySet[RegistryEntry]:
        return RegistryEntry.objects.public().for_list()


urlpatterns = [
    path("", Entries.as_view(), name="registry"),
    path("<str:number>/", OneEntry.as_view(), name="registry_entry"),
]
