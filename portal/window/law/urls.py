"""Addresses of the staff pages about the figures of the law; part of the staff side's."""

from django.urls import path

from portal.window.law import figures_pages, value_pages

urlpatterns = [
    path("law/", figures_pages.law, name="law"),
    path("law/<str:code>/", figures_pages.parameter, name="law_parameter"),
    path("law/<str:code>/enter/", figures_pages.enter, name="law_enter"),
    path("law/<str:code>/<int:pk>/", value_pages.value, name="law_value"),
    path("law/<str:code>/<int:pk>/confirm/", value_pages.confirm, name="law_confirm"),
    path("law/<str:code>/<int:pk>/withdraw/", value_pages.withdraw, name="law_withdraw"),
]
