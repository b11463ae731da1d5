from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "portal.funds"
    label = "funds"
    verbose_name = "资金"

    def load_reference(self) -> None:
        from portal.funds.reference import load_funds, load_moves, load_thresholds

        load_moves()
        load_funds()
        load_thresholds()
