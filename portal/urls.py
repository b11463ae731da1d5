"""Every address of the portal, and below it those of each programme."""

from django.urls import include, path

from portal import health, programmes

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("portal.window.public.urls")),
    path("accounts/", include("portal.accounts.urls")),
    path("window/", include("portal.window.urls")),
    path("check/", include("portal.my.check_urls")),
    path("my/", include("portal.my.urls")),
    path("letters/", include("portal.letters.urls")),
    *programmes.pages(),
    path("api/", include("portal.api.urls")),
]
handler400 = "portal.pages.errors.bad_request"
handler403 = "portal.pages.errors.forbidden"
handler404 = "portal.pages.errors.not_found"
handler500 = "portal.pages.errors.server_error"
