from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "portal.cases"
    label = "cases"
    verbose_name = "办件"

    def ready(self) -> None:
        from portal.accounts.read_along import read_along
        from portal.cases import collisions, news
        from portal.cases.notices import workflow

        workflow.register_all()
        collisions.register()
        read_along("unseen_news", news.unseen_along())

    def load_reference(self) -> None:
        from portal.cases.actions import load_allowed_moves
        from portal.cases.four_eyes import load_duty_pairs

        load_allowed_moves()
        load_duty_pairs()
