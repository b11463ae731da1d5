from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "portal.letters"
    verbose_name = "公文信函"

    def ready(self) -> None:
        from portal.letters import printing  # noqa: F401 (registers its kind of job)

    def load_reference(self) -> None:
        from portal.letters.reference import load_issuers

        load_issuers()
