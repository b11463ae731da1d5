"""What the API shows of money that is to come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.api.funds import SUM
from portal.funds.asked_back import PARTS, AskedBack, Plan, plan_of, told_of_each
from portal.funds.models import (
    CourtDocument,
    CourtHandover,
    CourtPaper,
    Recovery,
    RecoveryCause,
    RecoveryHearing,
    RecoveryShare,
    RecoveryState,
    Reminder,
    ShareKind,
    Way,
)
from portal.funds.money import yuan
from portal.funds.splitting import split_of

_BESIDE = (
    *PARTS,
    "shares__settled__split_as_off__rest",
    "payable__case",
    "payable__line",
    "made_by",
    "decided_by",
    "hearing",
    "handover__documents",
    "reminders",
    "write_offs",
)


@dataclass(frozen=True)
class Standing:
    """A recovery, how it stands, and the plan that counts."""

    recovery: Recovery
    told: AskedBack
    plan: Plan


def told(recoveries: Sequence[Recovery]) -> list[Standing]:
    """How each stands; what belongs to them is read at once."""
    prefetch_related_objects(list(recoveries), *_BESIDE)
    return [Standing(one.recovery, one, plan_of(one.recovery)) for one in told_of_each(recoveries)]


class InstalmentSerializer(serializers.Serializer):
    position = serializers.IntegerField(help_text="期次")
    due_on = serializers.DateField(help_text="退回期限")
    amount = serializers.DecimalField(source="sum", **SUM)


class DueSerializer(serializers.Serializer):
    on = serializers.DateField(help_text="退回期限")
    until = serializers.DateField(help_text="期限在休息日的，顺延到的日期")
    amount = serializers.SerializerMethodField(help_text="该期尚未退还的金额（元）")
    is_late = serializers.BooleanField(help_text="是否逾期")

    def get_amount(self, due: Any) -> str:
        return f"{yuan(due.amount):.2f}"


class HearingSerializer(serializers.ModelSerializer):
    class Meta:
        model = RecoveryHearing
        fields = ["told_on", "heard", "heard_on", "said", "answer"]


class PaidSerializer(serializers.Serializer):
    """What of a benefit is paid although a part of it was set off."""

    payable = serializers.IntegerField(source="pk", help_text="付款的编号")
    amount = serializers.DecimalField(source="sum", **SUM)


class ShareSerializer(serializers.ModelSerializer):
    came_by = serializers.ChoiceField(ShareKind.choices, source="kind")
    amount = serializers.DecimalField(source="sum", **SUM)
    line = serializers.IntegerField(source="to_line_id", help_text="记入的科目")
    benefit = serializers.IntegerField(
        source="settled_id", allow_null=True, help_text="抵扣的付款的编号；不是抵扣的为 null"
    )
    paid = serializers.SerializerMethodField(help_text="部分抵扣的，其余照常支付的付款；其他的为 null")

    class Meta:
        model = RecoveryShare
        fields = ["came_by", "amount", "line", "to_treasury", "at", "benefit", "paid", "letter_number"]

    @extend_schema_field(PaidSerializer(allow_null=True))
    def get_paid(self, share: RecoveryShare) -> dict[str, Any] | None:
        split = split_of(share)
        return dict(PaidSerializer(split.rest).data) if split else None


class ReminderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Reminder
        fields = ["on", "pay_by", "letter_number"]


class CourtDocumentSerializer(serializers.ModelSerializer):
    """A scan of what the court wrote, or was asked with."""

    paper = serializers.ChoiceField(CourtPaper.choices, help_text="文书种类")

    class Meta:
        model = CourtDocument
        fields = ["id", "paper", "number", "issued_on", "file_name", "size", "digest", "uploaded_at"]


class CourtSerializer(serializers.ModelSerializer):
    documents = serializers.SerializerMethodField(help_text="法院文书的扫描件")

    class Meta:
        model = CourtHandover
        fields = ["reminder_served_on", "final_on", "on", "court", "document", "documents"]

    @extend_schema_field(CourtDocumentSerializer(many=True))
    def get_documents(self, handed: CourtHandover) -> Any:
        there = [one for one in handed.documents.all() if one.removed_at is None]
        return CourtDocumentSerializer(there, many=True).data


class ProposedSerializer(serializers.Serializer):
    """What one proposed and another decides."""

    id = serializers.IntegerField()
    amount = serializers.DecimalField(source="sum", **SUM)
    clause = serializers.CharField(help_text="依据")
    made_at = serializers.DateTimeField(help_text="拟办时间")
    decided_at = serializers.DateTimeField(allow_null=True, help_text="决定时间")
    dropped_at = serializers.DateTimeField(allow_null=True, help_text="放弃时间")


class WriteOffSerializer(ProposedSerializer):
    grounds = serializers.CharField(help_text="事实和理由")
    document = serializers.CharField(help_text="决定文号")


class PlanChangeSerializer(ProposedSerializer):
    reason = serializers.CharField(help_text="变更理由")
    letter_number = serializers.CharField(allow_blank=True, help_text="决定书文号")
    plan = InstalmentSerializer(source="instalments", many=True)


class RecoverySerializer(serializers.Serializer):
    """A recovery as it stands."""

    id = serializers.IntegerField(source="recovery.pk")
    number = serializers.CharField(source="recovery.number", help_text="追回编号，汇款附言写明")
    case = serializers.CharField(source="recovery.payable.case.number", help_text="办件编号")
    payable = serializers.IntegerField(source="recovery.payable_id", help_text="原付款的编号")
    fund = serializers.CharField(source="recovery.payable.line.fund_id")
    line = serializers.IntegerField(source="recovery.payable.line_id", help_text="原付款的科目")
    region = serializers.CharField(source="recovery.region_id")
    state = serializers.ChoiceField(RecoveryState.choices, source="recovery.state")
    amount = serializers.DecimalField(source="recovery.sum", **SUM)
    come = serializers.DecimalField(source="told.come_sum", help_text="已退还（元）", **SUM)
    written_off = serializers.SerializerMethodField(help_text="已核销（元）")
    rest = serializers.DecimalField(source="told.rest_sum", help_text="决定后尚未追回的（元）", **SUM)
    cause = serializers.ChoiceField(RecoveryCause.choices, source="recovery.cause")
    grounds = serializers.CharField(source="recovery.grounds", help_text="事实和理由")
    clause = serializers.CharField(source="recovery.clause", help_text="依据")
    way = serializers.ChoiceField(Way.choices, source="recovery.way")
    pay_to = serializers.CharField(source="recovery.pay_to", allow_blank=True, help_text="退回账户")
    made_by = serializers.CharField(source="recovery.made_by.display_name", help_text="拟办人")
    made_at = serializers.DateTimeField(source="recovery.made_at")
    decided_by = serializers.SerializerMethodField(help_text="决定人；没有决定的为 null")
    decided_on = serializers.DateField(source="recovery.decided_on", allow_null=True)
    letter_number = serializers.CharField(
        source="recovery.letter_number", allow_blank=True, help_text="决定书文号"
    )
    plan = InstalmentSerializer(source="plan.instalments", many=True, help_text="现在执行的各期")
    due = DueSerializer(source="told.due", allow_null=True, help_text="下一期")
    hearing = serializers.SerializerMethodField()
    shares = ShareSerializer(source="recovery.shares", many=True, help_text="已记入的款项")
    reminders = ReminderSerializer(source="recovery.reminders", many=True, help_text="催告")
    court = serializers.SerializerMethodField()
    write_offs = WriteOffSerializer(source="recovery.write_offs", many=True, help_text="核销")
    plan_changes = PlanChangeSerializer(source="recovery.plan_changes", many=True, help_text="退回期限的变更")

    def get_written_off(self, standing: Standing) -> str:
        return f"{yuan(standing.told.off):.2f}"

    def get_decided_by(self, standing: Standing) -> str | None:
        by = standing.recovery.decided_by
        return str(by) if by else None

    @extend_schema_field(HearingSerializer(allow_null=True))
    def get_hearing(self, standing: Standing) -> dict[str, Any] | None:
        hearing = getattr(standing.recovery, "hearing", None)
        return dict(HearingSerializer(hearing).data) if hearing else None

    @extend_schema_field(CourtSerializer(allow_null=True))
    def get_court(self, standing: Standing) -> dict[str, Any] | None:
        handed = getattr(standing.recovery, "handover", None)
        return dict(CourtSerializer(handed).data) if handed else None
