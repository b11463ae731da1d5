from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "portal.cases"
    label = "cases"
    verbose_name = "办件"

    def ready(self) -> None:
        from portal.cases import collisions
        from portal.cases.notices import workflow

        workflow.register_all()
        collisions.register()

    def load_reference(self) -> None:
        from portal.cases.actions import load_allowed_moves
        from portal.cases.four_eyes import load_duty_pairs

        load_allowed_moves()
        load_duty_pairs()
