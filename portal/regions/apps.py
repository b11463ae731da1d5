from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "portal.regions"
    label = "regions"
    verbose_name = "行政区划与服务窗口"

    def load_reference(self) -> None:
        from portal.regions.reference import load_calendar, load_divisions

        load_divisions()
        load_calendar()
