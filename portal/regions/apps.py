from django.apps import AppConfig

from portal.demo import Demo


class RegionsConfig(AppConfig):
    name = "portal.regions"
    label = "regions"
    verbose_name = "行政区划与服务窗口"

    def load_reference(self) -> None:
        from portal.regions.reference import load_calendar, load_divisions

        load_divisions()
        load_calendar()

    def load_demo(self, demo: Demo) -> None:
        from portal.regions.demo import load

        load(demo)
