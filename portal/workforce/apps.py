from django.apps import AppConfig


class WorkforceConfig(AppConfig):
    name = "portal.workforce"
    label = "workforce"
    verbose_name = "技术工人档案"

    def ready(self) -> None:
        # Makes the job known to every process that starts or runs one.
        from portal.workforce import verification  # noqa: F401

    def load_reference(self) -> None:
        from portal.workforce.reference import load_honour_types

        load_honour_types()
