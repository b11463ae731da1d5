"""The published registry over the API, below /api/registry/: the same rows as the page and its exports."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny

from portal.api.errors import BadField, error
from portal.api.pagination import ByCursor
from portal.api.queries import COMMON
from portal.api.serializers import LEVEL_NAMES, LEVELS
from talent_registry.models import RegistryEntry
from talent_registry.search import FILTERS, filtered

_SAID_OF = {
    "year": "年度，四位数字",
    "league": "盟市区划代码",
    "occupation": "职业（工种）名称；没有这个名称时，名称中含有它的",
    "basis": "依据类别：honour、special_allowance、scarce_talent 或 selection",
    "honour": "荣誉代码",
    "selection_year": "遴选年度，四位数字",
    "name": "姓名中的一个或几个字",
    "status": "active 或 suspended",
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
            OpenApiParameter(name, str, description=said, required=False) for name, said in _SAID_OF.items()
        ],
    )
)
class Entries(generics.ListAPIView):
    """The registry of leading talents as published, the last entered first."""

    permission_classes = [AllowAny]
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
        if errors := unknown + wrong:
            refused = BadField(errors[0]["field"], errors[0]["problem"])
            refused.errors = errors
            raise refused
        return entries


@extend_schema_view(get=extend_schema(operation_id="registry_entry", summary="名录中的一条"))
class OneEntry(generics.RetrieveAPIView):
    """One published entry by its number."""

    permission_classes = [AllowAny]
    serializer_class = EntrySerializer
    lookup_field = "number"
    queryset = RegistryEntry.objects.none()

    def get_queryset(self) -> QuerySet[RegistryEntry]:
        return RegistryEntry.objects.public().for_list()


urlpatterns = [
    path("", Entries.as_view(), name="registry"),
    path("<str:number>/", OneEntry.as_view(), name="registry_entry"),
]
