from django.apps import AppConfig


class WorkforceConfig(AppConfig):
    name = "portal.workforce"
    label = "workforce"
    verbose_name = "技术工人档案"

    def load_reference(self) -> None:
        from portal.workforce.reference import load_honour_types

        load_honour_types()
