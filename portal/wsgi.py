"""Entry point of the web server."""
import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
# What was loaded stays: searching it for garbage again and again would cost every request, and unshare it between processes.
gc.collect()
gc.freeze()
