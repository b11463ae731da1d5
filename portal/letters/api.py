"""Verification of letters over the API, below /api/letters/."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, throttling
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.letters.verification import Verification, verify


class FactSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class ReplacementSerializer(serializers.Serializer):
    number = serializers.CharField(help_text="替代它的信函的发文字号")
    title = serializers.CharField()
    issued_on = serializers.DateField()


class StandingSerializer(serializers.Serializer):
    """What became since of that which the letter says."""

    title = serializers.CharField()
    text = serializers.CharField()


class VerificationSerializer(serializers.Serializer):
    """What a letter says, the addressee masked."""

    code = serializers.CharField(help_text="验证码，四位一组")
    number = serializers.CharField(help_text="发文字号")
    kind = serializers.CharField(help_text="种类")
    title = serializers.CharField()
    issuer = serializers.CharField(help_text="发文机关")
    issued_on = serializers.DateField(help_text="成文日期")
    addressee = serializers.CharField(help_text="主送，姓名已隐去一部分")
    facts = serializers.SerializerMethodField()
    is_sample = serializers.BooleanField(help_text="演示数据，不具有法律效力")
    holds = serializers.BooleanField(help_text="是否仍然有效")
    superseded_by = ReplacementSerializer(allow_null=True)
    standing = StandingSerializer(allow_null=True, help_text="所载资格此后的变化；没有变化为 null")
    sha256 = serializers.CharField(allow_blank=True, help_text="PDF 文件的 SHA-256；正在生成时为空")
    earlier_sha256 = serializers.ListField(
        child=serializers.CharField(), help_text="此前发出的同一信函文件的 SHA-256"
    )

    @extend_schema_field(FactSerializer(many=True))
    def get_facts(self, answer: Verification) -> list[dict[str, str]]:
        return [{"label": label, "value": value} for label, value in answer.facts]


class Verify(APIView):
    """Is this letter genuine, what does it say, does it still hold."""

    permission_classes = [AllowAny]
    throttle_classes = [throttling.AnonRateThrottle, throttling.UserRateThrottle]

    @extend_schema(
        operation_id="verify_letter",
        responses={200: VerificationSerializer, 404: OpenApiResponse(description="没有这个验证码")},
    )
    def get(self, request: Request, code: str) -> Response:
        answer = verify(code)
        if answer is None:
            raise NotFound("没有查到这封信函，请核对验证码。")
        return Response(VerificationSerializer(answer).data)


urlpatterns = [path("verify/<str:code>/", Verify.as_view(), name="letter_verify")]
