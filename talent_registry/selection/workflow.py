"""The two lives of the annual selection: that of the round, step by step, and that of a nomination."""

from __future__ import annotations

from django.db import models

from portal.cases.workflow import Clock, Duty, Transition, Workflow, register

ROUND = "registry.selection-round"
NOMINATION = "registry.nomination"


class RoundState(models.TextChoices):
    DRAFT = "draft", "筹备"
    OPEN = "open", "申报中"
    ASSESSED = "assessed", "已评价"
    RECOMMENDATION = "recommendation", "盟市推荐"
    RANKED = "ranked", "已排序"
    FROZEN = "frozen", "已定稿"
    PUBLIC_NOTICE = "public_notice", "公示中"
    CONFIRMED = "confirmed", "已审定"
    PUBLISHED = "published", "已公布"
    CLOSED = "closed", "已归档"


# While the experts may be asked, given more time, and heard.
PANEL_WORKS = (RoundState.OPEN, RoundState.ASSESSED)


class NominationState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待受理"
    RETURNED = "returned", "补正中"
    ACCEPTED = "accepted", "已受理"
    RECOMMENDED = "recommended", "已推荐"
    NOT_RECOMMENDED = "not_recommended", "未推荐"
    SELECTED = "selected", "入选"
    NOT_SELECTED = "not_selected", "未入选"
    REFUSED = "refused", "不予受理"
    WITHDRAWN = "withdrawn", "已撤回"


_S, _N = RoundState, NominationState

# The action of a step is its name in `./jht manage selection YEAR STEP`; `begin_notice` and
# `begin_recommendation` differ, because a verb names what is done.
ROUND_WORKFLOW = Workflow(
    kind=ROUND,
    title="高技能领军人才年度遴选",
    prefix="LX",
    states=RoundState,
    initial=_S.DRAFT,
    page="registry:round_case",
    clause="一",
    tones={
        _S.OPEN: "info",
        _S.ASSESSED: "info",
        _S.RECOMMENDATION: "info",
        _S.RANKED: "info",
        _S.FROZEN: "info",
        _S.PUBLIC_NOTICE: "warn",
        _S.CONFIRMED: "info",
        _S.PUBLISHED: "good",
    },
    transitions=(
        Transition(
            "open",
            "开始申报",
            (_S.DRAFT,),
            _S.OPEN,
            "selection.manage",
            "公开评分办法和名额，开始接受申报；办法和名额不再修改。",
            next_step=True,
        ),
        Transition(
            "assess",
            "全员评价",
            (_S.OPEN,),
            _S.ASSESSED,
            "selection.manage",
            "对全区登记的技术工人按条件和评分办法评价一遍，申报随之截止。",
            next_step=True,
        ),
        Transition(
            "recommend",
            "开始推荐",
            (_S.ASSESSED,),
            _S.RECOMMENDATION,
            "selection.manage",
            "专家评审结束，各盟市在名额内推荐。",
            next_step=True,
        ),
        Transition(
            "rank",
            "排序",
            (_S.RECOMMENDATION,),
            _S.RANKED,
            "selection.manage",
            "按总分在盟市、行业名额内确定入选建议；推荐随之截止。",
            duty=Duty.REVIEW,
            next_step=True,
        ),
        Transition(
            "rank_again",
            "重新排序",
            (_S.RANKED,),
            _S.RANKED,
            "selection.manage",
            "按最新核定的信息再排一次，形成新一版名单。",
            duty=Duty.REVIEW,
        ),
        Transition(
            "freeze",
            "定稿",
            (_S.RANKED,),
            _S.FROZEN,
            "selection.manage",
            "固定事实、参数和名单，此后只因异议成立而调整。",
            next_step=True,
        ),
        Transition(
            "notice",
            "开始公示",
            (_S.FROZEN,),
            _S.PUBLIC_NOTICE,
            "selection.manage",
            "向社会公示入选名单，接受异议。",
            next_step=True,
        ),
        Transition(
            "confirm",
            "审定",
            (_S.PUBLIC_NOTICE,),
            _S.CONFIRMED,
            "selection.confirm",
            "公示期满、异议办结，审定入选名单。须由未参与排序的审批人办理。",
            duty=Duty.APPROVE,
            next_step=True,
        ),
        Transition(
            "publish",
            "公布",
            (_S.CONFIRMED,),
            _S.PUBLISHED,
            "selection.manage",
            "入选人员列入名录并公布，发出证书和结果通知。",
            next_step=True,
        ),
        Transition(
            "close",
            "归档",
            (_S.PUBLISHED,),
            _S.CLOSED,
            "selection.manage",
            "本年度遴选归档。",
            next_step=True,
        ),
    ),
)

