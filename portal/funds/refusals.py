"""What the database says no to about payments, in the words of whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, transaction

from portal.accounts.access import NotNow

P = ParamSpec("P")
T = TypeVar("T")

WORDS = {
    "a_batch_goes_its_way": "批次已有新的办理，不能再办理这一步。请刷新页面。",
    "a_step_is_taken_once": "您已办理过这一步。请刷新页面。",
    "a_batch_pays_something": "批次中没有付款，不能办理；全部撤出后只能作废。",
    "a_channel_pays_what_it_serves": "该支付渠道不发放这项资金。",
    "a_payable_is_in_one_open_batch": "有付款已在另一批次中。请刷新后重新选择。",
    "an_item_is_what_its_batch_pays": "有付款已不处于“已批准待付”，或不属于本批次。请刷新后重新选择。",
    "every_item_has_its_payee": "有付款没有收款人，不能锁定。",
    "a_payee_of_a_payment_is_confirmed_by_another": "有收款账户的登记人和复核人是同一人，须由另一人复核。",
    "what_was_sent_is_not_withdrawn": "已发送或已撤出的付款不能撤出。请刷新页面。",
    "different_people_sign": "签发人须不是拟定人，每人签发一次。",
    "a_batch_is_shown_first": "本批次须先公示，公示期满后签发。",
    "duties_exclude_each_other": "您在本批次的办件中承担过审核、审批或收款账户登记、复核等不相容的职责，须由另一人办理。",
    "nobody_decides_on_their_own": "本批次中有与您本人或您代表的单位有关的办件，须由另一人办理。",
    "the_maker_does_not_approve": "本批次中有您登记的应付款，须由另一人签发。",
    "enough_people_approved": "签发人数还不够，或发送人也是签发人。发送须由签发人以外的财务人员办理。",
    "files_pay_what_stands_in_the_batch": "付款文件与批次不一致，没有生成。请刷新后重新生成。",
    "files_are_made_of_what_was_signed": "批次尚未签发或已有变更，不能生成文件。",
    "money_is_sent_with_its_batch": "批次已有新的办理，没有发送。请刷新页面。",
    "a_revoked_payable_is_not_paid": "批次中有已撤销批准的付款，没有发送。请先撤出这些付款。",
    "a_payable_moves_whole_and_once": "批次中有付款已有新的办理，没有记账。请刷新页面。",
    "every_item_is_answered": "银行尚未对每笔付款回盘，不能办结。",
    "a_line_is_spent_on_its_days": "有付款的资金科目已不在使用期内，不能发送。请撤出后由财务人员处理。",
    "an_answer_is_taken_in_once": "这份回盘文件已提交，不重复处理。",
    "one_meaning_of_words": "该说明已有对照。",
    "a_meaning_is_confirmed_by_another": "登记人不能确认自己登记的对照，须由另一人确认。",
    "who_approved_does_not_post": "回盘中有您审批过的付款，须由另一人提交。",
    "recoveries_take_no_more_than_was_paid": "该笔付款没有支付，或者追回金额合计超过已支付的金额。请刷新页面。",
    "a_recovery_has_its_cause": "批准没有撤销的，只能追回多付的部分；批准已撤销的，原因须为“批准已撤销”。",
    "a_fund_is_set_off_by_law": "该资金没有抵扣的法律依据，只能一次或者分期退回。",
    "nobody_recovers_from_themselves": "该追回与您本人或您代表的单位有关，须由另一人办理。",
    "a_recovery_stays_as_written": "该追回已有新的办理。请刷新页面。",
    "a_recovery_goes_its_way": "该追回已有新的办理。请刷新页面。",
    "a_recovery_is_decided_by_another": "拟办人不能决定自己拟办的追回，须由另一人决定。",
    "somebody_is_heard_before_it_is_decided": "听取当事人意见之后才能决定：请先登记事先告知和陈述申辩情况。",
    "instalments_come_to_the_sum": "各期金额合计须等于追回金额，分期退回不少于两期。",
    "one_instalment_of_a_day": "两期的退回期限不能是同一天。",
    "what_was_said_is_answered": "已陈述申辩或者举行听证的，须写明内容、采纳情况和理由；没有提出的，不填写内容。",
    "somebody_is_told_before_they_are_heard": "听取意见的日期不能早于事先告知日期。",
    "what_comes_back_was_decided": "该追回已有新的办理。请刷新页面。",
    "no_more_comes_back_than_is_open": "金额超过尚未追回的金额。请刷新页面。",
    "it_is_set_off_from_what_is_due": "只能从同一人、同一资金、已批准待付、没有编入批次的待遇中抵扣。",
    "a_benefit_is_split_to_be_set_off": "该笔待遇已有新的办理，没有抵扣。请刷新页面。",
    "one_payable_of_a_share": "该笔待遇已有新的办理，没有抵扣。请刷新页面。",
    "a_write_off_is_decided_by_another": "拟办人不能决定自己拟办的核销，与本人有关的由他人办理。",
    "a_write_off_stays_as_written": "该核销决定已有新的办理。请刷新页面。",
    "one_write_off_of_a_recovery": "该追回已有核销决定。",
    "it_is_written_off_by_decision": "核销金额与尚未追回的金额不一致。请刷新页面后重新拟办。",
    "what_is_set_off_has_no_plan": "从以后的待遇中抵扣的，没有退回期限。",
    "one_open_change_of_a_plan": "该追回已有待决定的变更。",
    "a_plan_is_changed_by_another": "拟办人不能决定自己拟办的变更，与本人有关的由他人办理。",
    "a_change_of_a_plan_stays_as_written": "这项变更已有新的办理。请刷新页面。",
    "a_changed_plan_comes_to_the_rest": "各期金额合计与尚未追回的金额不一致。请刷新页面后重新拟办。",
    "one_changed_instalment_of_a_day": "两期的退回期限不能是同一天。",
    "a_court_document_stays": "该文书已有新的办理，不能更改。请刷新页面。",
    "one_court_document_of_a_content": "该文件已上传过，不必重复上传。",
    "a_reminder_leaves_time": "限期退回的日期须在催告日期之后。",
    "a_court_is_asked_in_its_time": (
        "申请法院强制执行须在催告书送达满十日以后，自复议、诉讼期限届满之日起三个月以内（《行政强制法》第五十三条、第五十四条）。"
    ),
}


def in_words(error: IntegrityError) -> NotNow:
    """What the database refused, as a refusal with words; raises what has none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    words = WORDS.get(getattr(diagnosis, "constraint_name", None) or "")
    if words is None:
        raise error
    return NotNow(words)


def told_in_words(action: Callable[P, T]) -> Callable[P, T]:
    """The action in one transaction; what the database refuses of it becomes NotNow, and nothing of it stays."""

    @wraps(action)
    def do(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with transaction.atomic():
                return action(*args, **kwargs)
        except IntegrityError as error:
            raise in_words(error) from error

    return do
