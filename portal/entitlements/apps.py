from django.apps import AppConfig

from portal.demo import Demo


class EntitlementsConfig(AppConfig):
    name = "portal.entitlements"
    label = "entitlements"
    verbose_name = "待遇查询与匹配"

    def ready(self) -> None:
        """Make workflows, jobs and the worker's pages known, and listen for imports and changes of law."""
        from portal.entitlements import (
            collisions,
            jobs,  # noqa: F401
            matching_one,
            offers,
            rectifications,
            simulation,  # noqa: F401
            tasks,
            workflow,
        )
        from portal.policy import events as law
        from portal.workforce import events as workforce

        workflow.register_all()
        offers.register()
        rectifications.register()
        collisions.register()
        workforce.listen_for_import(tasks.roster_imported)
        workforce.listen_for_person(matching_one.saved)
        workforce.listen_for_undoing(matching_one.taken_back)
        law.subscribe_to_law_changes(tasks.law_changed)

    def load_demo(self, demo: Demo) -> None:
        from portal.entitlements.demo import load

        load(demo)
