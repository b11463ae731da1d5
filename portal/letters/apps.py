import logging

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "portal.letters"
    verbose_name = "公文信函"

    def ready(self) -> None:
        # The renderer tells every step of every letter at INFO; only what goes wrong is of interest.
        for name in ("weasyprint.progress", "fontTools", "pikepdf"):
            logging.getLogger(name).setLevel(logging.WARNING)
        from portal.letters import case_files, printing  # noqa: F401 (they register their kinds of jobs)
        from portal.letters.tasks import law_changed
        from portal.policy.events import subscribe_to_law_changes

        subscribe_to_law_changes(law_changed)

    def load_reference(self) -> None:
        from portal.letters.reference import load_issuers

        load_issuers()
