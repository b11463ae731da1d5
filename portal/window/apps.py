from django.apps import AppConfig


class WindowConfig(AppConfig):
    name = "portal.window"
    label = "window"
    verbose_name = "工作台"

    def ready(self) -> None:
        """Give every form its words."""
        from portal.pages import form_errors

        form_errors.use()
