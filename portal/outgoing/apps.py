from django.apps import AppConfig


class OutgoingConfig(AppConfig):
    name = "portal.outgoing"
    verbose_name = "对外消息"

    def ready(self) -> None:
        from portal.outgoing import kinds

        kinds.register_all()
