"""Money over the API, to be read: lines with what is on them, spending against budget, a month's statement."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.doors import ForStaff
from portal.api.errors import BadField
from portal.api.pagination import ByCursor
from portal.api.queries import Query
from portal.api.views import RegionCode, read_query_of
from portal.funds.models import Fund, Line, LineClosing, Use
from portal.funds.money import yuan
from portal.funds.months import Month
from portal.funds.spending import By, spending_of
from portal.funds.statement import BUCKETS, statement_of
from portal.pages.filters import in_region
from portal.regions.models import Region

SEES = "funds.view"
SUM: dict[str, Any] = {"max_digits": 16, "decimal_places": 2}


def require_known(asked: dict[str, Any]) -> None:
    """Refuse a fund or a region that is none."""
    if (code := asked.get("fund")) and not Fund.objects.filter(pk=code).exists():
        raise BadField("fund", f"没有代码为“{code}”的资金。", list(Fund.objects.values_list("pk", flat=True)))
    if (code := asked.get("region")) and not Region.objects.filter(pk=code).exists():
        raise BadField("region", f"没有代码为“{code}”的行政区划。", "见 /api/regions/")


class LineQuery(Query):
    """Which lines."""

    fund = serializers.CharField(max_length=40, required=False, help_text="资金的代码")
    year = serializers.IntegerField(min_value=2000, max_value=2100, required=False)
    region = RegionCode(required=False, help_text="旗县或盟市区划代码")
    use = serializers.ChoiceField(Use.choices, required=False)


def lines_of(user: Any, asked: dict[str, Any]) -> QuerySet[Line]:
    """The lines of the user's places that are asked for."""
    require_known(asked)
    found: QuerySet[Line] = Line.objects.visible_to(user)
    for name in ("fund", "year", "use"):
        if name in asked:
            found = found.filter(**{name: asked[name]})
    if place := asked.get("region"):
        found = found.filter(in_region(place))
    return found.select_related("fund", "region", "document")


# -- lines ---------------------------------------------------------------------------------------------------
class FundBucketSerializer(serializers.Serializer):
    bucket = serializers.CharField(help_text="余额种类")
    amount = serializers.DecimalField(**SUM)


class FundLineSerializer(serializers.ModelSerializer):
    """A line, and what is on it."""

    fund = serializers.CharField(source="fund_id")
    region = serializers.CharField(source="region_id")
    name = serializers.CharField(source="__str__")
    document = serializers.CharField(source="document.number", help_text="依据文件的文号")
    closed = serializers.SerializerMethodField(help_text="是否已按决定关闭")
    balances = serializers.SerializerMethodField(help_text="各余额种类的金额（元），不含为零的")

    class Meta:
        model = Line
        fields = [
            "id",
            "name",
            "fund",
            "year",
            "region",
            "use",
            "document",
            "usable_from",
            "usable_until",
            "closed",
            "balances",
        ]

    def get_closed(self, line: Line) -> bool:
        return line.pk in self.context.get("closed", ())

    @extend_schema_field(FundBucketSerializer(many=True))
    def get_balances(self, line: Line) -> Any:
        kept = [one for one in line.balances.all() if one.amount]
        rows = [{"bucket": one.bucket, "amount": yuan(one.amount)} for one in kept]
        return FundBucketSerializer(rows, many=True).data


