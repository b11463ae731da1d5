"""What Celery finds of the jobs."""

from portal.jobs.runner import run_job, sweep_jobs

__all__ = ["SCHEDULE", "run_job", "sweep_jobs"]

SCHEDULE = {"jobs.sweep": {"task": "jobs.sweep", "schedule": 30.0}}
