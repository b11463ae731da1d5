"""The worker of gunicorn that no slow client can hold: `--worker-class portal.web_server.Worker`."""

from portal.web_server.worker import Worker

__all__ = ["Worker"]
