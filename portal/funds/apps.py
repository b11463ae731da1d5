from django.apps import AppConfig

from portal.demo import Demo


class FundsConfig(AppConfig):
    name = "portal.funds"
    label = "funds"
    verbose_name = "资金"

    def load_reference(self) -> None:
        from portal.funds.reference import load_funds, load_moves, load_thresholds

        load_moves()
        load_funds()
        load_thresholds()

    def load_demo(self, demo: Demo) -> None:
        from portal.funds.demo import load

        load(demo)
