"""Long work over the API: how far one's own jobs are, and what came of each item."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from portal.api.pagination import ByCursor
from portal.api.queries import Query
from portal.api.views import read_query_of
from portal.jobs.items import items_of
from portal.jobs.models import Job, JobItem, JobState

_RESULTS = ("done", "refused")


class JobSerializer(serializers.ModelSerializer):
    state = serializers.ChoiceField(JobState.choices)
    total = serializers.IntegerField(help_text="共几项；尚不知道的为 0")
    done = serializers.IntegerField(help_text="已处理几项，含未通过的")
    refused = serializers.IntegerField(help_text="其中未通过几项")
    message = serializers.CharField(allow_blank=True, help_text="现在在做什么，或者为什么没有完成")

    class Meta:
        model = Job
        fields = [
            "id",
            "title",
            "state",
            "total",
            "done",
            "refused",
            "message",
            "created_at",
            "finished_at",
        ]


class ItemSerializer(serializers.ModelSerializer):
    """What came of one item; `key` is its number in the database, `what` says it in words."""

    what = serializers.SerializerMethodField(help_text="是哪一项；无权查看的为空")

    class Meta:
        model = JobItem
        fields = ["key", "what", "ok", "message"]

    def get_what(self, item: JobItem) -> str:
        return self.context.get("names", {}).get(item.key, ("", ""))[0]


def own_jobs(user: Any) -> QuerySet[Job]:
    """Results are personal data of others: they are for who started the job."""
    return Job.objects.visible_to(user).filter(by_id=user.pk)


@extend_schema_view(get=extend_schema(operation_id="job", summary="本人发起的一项后台任务：办到哪里"))
class OneJob(generics.RetrieveAPIView):
    serializer_class = JobSerializer
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return own_jobs(self.request.user)


class InOrder(ByCursor):
    ordering = "id"


class ItemQuery(Query):
    result = serializers.ChoiceField(_RESULTS, required=False, help_text="只看已办理的或者未办理的")


@extend_schema_view(
    get=extend_schema(
        operation_id="job_items", summary="一项后台任务中每一项的结果，先办理的在前", parameters=[ItemQuery]
    )
)
class JobItems(generics.ListAPIView):
    serializer_class = ItemSerializer
    queryset = JobItem.objects.none()

    pagination_class = InOrder

    def get_queryset(self) -> QuerySet[JobItem]:
        asked = read_query_of(self, ItemQuery)
        if getattr(self, "swagger_fake_view", False):
            return JobItem.objects.none()
        self.job = generics.get_object_or_404(own_jobs(self.request.user), pk=self.kwargs["pk"])
        items = self.job.items.all()
        return items.filter(ok=asked["result"] == "done") if "result" in asked else items

    def paginate_queryset(self, queryset: QuerySet[JobItem]) -> list[JobItem] | None:
        page: list[JobItem] = super().paginate_queryset(queryset) or []
        named = items_of(self.job.kind)
        keys = [item.key for item in page]
        self.names = named.names(self.job, self.request.user, keys) if named and keys else {}
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "names": getattr(self, "names", {})}
