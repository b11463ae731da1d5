from django.apps import AppConfig

from portal.demo import Demo


class WorkforceConfig(AppConfig):
    name = "portal.workforce"
    label = "workforce"
    verbose_name = "技术工人档案"

    def ready(self) -> None:
        # Makes the job known to every process that starts or runs one.
        from portal.workforce import subjects, verification  # noqa: F401
        from portal.workforce.extracts import jobs as _extracts  # noqa: F401
        from portal.workforce.roster import jobs as _rosters  # noqa: F401

        subjects.register()

    def load_reference(self) -> None:
        from portal.workforce.reference import load_figure_ages, load_honour_types

        load_honour_types()
        load_figure_ages()

    def load_demo(self, demo: Demo) -> None:
        from portal.workforce.demo import load

        load(demo)
