"""OpenFisca's own Web API over the same rules, for gunicorn: `gunicorn bench.openfisca_web`."""

from __future__ import annotations

import django

django.setup()

from openfisca_web_api.app import create_app  # noqa: E402

from bench.openfisca_rules import system  # noqa: E402

application = create_app(system())
