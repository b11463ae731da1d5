"""What may be done with one claim over the API: the steps of its page, by the same actions.

Each is an address below the claim's own, sent with what it needs, and answers with the claim as it stands then. A review
or a decision says what was read: the version of the case and the digest of what was determined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import Body, Choice, Named, Text, Whole
from portal.cases import notes
from portal.cases.reviews import AsRead, Recommendation
from subsidies import claiming, handling, signing
from subsidies.api.claims import IN_PATH, JSON, shown
from subsidies.api.shapes import ClaimSerializer
from subsidies.on_notice import announcing
from subsidies.views.claim_page import ClaimPage


class ReasonSerializer(Body):
    reason = Text(most=500, help_text="理由")


class NoteSerializer(Body):
    reason = Text(most=500, required=False, allow_blank=True, default="", help_text="说明")


class NoteTextSerializer(Body):
    text = Text(most=notes.AT_MOST, help_text="备注；请勿填写证件号码、银行账号")


class MissingSerializer(Body):
    missing = serializers.ListField(
        child=Text(most=200), min_length=1, max_length=20, help_text="一次性写明全部需要补正的内容，每项一条"
    )


class ReadSerializer(Body):
    """What was read: both stand in the claim."""

    version = Whole(min_value=1, max_value=2**31 - 1, help_text="claim.version")
    digest = Named("[0-9a-f]{64}", called="digest", help_text="determined.digest")


class RejectionSerializer(ReadSerializer):
    reason = Text(most=500, help_text="事实和理由，写入决定书")


class AnnulmentSerializer(RejectionSerializer):
    clause = Text(most=300, help_text="撤销所依据的条款")


class FindingSerializer(ReadSerializer):
    reason = Text(most=500, help_text="复核结论的理由，告知本人")


class ReviewSerializer(ReadSerializer):
    recommendation = Choice(Recommendation.choices, default=str(Recommendation.APPROVE), help_text="审核结论")
    note = Text(
        most=500, required=False, allow_blank=True, default="", help_text="审核意见；建议不予批准的须写明"
    )


@dataclass(frozen=True)
class Step:
    """One action: its word in the address, what it is for, what it takes, and what is done."""

    word: str
    summary: str
    takes: type[Body] | None
    act: Callable[..., Any]


def _read(given: dict[str, Any]) -> dict[str, Any]:
    """What was sent, with what was read of the claim as one."""
    read = AsRead(given.pop("version"), given.pop("digest"))
    return {**given, "as_read": read}


def _ask_reconsideration(case_id: int, *, reason: str, by: Any, on: date) -> Any:
    return signing.ask(case_id, grounds=reason, by=by, on=on)


def _turn_refusal(case_id: int, **given: Any) -> Any:
    return signing.turn(case_id, action="turn_refusal", **given)


def _note(case_id: int, *, text: str, by: Any, on: date) -> Any:
    return notes.note(case_id, text=text, by=by)


STEPS = (
    Step("submit", "提交申请", None, claiming.hand_in),
    Step("withdraw", "撤回申请", NoteSerializer, claiming.withdraw),
    Step("resubmit", "补正完成", NoteSerializer, claiming.resubmit),
    Step("accept", "受理", None, claiming.accept),
    Step("return-for-correction", "告知补正", MissingSerializer, claiming.return_for_correction),
    Step("refuse", "拟不予受理，交另一人会签", ReasonSerializer, claiming.refuse),
    Step("review", "审核", ReviewSerializer, handling.review),
    Step("review-again", "复核", ReviewSerializer, handling.review_again),
    Step("send-back", "退回审核", ReasonSerializer, handling.send_back),
    Step("announce", "公示", None, announcing.announce),
    Step("end-notice", "公示期满，转审批", None, announcing.end),
    Step("approve", "批准", ReadSerializer, handling.approve),
    Step("reject", "拟不予批准，交另一人会签", RejectionSerializer, handling.reject),
    Step("countersign", "会签：决定自此作出", ReadSerializer, signing.countersign),
    Step("decline", "不同意会签，退回重新办理", ReasonSerializer, signing.give_back),
    Step("annul", "拟撤销批准，交另一人会签", AnnulmentSerializer, signing.annul),
    Step("ask-reconsideration", "申请复核", ReasonSerializer, _ask_reconsideration),
    Step("withdraw-request", "撤回复核申请", NoteSerializer, signing.withdraw_request),
    Step("note", "记录备注，只供办理人员", NoteTextSerializer, _note),
    Step("uphold", "复核：维持原决定", FindingSerializer, signing.uphold),
    Step("turn", "复核：改变原决定，重新审批", FindingSerializer, signing.turn),
    Step("turn-refusal", "复核：改变原决定，重新受理", FindingSerializer, _turn_refusal),
)


class TakeStep(APIView):
    """Take one action on one claim."""

    parser_classes = JSON
    step: Step

    def take(self, request: Request, number: str) -> Response:
        page, step = ClaimPage.open(request, number), self.step
        given = step.takes.read(request) if step.takes else {}
        if step.takes is not None and issubclass(step.takes, ReadSerializer):
            given = _read(given)
        step.act(page.case.pk, **given, by=request.user, on=timezone.localdate())
        return Response(shown(request, number))


def _view_of(step: Step) -> Any:
    name = step.word.replace("-", "_")

    @extend_schema(
        operation_id=f"claim_{name}",
        summary=step.summary,
        parameters=[IN_PATH],
        request=step.takes,
        responses={200: ClaimSerializer, 409: None},
    )
    def post(self: TakeStep, request: Request, number: str) -> Response:
        return self.take(request, number)

    view: type[TakeStep] = type(f"Claim{name.title()}", (TakeStep,), {"step": step, "post": post})
    return view.as_view()


def addresses() -> list[URLPattern]:
    """An address for each step."""
    return [
        path(
            f"claims/<slug:number>/{step.word}/", _view_of(step), name=f"claim_{step.word.replace('-', '_')}"
        )
        for step in STEPS
    ]
