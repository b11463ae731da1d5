"""The portal with one programme more: what a line in INSTALLED_APPS brings."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.programmes.tiny"]
