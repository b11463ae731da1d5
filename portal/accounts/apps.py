from django.apps import AppConfig

from portal.demo import Demo


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "账号与角色"

    def load_demo(self, demo: Demo) -> None:
        from portal.accounts.demo import load

        load(demo)
