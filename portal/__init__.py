"""The shared ground of the portal. It never imports a programme."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
