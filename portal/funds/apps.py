from django.apps import AppConfig

from portal.demo import Demo


class FundsConfig(AppConfig):
    name = "portal.funds"
    label = "funds"
    verbose_name = "资金"

    def ready(self) -> None:
        from portal.audit import heads
        from portal.funds import jobs  # noqa: F401 - its kinds of jobs become known
        from portal.funds.causes import return_steps
        from portal.funds.course import register_steps
        from portal.funds.recovery_told import recovery_steps, split_steps
        from portal.funds.sealing import last_seal

        register_steps(return_steps)
        register_steps(recovery_steps)
        register_steps(split_steps)
        # Noted outside the database with the heads of the audit chain.
        heads.register_seal(last_seal)

    def load_reference(self) -> None:
        from portal.funds import reference

        reference.load_moves()
        reference.load_funds()
        reference.load_thresholds()
        reference.load_signature_thresholds()
        reference.load_profiles()
        reference.load_channels()

    def load_demo(self, demo: Demo) -> None:
        from portal.funds.demo import load

        load(demo)
