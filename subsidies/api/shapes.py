"""What programs are told of a claim: in a list, and in full as its page shows it to the same person."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from portal.address_codes import code_of
from portal.api.serializers import LEVEL_NAMES
from portal.cases.models import Channel, Evidence
from portal.funds.course import Stage
from portal.policy.models import Determination, Outcome
from portal.workforce.models import SkillCredential
from portal.workforce.subjects import CERTIFICATE
from subsidies.models import TRAINING, Claim, CompletedTraining
from subsidies.schemes import SCHEMES
from subsidies.workflow import ClaimState

# By which kind of code each is named in an address.
CODES = {CERTIFICATE: "credential", TRAINING: "training"}
Subject = SkillCredential | CompletedTraining
AMOUNT = {"max_digits": 12, "decimal_places": 2, "allow_null": True}


class SubjectSerializer(serializers.Serializer):
    """What a claim rests on: a certificate, or a completed training. `code` names it where a claim is begun."""

    about = serializers.SerializerMethodField(help_text="certificate 技能证书，training 培训结业")
    code = serializers.SerializerMethodField()
    number = serializers.CharField(allow_blank=True, help_text="证书编号；未登记为空")
    occupation = serializers.CharField()
    level = serializers.SerializerMethodField(help_text="技能等级代码，与其他接口一致；培训没有的为 null")
    day = serializers.SerializerMethodField(help_text="发证日期，或者结业日期")
    standing = serializers.SerializerMethodField(help_text="核验或者确认的情况")

    def get_about(self, subject: Subject) -> str:
        return TRAINING if isinstance(subject, CompletedTraining) else CERTIFICATE

    def get_code(self, subject: Subject) -> str:
        return code_of(CODES[self.get_about(subject)], subject.pk)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_level(self, subject: Subject) -> str | None:
        return LEVEL_NAMES.get(subject.level)

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_day(self, subject: Subject) -> Any:
        day = subject.completed_on if isinstance(subject, CompletedTraining) else subject.issued_on
        return day.isoformat() if day else None

    def get_standing(self, subject: Subject) -> str:
        return str(subject.state if isinstance(subject, CompletedTraining) else subject.verification)


class RowSerializer(serializers.Serializer):
    """A claim as a list has it. `version` goes back with whatever is done with it."""

    number = serializers.CharField(source="case.number", help_text="办件编号")
    version = serializers.IntegerField(source="case.version", help_text="办件的版本，每办理一步加一")
    kind = serializers.ChoiceField(list(SCHEMES), source="case.kind")
    state = serializers.ChoiceField(ClaimState.choices, source="case.state")
    name = serializers.CharField(source="worker.name")
    worker = serializers.IntegerField(source="worker_id")
    region = serializers.CharField(source="case.region_id")
    subject = SubjectSerializer()
    channel = serializers.ChoiceField(Channel.choices)
    prefilled = serializers.BooleanField(help_text="提交时是否免填写")
    fund = serializers.CharField(help_text="资金来源")
    handed_in_on = serializers.DateField(allow_null=True, help_text="首次提交日期，以这一天的政策为准")
    due_on = serializers.DateField(source="case.due_on", allow_null=True, help_text="办理期限")
    stopped_on = serializers.DateField(source="case.stopped_on", allow_null=True, help_text="何时起暂停计时")
    amount = serializers.DecimalField(**AMOUNT, help_text="批准金额")  # type: ignore[arg-type]
    money = serializers.SerializerMethodField(
        help_text="资金所处的阶段：waiting 待资金，reserved 已预留资金，committed 待支付，in_transit 支付中，paid 已支付，"
        "recoverable 待追回；没有的为 null"
    )
    href = serializers.SerializerMethodField(help_text="这件申请的地址")

    @extend_schema_field(serializers.ChoiceField(Stage.choices, allow_null=True))
    def get_money(self, claim: Claim) -> str | None:
        return claim.money_stage or None

    def get_href(self, claim: Claim) -> str:
        address: str = reverse(
            "api:claim", kwargs={"number": claim.case.number}, request=self.context.get("request")
        )
        return address


# -- in full -------------------------------------------------------------------------------------------------
class ConditionSerializer(serializers.Serializer):
    """A condition: whether it holds (null: not known), its clause, what it was decided on, what to do about it."""

    code = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True, help_text="符合、不符合；不能确定为 null")
    label = serializers.CharField()  # type: ignore[assignment]
    clause = serializers.CharField(allow_blank=True)
    observed = serializers.CharField(allow_blank=True, help_text="现有信息")
    source = serializers.CharField(allow_blank=True, help_text="从哪里得知，仅供办理人员")  # type: ignore[assignment]
    measure = serializers.CharField(allow_blank=True, help_text="需要多少、现有多少")
    remedy = serializers.CharField(allow_blank=True, help_text="怎么办")
    note = serializers.CharField(allow_blank=True)


class ShownFactSerializer(serializers.Serializer):
    """A line of what is shown, in words."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField(allow_blank=True)


class DeterminedSerializer(serializers.Serializer):
    """What the law says of it, and on what it rests."""

    outcome = serializers.ChoiceField(Outcome.choices)
    amount = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    on = serializers.DateField(help_text="基准日：以这一天的政策认定")
    digest = serializers.CharField(help_text="认定的摘要：信息、政策和结论相同的，摘要相同")
    rule = serializers.SerializerMethodField(help_text="规则和版本")

    def get_rule(self, determination: Determination) -> str:
        return f"{determination.benefit} {determination.rule_version.version}"


