from django.apps import AppConfig

from portal.demo import Demo


class TalentRegistryConfig(AppConfig):
    name = "talent_registry"
    label = "talent_registry"
    verbose_name = "高技能领军人才名录"

    def ready(self) -> None:
        """Make the workflow, the letters and the job known, and ask to be told when a recognition is verified
        or falls.
        """
        from portal.workforce import events
        from talent_registry import jobs, letters, list_files, tasks, workflow  # noqa: F401  (importing registers kinds of jobs)
        from talent_registry.selection import announcing, nominating
        from talent_registry.selection import jobs as selection_jobs  # noqa: F401
        from talent_registry.selection import workflow as selection_workflow

        workflow.register_all()
        selection_workflow.register_all()
        nominating.register_all()
        letters.register_all()
        announcing.register()
        events.tell_of_recognition(tasks.recognition_verified)
        events.tell_of_fall(tasks.recognition_fallen)

    def load_demo(self, demo: Demo) -> None:
        from talent_registry.demo import load

        load(demo)