class Lines(ForStaff, generics.ListAPIView):
    """The lines of one's places, the last opened first."""

    permission = SEES
    serializer_class = FundLineSerializer
    pagination_class = ByCursor
    queryset = Line.objects.none()

    def get_queryset(self) -> QuerySet[Line]:
        return lines_of(self.request.user, read_query_of(self, LineQuery)).prefetch_related("balances")

    def paginate_queryset(self, queryset: QuerySet[Line]) -> list[Line] | None:
        page: list[Line] = super().paginate_queryset(queryset) or []
        shut = LineClosing.objects.visible_to(self.request.user).closed().filter(line__in=page)
        self.closed = set(shut.values_list("line_id", flat=True))
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "closed": getattr(self, "closed", ())}

    @extend_schema(operation_id="fund_lines", summary="资金科目和余额，新设立的在前", parameters=[LineQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


# -- spending ------------------------------------------------------------------------------------------------
class SpendingQuery(LineQuery):
    by = serializers.ChoiceField(By.choices, required=False, help_text="每行是什么，默认按资金")


class SpentSerializer(serializers.Serializer):
    """What was given, and what became of it, in yuan; of a month what changed in it, `rest` and `share` at its end."""

    key = serializers.CharField(allow_blank=True, help_text="资金代码、科目编号、盟市代码或者月份；合计为空")
    name = serializers.CharField()
    given = serializers.DecimalField(**SUM, help_text="下达")
    reserved = serializers.DecimalField(**SUM, help_text="已预留")
    approved = serializers.DecimalField(**SUM, help_text="已批准，含已支付")
    paid = serializers.DecimalField(**SUM, help_text="已支付")
    rest = serializers.DecimalField(**SUM, help_text="可用余额")
    share = serializers.DecimalField(
        max_digits=8, decimal_places=1, allow_null=True, help_text="支付占下达的百分比；没有下达的为 null"
    )


class SpendingSerializer(serializers.Serializer):
    rows = SpentSerializer(many=True)
    total = SpentSerializer()


class SpendingView(ForStaff):
    """What the lines of one's places were given, and what became of it."""

    permission = SEES

    @extend_schema(
        operation_id="fund_spending",
        summary="支出与预算：下达、预留、批准、支付和余额",
        parameters=[SpendingQuery],
        responses=SpendingSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = SpendingQuery.read(request)
        by = By(asked.pop("by", By.FUND))
        return Response(SpendingSerializer(spending_of(list(lines_of(request.user, asked)), by)).data)


# -- a month's statement -------------------------------------------------------------------------------------
class StatementQuery(Query):
    fund = serializers.CharField(max_length=40, help_text="资金的代码")
    month = serializers.RegexField(
        r"^20[0-9]{2}-(0[1-9]|1[0-2])\Z", required=False, help_text="月份，例如 2026-11；默认为本月"
    )
    region = RegionCode(required=False, help_text="旗县或盟市区划代码")


class StatementRowSerializer(serializers.Serializer):
    label = serializers.CharField(help_text="期初、各项变动或者期末")
    balances = serializers.SerializerMethodField(help_text="各余额种类的金额（元）")
    total = serializers.DecimalField(**SUM)

    @extend_schema_field(FundBucketSerializer(many=True))
    def get_balances(self, row: Any) -> Any:
        pairs = zip(BUCKETS, row.amounts, strict=True)
        return FundBucketSerializer(
            [{"bucket": bucket, "amount": amount} for bucket, amount in pairs], many=True
        ).data


class StatementPartSerializer(serializers.Serializer):
    line = serializers.SerializerMethodField(help_text="科目的 id；合计为 null")
    name = serializers.CharField()
    rows = StatementRowSerializer(many=True)

    def get_line(self, part: Any) -> int | None:
        return part.line.pk if part.line else None


class StatementSerializer(serializers.Serializer):
    month = serializers.CharField(source="month.code")
    made_at = serializers.DateTimeField()
    is_complete = serializers.BooleanField(help_text="本月是否已结束；没有结束的还会变动")
    total = StatementPartSerializer()
    parts = StatementPartSerializer(many=True, help_text="各科目")


class StatementView(ForStaff):
    """The statement of a fund for a month, told by the transfers."""

    permission = SEES

    @extend_schema(
        operation_id="fund_statement",
        summary="资金月报：各科目期初、各项变动和期末",
        parameters=[StatementQuery],
        responses=StatementSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = StatementQuery.read(request)
        code = asked.pop("month", None)
        month = Month.read(code) if code else Month.of(timezone.now())
        made = statement_of(list(lines_of(request.user, asked)), month)
        return Response(StatementSerializer(made).data)