class EvidenceSerializer(serializers.ModelSerializer):
    """A file that was handed in. Opening it at `href` is audited."""

    uploaded_by = serializers.CharField(allow_null=True, help_text="提交人")
    href = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = [
            "label",
            "file_name",
            "content_type",
            "size",
            "digest",
            "uploaded_at",
            "uploaded_by",
            "href",
        ]

    def to_representation(self, evidence: Evidence) -> dict[str, Any]:
        shown = super().to_representation(evidence)
        shown["uploaded_by"] = str(evidence.uploaded_by) if evidence.uploaded_by else None
        return shown

    def get_href(self, evidence: Evidence) -> str:
        address: str = reverse("window:evidence", args=[evidence.pk], request=self.context.get("request"))
        return address


class EarlierSerializer(serializers.Serializer):
    """Something the person has drawn, or claims besides."""

    what = serializers.CharField()
    fund = serializers.CharField(allow_blank=True, help_text="资金来源")
    when = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class OpinionSerializer(serializers.Serializer):
    step = serializers.CharField(source="event.label")
    recommendation = serializers.CharField(help_text="approve 或 reject")
    text = serializers.CharField(allow_blank=True)
    by = serializers.CharField(source="event.by", allow_null=True)
    on = serializers.DateField(source="event.on")


class HappenedSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    title = serializers.CharField()
    by = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)


def _word_of(action: str) -> str:
    """By which word the address of a step ends: reviews and signatures that the case tells apart have one each."""
    for word in ("countersign", "decline"):
        if action.startswith(word):
            return word
    return "review" if action == "review_first" else action.replace("_", "-")


class OfferedSerializer(serializers.Serializer):
    action = serializers.SerializerMethodField(help_text="地址的最后一段")
    label = serializers.CharField()  # type: ignore[assignment]
    consequence = serializers.CharField(help_text="办理之后会怎样")

    def get_action(self, offered: Any) -> str:
        return _word_of(offered.action)


class NotOfferedSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    reason = serializers.CharField(help_text="为什么不能办理")


class SentSerializer(serializers.Serializer):
    """A message to the person: of which kind, with which stage, and whether it left."""

    kind = serializers.CharField()
    stage = serializers.CharField()
    state = serializers.CharField()
    on = serializers.DateField()


class MoneyStepSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    title = serializers.CharField()


class MoneySerializer(serializers.Serializer):
    """Where the money of an approved claim is, and the way it took so far."""

    stage = serializers.CharField(source="course.stage", allow_null=True)
    steps = MoneyStepSerializer(many=True)
    facts = ShownFactSerializer(many=True)


class ClaimSerializer(serializers.Serializer):
    """A claim in full, as its page shows it to whoever asks (subsidies.views.claim_page.ClaimPage): what is for the
    office alone is empty for others.
    """

    claim = RowSerializer()
    person = ShownFactSerializer(many=True)
    asked = ShownFactSerializer(many=True)
    determined = DeterminedSerializer(
        source="determination", allow_null=True, help_text="现在的认定；已审批的，为审批时的认定"
    )
    conditions = ConditionSerializer(many=True)
    sources = serializers.SerializerMethodField(help_text="信息来源，仅供办理人员")
    money = MoneySerializer(allow_null=True, help_text="批准之后资金到哪一步；批准之前为 null")
    changed = serializers.ListField(child=serializers.CharField(), help_text="与提交时相比的变化")
    missing = serializers.ListField(child=serializers.CharField(), help_text="尚缺的信息")
    correction = serializers.SerializerMethodField(help_text="需要补正的内容")
    evidence = EvidenceSerializer(many=True)
    duplicates = serializers.SerializerMethodField(help_text="需要核对的重复情况，仅供办理人员")
    earlier = EarlierSerializer(many=True, help_text="本人的其他补贴，各项资金")
    opinions = OpinionSerializer(many=True, help_text="审核意见，仅供办理人员")
    notes = HappenedSerializer(many=True, help_text="办理人员的备注，仅供办理人员")
    events = HappenedSerializer(many=True, help_text="办理经过，最近的在前")
    letters = serializers.SerializerMethodField(help_text="信函的发文字号，仅供办理人员")
    messages = serializers.SerializerMethodField()
    actions = OfferedSerializer(many=True, help_text="现在可以办理的")
    refused = NotOfferedSerializer(many=True, help_text="现在不能办理的和原因")

    @extend_schema_field(ShownFactSerializer(many=True))
    def get_sources(self, page: Any) -> Any:
        return ShownFactSerializer(page.sources if page.office else [], many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_correction(self, page: Any) -> list[str]:
        return list(page.correction.missing) if page.correction else []

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_duplicates(self, page: Any) -> list[str]:
        return page.look_alikes if page.office else []

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_letters(self, page: Any) -> list[str]:
        return [letter.number_text for letter in page.letters]

    @extend_schema_field(SentSerializer(many=True))
    def get_messages(self, page: Any) -> Any:
        return SentSerializer(page.messages, many=True).data
