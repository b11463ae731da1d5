from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    name = "portal.entitlements"
    label = "entitlements"
    verbose_name = "待遇查询与匹配"
