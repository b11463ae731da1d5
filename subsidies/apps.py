"""What training subsidies tell the portal."""

from __future__ import annotations

from portal.accounts.roles import Role
from portal.demo import Demo
from portal.programmes import Entry, PersonAction, ProgrammeConfig


class SubsidiesConfig(ProgrammeConfig):
    name = "subsidies"
    label = "subsidies"
    verbose_name = "培训补贴"
    address = "subsidies"

    permissions = {
        "claim.take_in": ("受理补贴申请", (Role.WINDOW_CLERK,)),
        "claim.review": ("审核补贴申请", (Role.LEAGUE_REVIEWER,)),
        "claim.second_review": ("复核补贴申请", (Role.REGIONAL_REVIEWER, Role.APPROVER)),
        "claim.announce": ("公示补贴申请", (Role.LEAGUE_REVIEWER, Role.REGIONAL_REVIEWER)),
        "claim.approve": ("审批补贴申请", (Role.APPROVER,)),
        "claim.countersign": (
            "会签补贴申请的不利决定",
            (Role.LEAGUE_REVIEWER, Role.REGIONAL_REVIEWER, Role.APPROVER, Role.SUPERVISOR),
        ),
        "claim.annul": ("拟撤销补贴批准", (Role.APPROVER, Role.SUPERVISOR)),
        "claim.reconsider": ("办理补贴复核申请", (Role.APPROVER, Role.SUPERVISOR)),
        "claim.trial": (
            "试算已发补贴名单",
            (Role.LEAGUE_REVIEWER, Role.REGIONAL_REVIEWER, Role.SUPERVISOR),
        ),
        "training.enter": ("登记培训结业", (Role.WINDOW_CLERK,)),
        "training.confirm": ("确认培训结业", (Role.LEAGUE_REVIEWER,)),
        "training.void": ("提出作废培训结业", (Role.WINDOW_CLERK, Role.LEAGUE_REVIEWER)),
        "claim.shares": (
            "查看补贴到人情况",
            (
                Role.LEAGUE_REVIEWER,
                Role.REGIONAL_REVIEWER,
                Role.APPROVER,
                Role.SUPERVISOR,
                Role.POLICY_OFFICER,
            ),
        ),
        "course.set": ("设置补贴办理流程", (Role.SUPERVISOR, Role.POLICY_OFFICER)),
        "course.confirm": ("复核补贴办理流程设置", (Role.SUPERVISOR, Role.POLICY_OFFICER)),
    }
    staff_nav = (
        Entry("补贴申请", "subsidies:claims", ("case.view",)),
        Entry("单位批量申请", "subsidies:unit_files", ("claim.take_in",), further=True),
        Entry("培训结业登记", "subsidies:trainings", ("training.enter", "training.confirm"), further=True),
        Entry("补贴办理流程", "subsidies:courses", ("course.set", "course.confirm"), further=True),
        Entry("补贴到人情况", "subsidies:shares", ("claim.shares",), further=True),
        Entry("支付时效和异常", "subsidies:money_timing", ("funds.view",), further=True),
        Entry("补贴发放试算", "subsidies:trials", ("claim.trial",), further=True),
    )
    own_pages = (("培训补贴", "subsidies:mine"),)
    unit_pages = (("批量申请补贴", "subsidies:unit_files"),)
    long_tasks = ("subsidies.look_ahead",)
    person_actions = (
        PersonAction(
            "申请培训补贴",
            "subsidies:at_window",
            "claim.take_in",
            "为到窗口的本人提交技能提升补贴、技师培训补贴申请。",
        ),
        PersonAction(
            "登记培训结业",
            "subsidies:new_training",
            "training.enter",
            "登记本人参加技师、高级技师岗位技能提升培训的结业证书，由另一人确认。",
        ),
    )
    audit_actions = {
        "claim.account": "更换收款账户",
        "training.enter": "登记培训结业",
        "training.confirm": "确认培训结业",
        "training.refuse": "不予确认培训结业",
        "training.void": "提出作废培训结业",
        "training.void.agree": "作废培训结业",
        "training.void.decline": "不同意作废培训结业",
        "course.set": "录入补贴办理流程设置",
        "course.confirm": "复核补贴办理流程设置",
        "claim_file.confirm": "确认单位批量申请",
        "claim_file.not_shown": "批量申请文件异常，未显示",
        "claim.consent_sheet": "打印同意书",
        "claim_file.consent_sheets": "下载名单的同意书",
        "claim_file.refused.download": "下载批量申请未通过的行",
        "claim.money_numbers.download": "下载支付时效、退回、异常情况",
        "trial.run": "试算已发补贴名单",
        "trial.not_shown": "补贴试算结果异常，未显示",
    }
    audit_things = {
        "claim": "补贴申请",
        "claim_file": "单位批量申请",
        "completedtraining": "培训结业",
        "course": "补贴办理流程设置",
        "trial": "补贴试算",
    }
    audit_details = {
        "agrees": "一致",
        "refuses": "按规则不予发放",
        "otherwise": "按规则金额不同",
        "unknown": "不能认定",
        "unread": "未读出",
    }

    def register_rules(self) -> None:
        from subsidies import benefits, training_facts

        training_facts.register()
        benefits.register()

    def ready(self) -> None:
        """Make the workflows, the letters and what waits for whom known."""
        from portal.policy.events import subscribe_to_law_changes
        from subsidies import (  # noqa: F401  (importing registers kinds of jobs)
            adverse_letters,
            case_file,
            claiming,
            collisions,
            desk,
            handling,
            jobs,
            last_day_letters,
            letters,
            money,
            offers,
            payees,
            pipeline,
            recovery_letters,
            workflow,
        )
        from subsidies.by_unit import consent_sheets  # noqa: F401
        from subsidies.by_unit import jobs as unit_jobs  # noqa: F401
        from subsidies.by_unit import workflow as unit_workflow
        from subsidies.on_notice import objecting
        from subsidies.tasks import law_changed
        from subsidies.trials import jobs as trial_jobs  # noqa: F401

        workflow.register_all()
        unit_workflow.register_all()
        letters.register_all()
        last_day_letters.register_all()
        adverse_letters.register_all()
        recovery_letters.register_all()
        claiming.register_all()
        handling.register_all()
        payees.register_all()
        money.register_all()
        pipeline.register()
        objecting.register()
        collisions.register()
        case_file.register()
        offers.register()
        desk.register()
        subscribe_to_law_changes(law_changed)

    def load_reference(self) -> None:
        from subsidies.courses import load_samples

        load_samples()

    def load_demo(self, demo: Demo) -> None:
        from subsidies.demo import load

        load(demo)
