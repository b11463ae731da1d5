"""What the tiny programme tells the portal."""

from __future__ import annotations

from portal.accounts.roles import Role
from portal.programmes import Entry, PersonAction, ProgrammeConfig


class TinyConfig(ProgrammeConfig):
    name = "tests.programmes.tiny"
    label = "tiny"
    verbose_name = "工具补助名单"
    address = "tiny"

    permissions = {
        "tiny.take": ("受理工具补助", (Role.WINDOW_CLERK,)),
        "tiny.grant": ("核定工具补助", (Role.REGIONAL_REVIEWER,)),
    }
    staff_nav = (Entry("工具补助", "tiny:allowances", ("tiny.take", "tiny.grant")),)
    public_nav = (Entry("工具补助公布", "tiny:granted"),)
    foot_nav = (Entry("工具补助办法", "tiny:rules"),)
    beside_public = ("tiny:allowances",)
    homes = {Role.TRAINING_PROVIDER: ("工具补助名单", "tiny:rules")}
    own_pages = (("工具补助", "tiny:granted"),)
    person_actions = (
        PersonAction(
            "受理工具补助",
            "tiny:new",
            "tiny.take",
            "为到窗口的本人提出工具补助申请。",
        ),
    )
    facts_asked = ("in_skilled_post",)

    audit_actions = {"tiny.note": "登记工具清单"}
    audit_things = {"allowance": "工具补助"}
    audit_details = {"tools": "工具"}

    def register_rules(self) -> None:
        """Make what is decided about known."""
        from tests.programmes.tiny import benefits

        benefits.register()

    def ready(self) -> None:
        """Make the workflow, the letter and the worker's page known."""
        from tests.programmes.tiny import actions, letters, workflow

        workflow.register_all()
        letters.register_all()
        actions.register()
