"""What the registry of leading talents and its annual selection tell the portal."""

from __future__ import annotations

from portal.accounts.roles import Role
from portal.demo import Demo
from portal.programmes import Entry, PersonAction, ProgrammeConfig


class TalentRegistryConfig(ProgrammeConfig):
    name = "talent_registry"
    label = "talent_registry"
    verbose_name = "高技能领军人才名录"
    address = "registry"

    permissions = {
        "registry.propose": (
            "提出纳入名录建议",
            (Role.WINDOW_CLERK, Role.LEAGUE_REVIEWER, Role.REGISTRY_OFFICER),
        ),
        "registry.confirm": ("确认纳入名录", (Role.REGISTRY_OFFICER,)),
        "registry.status": ("变更名录状态", (Role.REGISTRY_OFFICER,)),
        "registry.correct": ("提出更正公布的名录信息", (Role.LEAGUE_REVIEWER, Role.REGISTRY_OFFICER)),
        "registry.correct.confirm": ("复核名录信息更正", (Role.REGISTRY_OFFICER,)),
        "nomination.take_in": ("受理遴选申报", (Role.WINDOW_CLERK, Role.LEAGUE_REVIEWER)),
        "nomination.assign_panel": ("安排专家评审", (Role.REGISTRY_OFFICER, Role.REGIONAL_REVIEWER)),
        "nomination.score": ("评审打分", (Role.PANEL_EXPERT,)),
        "selection.recommend": ("推荐遴选人选", (Role.LEAGUE_REVIEWER,)),
        "selection.manage": ("组织年度遴选", (Role.REGISTRY_OFFICER,)),
        "selection.confirm": ("审定遴选名单", (Role.APPROVER,)),
    }

    staff_nav = (
        Entry("名录", "registry:proposals", ("case.view",)),
        Entry("年度遴选", "registry:rounds", ("case.view",)),
        Entry(
            "遴选申报",
            "registry:nominations",
            ("nomination.take_in", "nomination.assign_panel"),
            further=True,
        ),
        Entry("专家评审", "registry:panel", ("nomination.score",)),
    )
    public_nav = (Entry("名录公示", "registry:list"),)
    beside_public = ("registry:agent", "registry:mine", "registry:panel", "registry:nominations")
    homes = {
        Role.PANEL_EXPERT: ("专家评审", "registry:panel"),
        Role.EMPLOYER_AGENT: ("单位申报", "registry:agent"),
    }
    own_pages = (("年度遴选", "registry:mine"),)
    unit_pages = (("单位申报", "registry:agent"),)
    person_actions = (
        PersonAction(
            "申报年度遴选",
            "registry:nominate",
            "nomination.take_in",
            "为到窗口的本人代办高技能领军人才年度遴选申报。",
        ),
    )
    long_tasks = ("registry.propose_missed", "registry.selection_by_date", "registry.selection_trial")
    # Points of the annual selection.
    facts_asked = ("front_line_years",)

    audit_actions = {
        "nomination.change": "修改遴选申报",
        "panel.assign": "安排评审专家",
        "panel.release": "取消评审安排",
        "panel.conflict": "专家声明回避",
        "panel.draft": "暂存专家评分",
        "panel.score": "专家评分",
        "panel.complete": "形成评审得分",
        "registry.status": "变更名录状态",
        "registry.correct": "提出更正名录信息",
        "registry.correct.confirm": "复核并更正名录信息",
        "registry.correct.refuse": "不予更正名录信息",
        "registry.keep": "保留公布的名录信息",
        "registry.round-edit": "修改遴选年度设置",
        "registry.panel-extend": "延长专家评审",
        "selection.assess": "年度评价",
        "selection.draw_up": "编制遴选名单",
    }
    audit_things = {"registry": "名录"}
    audit_details = {
        "panel_until": "评审截止",
        "recommend_until": "推荐截止",
        "expert": "专家",
        "experts": "专家人数",
        "score": "得分",
    }

    def ready(self) -> None:
        """Make the workflow, the letters and the job known, and ask to be told when a recognition is verified
        or falls.
        """
        from portal.workforce import events
        from talent_registry import (  # noqa: F401  (importing registers kinds of jobs)
            application_window,
            collisions,
            correction_letters,
            correction_queues,
            desk,
            jobs,
            letters,
            list_files,
            tasks,
            workflow,
        )
        from talent_registry.selection import announcing, due, nominating, supervised
        from talent_registry.selection import jobs as selection_jobs  # noqa: F401
        from talent_registry.selection import workflow as selection_workflow

        workflow.register_all()
        selection_workflow.register_all()
        due.register_all()
        nominating.register_all()
        letters.register_all()
        correction_letters.register()
        correction_queues.register()
        desk.register()
        collisions.register()
        announcing.register()
        application_window.register()
        supervised.register()
        events.listen_for_recognition(tasks.recognition_verified)
        events.listen_for_refutation(tasks.recognition_fallen)

    def load_demo(self, demo: Demo) -> None:
        from talent_registry.demo import load

        load(demo)
