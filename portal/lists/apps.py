from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "portal.lists"
    label = "lists"
    verbose_name = "名单文件"

    def ready(self) -> None:
        from portal.lists import files  # noqa: F401  (registers its kind of job)
