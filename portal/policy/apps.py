from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "portal.policy"
    label = "policy"
    verbose_name = "政策与规则"

    def load_reference(self) -> None:
        from portal.policy.reference import load_policy

        load_policy()
