"""What the tiny programme gives through the API: what was granted."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny

from portal.api.pagination import ByCursor
from tests.programmes.tiny.models import Allowance


class AllowanceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Allowance
        fields = ["tools"]


@extend_schema(operation_id="tiny")
class Granted(generics.ListAPIView):
    """What was granted."""

    permission_classes = [AllowAny]
    serializer_class = AllowanceSerializer
    pagination_class = ByCursor
    queryset = Allowance.objects.public()


urlpatterns = [path("", Granted.as_view(), name="tiny")]
