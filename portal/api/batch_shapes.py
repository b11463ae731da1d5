"""What the API shows of batches of payments."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.api.funds import SUM
from portal.funds import batches
from portal.funds.locking import Looked, Ready
from portal.funds.models import Batch, BatchState, BatchStep, Item, ItemState, PaymentFile, Step


class BatchSerializer(serializers.ModelSerializer):
    number = serializers.CharField(help_text="批次编号")
    fund = serializers.CharField(source="fund_id")
    channel = serializers.CharField(source="channel_id", help_text="支付渠道")
    region = serializers.CharField(source="region_id")
    state = serializers.ChoiceField(BatchState.choices)
    amount = serializers.DecimalField(source="sum", **SUM)
    made_by = serializers.CharField(source="made_by.display_name", help_text="拟定人")

    class Meta:
        model = Batch
        fields = [
            "id",
            "number",
            "fund",
            "channel",
            "region",
            "state",
            "round",
            "count",
            "amount",
            "made_by",
            "made_at",
            "shown_until",
        ]


class BatchStepSerializer(serializers.ModelSerializer):
    step = serializers.ChoiceField(Step.choices)
    by = serializers.CharField(source="by.display_name", help_text="办理人")
    note = serializers.CharField(allow_blank=True, help_text="说明")

    class Meta:
        model = BatchStep
        fields = ["step", "round", "by", "at", "note", "until"]


class PaymentFileSerializer(serializers.ModelSerializer):
    """A file for the bank; only those of the batch's present round pay."""

    amount = serializers.DecimalField(source="sum", **SUM)

    class Meta:
        model = PaymentFile
        fields = ["id", "name", "round", "part", "rows", "amount", "size", "sha256", "sm3"]


class OneBatchSerializer(BatchSerializer):
    """A batch as it stands, with what it takes to sign it."""

    seen = serializers.SerializerMethodField(help_text="签发时原样送回：批次内容已有变化的不签发")
    signatures_needed = serializers.SerializerMethodField(help_text="须签发的人数；没有适用额度的为 null")
    signed_by = serializers.SerializerMethodField(help_text="本轮已签发的人")
    steps = BatchStepSerializer(many=True, help_text="办理记录")
    files = PaymentFileSerializer(many=True, help_text="付款文件；不是本轮的已失效")

    class Meta(BatchSerializer.Meta):
        fields = [*BatchSerializer.Meta.fields, "seen", "signatures_needed", "signed_by", "steps", "files"]

    def get_seen(self, batch: Batch) -> str:
        return batches.standing(batch)

    def get_signatures_needed(self, batch: Batch) -> int | None:
        return batches.signatures_needed(batch)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_signed_by(self, batch: Batch) -> list[str]:
        return [str(step.by) for step in batches.signers(batch)]


class DueForBatchSerializer(serializers.Serializer):
    """What a batch would hold now."""

    count = serializers.IntegerField(help_text="笔数")
    amount = serializers.DecimalField(**SUM, help_text="金额（元）")
    digest = serializers.CharField(help_text="拟定时原样送回：已有变化的不拟定")


class PaymentSerializer(serializers.ModelSerializer):
    """A payment of a batch. Names are in the file for the bank alone."""

    case = serializers.CharField(source="payable.case.number", help_text="办件编号")
    payable = serializers.IntegerField(source="payable_id", help_text="付款的编号")
    amount = serializers.DecimalField(source="sum", **SUM)
    state = serializers.ChoiceField(ItemState.choices)
    account = serializers.SerializerMethodField(help_text="收款账号，只有末四位；锁定前为空")
    changed = serializers.SerializerMethodField(help_text="与批准或者上次付款时相比有变更的收款人信息")
    withdrawn_because = serializers.SerializerMethodField(help_text="撤出的原因；没有撤出的为空")

    class Meta:
        model = Item
        fields = [
            "position",
            "reference",
            "case",
            "payable",
            "amount",
            "state",
            "account",
            "changed",
            "withdrawn_because",
        ]

    def get_account(self, item: Item) -> str:
        payee = getattr(item, "payee", None)
        return payee.masked_account if payee else ""

    def get_changed(self, item: Item) -> str:
        payee = getattr(item, "payee", None)
        return payee.changed if payee else ""

    def get_withdrawn_because(self, item: Item) -> str:
        withdrawal = getattr(item, "withdrawal", None)
        return withdrawal.reason if withdrawal else ""


class LookedAtSerializer(serializers.Serializer):
    """A payment about which whoever locks has to know something, and what."""

    reference = serializers.CharField(help_text="业务编号")
    case = serializers.CharField(help_text="办件编号")
    why = serializers.CharField()


class PayeesSerializer(serializers.Serializer):
    """Who is paid by each item, asked afresh before it is locked. `seen` is sent back to lock just that."""

    seen = serializers.CharField(source="digest", help_text="锁定时原样送回：收款人信息已有变化的不锁定")
    ready = serializers.SerializerMethodField(help_text="可以支付的笔数")
    changed = serializers.SerializerMethodField(help_text="收款人信息有变更的")
    returned = serializers.SerializerMethodField(help_text="曾被银行退回，收款账户没有更换的")
    unready = serializers.SerializerMethodField(help_text="不能支付的，撤出后才能锁定其余的")

    def get_ready(self, looked: Looked) -> int:
        return len(looked.ready)

    @extend_schema_field(LookedAtSerializer(many=True))
    def get_changed(self, looked: Looked) -> list[dict[str, Any]]:
        return [_looked_at(one.item, f"{one.changed}有变更") for one in looked.changed]

    @extend_schema_field(LookedAtSerializer(many=True))
    def get_returned(self, looked: Looked) -> list[dict[str, Any]]:
        return [_looked_at(one.item, _returned(one)) for one in looked.unmended]

    @extend_schema_field(LookedAtSerializer(many=True))
    def get_unready(self, looked: Looked) -> list[dict[str, Any]]:
        return [_looked_at(item, why) for item, why in looked.unready]


def _returned(one: Ready) -> str:
    return f"付款{one.came_back.reference}已被退回" if one.came_back else ""


def _looked_at(item: Item, why: str) -> dict[str, Any]:
    return {"reference": item.reference, "case": item.payable.case.number, "why": why}
