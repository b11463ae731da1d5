"""Messages that left or should have left: of which case, with which stage, and whether they did. Nothing else is said."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from portal.api.pagination import ByCursor
from portal.api.queries import Query
from portal.api.views import read_query_of
from portal.outgoing.models import Message, MessageState


class MessageSerializer(serializers.ModelSerializer):
    case = serializers.CharField(source="case.number", help_text="办件编号")
    state = serializers.ChoiceField(MessageState.choices, help_text="是否送出")

    class Meta:
        model = Message
        fields = ["case", "kind", "stage", "state", "reason", "on", "sent_at"]


class MessageQuery(Query):
    case = serializers.CharField(max_length=24, required=False, help_text="办件编号")
    state = serializers.ChoiceField(MessageState.choices, required=False)


@extend_schema_view(
    get=extend_schema(
        operation_id="case_messages",
        summary="办件的消息：哪一阶段，是否送出；新的在前",
        parameters=[MessageQuery],
    )
)
class Messages(generics.ListAPIView):
    """Messages about cases that the caller may see."""

    serializer_class = MessageSerializer
    pagination_class = ByCursor
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        asked: dict[str, Any] = read_query_of(self, MessageQuery)
        seen = Message.objects.visible_to(self.request.user).select_related("case")
        if "case" in asked:
            seen = seen.filter(case__number=asked["case"])
        return seen.filter(state=asked["state"]) if "state" in asked else seen
