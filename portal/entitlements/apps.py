from django.apps import AppConfig

from portal.demo import Demo


class EntitlementsConfig(AppConfig):
    name = "portal.entitlements"
    label = "entitlements"
    verbose_name = "待遇查询与匹配"

    def load_demo(self, demo: Demo) -> None:
        from portal.entitlements.guides import load_samples

        load_samples()
