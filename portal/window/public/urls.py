"""Addresses at the root of the site: what everybody may read."""

from django.urls import path

from portal.pages import showcase
from portal.window.law import shelf
from portal.window.people import sheets
from portal.window.public import benefits, finding, for_programs, notices, pages

app_name = "public"
urlpatterns = [
    path("robots.txt", for_programs.robots, name="robots"),
    path(".well-known/security.txt", for_programs.security, name="security"),
    path("", pages.home, name="home"),
    path("case-status/", pages.case_status, name="case_status"),
    path("benefits/", benefits.benefits, name="benefits"),
    path("benefits/<str:code>/", benefits.benefit, name="benefit"),
    path("find/", finding.find, name="find"),
    path("sheet/", sheets.sheet, name="sheet"),
    path("policy/", shelf.policy, name="policy"),
    path("policy/figures/", shelf.figures, name="figures"),
    path("policy/figures/<str:code>/", shelf.figure, name="figure"),
    path("policy/<str:number>/", shelf.clause, name="clause"),
    path("windows/", pages.windows, name="windows"),
    path("windows/<slug:code>/", pages.window, name="window"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<str:number>/", notices.notice, name="notice"),
    path("notices/<str:number>/object/", notices.object_to, name="object"),
    path("notices/<str:number>/received/", notices.objection_received, name="objection_received"),
    path("about/", pages.about, name="about"),
    path("display/<slug:mode>/", pages.display, name="display"),
    path("components/", showcase.components, name="components"),
]
