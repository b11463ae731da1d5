"""The shared ground of the portal. It never imports a programme."""

import gc

# A start makes a hundred thousand objects that stay. To look for garbage among them after every 700 new ones, as
# Python does by itself, is a tenth of the work of a start.
gc.set_threshold(50_000)

from portal.celery import app as celery_app  # noqa: E402  what it imports is a part of that

__all__ = ["celery_app"]