NOMINATION_WORKFLOW = Workflow(
    kind=NOMINATION,
    title="高技能领军人才遴选申报",
    prefix="TJ",
    states=NominationState,
    initial=_N.DRAFT,
    page="registry:nomination",
    clause="一",
    tones={
        _N.SUBMITTED: "info",
        _N.RETURNED: "warn",
        _N.ACCEPTED: "info",
        _N.RECOMMENDED: "info",
        _N.NOT_RECOMMENDED: "warn",
        _N.SELECTED: "good",
        _N.REFUSED: "bad",
    },
    clock_at_opening=False,
    # The banner takes in, somebody else of the league recommends.
    apart=((Duty.ACCEPT, Duty.REVIEW),),
    transitions=(
        # By the worker, the employer's agent or a clerk: who may is decided by whose nomination it is
        # (selection.nominating).
        Transition(
            "submit",
            "提交",
            (_N.DRAFT,),
            _N.SUBMITTED,
            "nomination.take_in",
            "提交后由旗县窗口受理，办理期限开始计算。",
            clock=Clock.START,
            by_applicant=True,
            next_step=True,
        ),
        Transition(
            "accept",
            "受理",
            (_N.SUBMITTED,),
            _N.ACCEPTED,
            "nomination.take_in",
            "材料齐全、条件符合，进入评审和推荐。",
            clock=Clock.END,
            duty=Duty.ACCEPT,
            next_step=True,
        ),
        Transition(
            "return_for_correction",
            "补正",
            (_N.SUBMITTED,),
            _N.RETURNED,
            "nomination.take_in",
            "一次性告知需要补正的全部内容，办理期限暂停计算。",
            clock=Clock.STOP,
        ),
        Transition(
            "resubmit",
            "补正完成",
            (_N.RETURNED,),
            _N.SUBMITTED,
            "nomination.take_in",
            "材料已补齐，办理期限继续计算。",
            clock=Clock.RESUME,
            by_applicant=True,
            while_correcting=True,
        ),
        Transition(
            "refuse",
            "不予受理",
            (_N.SUBMITTED,),
            _N.REFUSED,
            "nomination.take_in",
            "作出不予受理决定并书面告知理由、依据和救济途径。",
            clock=Clock.END,
            duty=Duty.ACCEPT,
            needs_reason=True,
            danger=True,
        ),
        Transition(
            "withdraw",
            "撤回",
            (_N.DRAFT, _N.SUBMITTED, _N.RETURNED, _N.ACCEPTED),
            _N.WITHDRAWN,
            "nomination.take_in",
            "撤回后本年度可在申报截止前重新申报。",
            clock=Clock.END,
            by_applicant=True,
            while_correcting=True,
        ),
        Transition(
            "recommend",
            "推荐",
            (_N.ACCEPTED,),
            _N.RECOMMENDED,
            "selection.recommend",
            "占用本盟市一个推荐名额，进入全区排序。",
            duty=Duty.REVIEW,
            next_step=True,
        ),
        Transition(
            "take_back",
            "取消推荐",
            (_N.RECOMMENDED, _N.NOT_RECOMMENDED),
            _N.ACCEPTED,
            "selection.recommend",
            "退回到已受理，释放推荐名额；排序之前可以重新推荐。",
            duty=Duty.REVIEW,
            needs_reason=True,
        ),
        Transition(
            "pass_over",
            "不推荐",
            (_N.ACCEPTED,),
            _N.NOT_RECOMMENDED,
            "selection.recommend",
            "不进入全区排序，结果公布时书面告知理由。",
            duty=Duty.REVIEW,
            needs_reason=True,
        ),
        # By the publication of the round, for everybody on the list in force.
        Transition(
            "select", "列为入选", (_N.RECOMMENDED,), _N.SELECTED, "selection.manage", "随名单公布列入名录。"
        ),
        Transition(
            "not_select",
            "列为未入选",
            (_N.RECOMMENDED, _N.NOT_RECOMMENDED),
            _N.NOT_SELECTED,
            "selection.manage",
            "随名单公布告知结果和理由。",
        ),
    ),
)


def register_all() -> None:
    register(ROUND_WORKFLOW)
    register(NOMINATION_WORKFLOW)
