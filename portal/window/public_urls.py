"""Addresses at the root of the site: what everybody may read."""

from django.urls import path

from portal.window import components_views, notices_public, policy_views, public_views

app_name = "public"
urlpatterns = [
    path("", public_views.home, name="home"),
    path("case-status/", public_views.case_status, name="case_status"),
    path("policy/", policy_views.policy, name="policy"),
    path("policy/figures/", policy_views.figures, name="figures"),
    path("policy/figures/<str:code>/", policy_views.figure, name="figure"),
    path("policy/<str:number>/", policy_views.clause, name="clause"),
    path("windows/", public_views.windows, name="windows"),
    path("windows/<slug:code>/", public_views.window, name="window"),
    path("notices/", notices_public.notices, name="notices"),
    path("notices/<str:number>/", notices_public.notice, name="notice"),
    path("notices/<str:number>/object/", notices_public.object_to, name="object"),
    path("about/", public_views.about, name="about"),
    path("display/<slug:mode>/", public_views.display, name="display"),
    path("components/", components_views.components, name="components"),
]
