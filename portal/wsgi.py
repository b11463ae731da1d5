"""Entry point of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
portal = get_wsgi_application()

from portal.api.direct import Direct  # noqa: E402  the apps have to be ready

application = Direct(portal)
# What was loaded stays: searching it for garbage again and again would cost every request, and unshare it
# between processes.
gc.collect()
gc.freeze()
