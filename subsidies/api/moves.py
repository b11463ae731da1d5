"""Many claims at once over the API: a job with a result for each, at /api/jobs/."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.access import require
from portal.api.bodies import Body, Choice, Named, Text, Whole
from portal.api.jobs import JobSerializer
from portal.api.views import RegionCode
from portal.cases.models import Channel
from portal.jobs import targets
from subsidies import jobs
from subsidies.api.claims import JSON, NUMBER, require_region
from subsidies.finding import DUE, FILTERS
from subsidies.models import Claim
from subsidies.schemes import SCHEMES

# Of so many a request names each; of more it names the filter.
MOST = 1_000


class SeenSerializer(Body):
    """A claim as it was seen."""

    number = Named(NUMBER, called="claim-number")
    version = Whole(min_value=1, max_value=2**31 - 1)


class MoveSerializer(Body):
    action = Choice(list(jobs.BULKS))
    claims = serializers.ListField(
        child=SeenSerializer(),
        min_length=1,
        max_length=MOST,
        help_text="各附读取时的版本，之后有变化的不予办理",
    )
    note = Text(most=500, required=False, allow_blank=True, default="", help_text="审核意见")

    def validate_claims(self, claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({one["number"] for one in claims}) < len(claims):
            raise serializers.ValidationError("同一办件出现了两次。")
        return claims


class FilterSerializer(Body):
    """Which claims: those of the action's state that all of these let through."""

    action = Choice(list(jobs.BULKS))
    kind = Choice(list(SCHEMES), required=False)
    region = RegionCode(required=False, help_text="旗县或盟市区划代码")
    channel = Choice(Channel.choices, required=False)
    due = Choice(DUE, required=False, help_text="三个工作日内到期，或者已超期")
    name = Text(most=20, required=False, help_text="姓名中的一个或几个字")


class MoveFoundSerializer(FilterSerializer):
    count = Whole(min_value=1, max_value=jobs.MOST_FOUND, help_text="核对过的件数")
    digest = Named(
        "[0-9a-f]{32}", called="found-digest", help_text="核对过的是哪些，见 /api/subsidies/found/"
    )
    note = Text(most=500, required=False, allow_blank=True, default="", help_text="审核意见")


class FoundSerializer(serializers.Serializer):
    """What would be moved: it goes back with the order to do so."""

    action = serializers.CharField()
    consequence = serializers.CharField()
    count = serializers.IntegerField()
    digest = serializers.CharField(help_text="是哪些、各在哪一版本；之后有变化的，不开始办理")


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    asked = {name: given[name] for name in FILTERS if name in given}
    require_region(asked.get("region"))
    return asked


class Found(APIView):
    """How many claims a filter finds, before anything is done with them."""

    parser_classes = JSON

    @extend_schema(
        operation_id="found_claims",
        summary="按条件可以批量办理的申请：多少件",
        request=FilterSerializer,
        responses={200: FoundSerializer, 404: None},
    )
    def post(self, request: Request) -> Response:
        given = FilterSerializer.read(request)
        found = jobs.look(given["action"], _asked(given), by=request.user)
        bulk = jobs.BULKS[given["action"]]
        shown = {"action": bulk.action, "consequence": bulk.consequence, **asdict(found)}
        return Response(FoundSerializer(shown).data)


class MovesFound(APIView):
    """Take an action on all claims that a filter finds, in the background."""

    parser_classes = JSON

    @extend_schema(
        operation_id="move_found_claims",
        summary="批量受理、审核或者批准符合条件的全部申请",
        request=MoveFoundSerializer,
        responses={202: JobSerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = MoveFoundSerializer.read(request)
        job = jobs.start_moving_found(
            given["action"],
            _asked(given),
            targets.Found(given["count"], given["digest"]),
            note=given["note"],
            by=request.user,
            on=timezone.localdate(),
        )
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class Moves(APIView):
    """Take an action on chosen claims, in the background."""

    parser_classes = JSON

    @extend_schema(
        operation_id="move_claims",
        summary="批量受理、审核或者批准所列的补贴申请",
        request=MoveSerializer,
        responses={202: JobSerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = MoveSerializer.read(request)
        bulk = jobs.BULKS[given["action"]]
        require(request.user, bulk.permission)
        wanted = {one["number"]: one["version"] for one in given["claims"]}
        seen = Claim.objects.visible_to(request.user).filter(case__number__in=wanted)
        found = dict(seen.values_list("case__number", "pk"))
        if len(found) < len(wanted):
            raise Http404
        job = jobs.start_moving(
            bulk.action,
            {found[number]: version for number, version in wanted.items()},
            note=given["note"],
            by=request.user,
            on=timezone.localdate(),
        )
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
