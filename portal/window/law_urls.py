"""Addresses of the staff pages about the figures of the law; part of the staff side's."""

from django.urls import path

from portal.window import law

urlpatterns = [
    path("law/", law.law, name="law"),
    path("law/<str:code>/", law.parameter, name="law_parameter"),
    path("law/<str:code>/enter/", law.enter, name="law_enter"),
    path("law/<str:code>/<int:pk>/", law.value, name="law_value"),
    path("law/<str:code>/<int:pk>/confirm/", law.confirm, name="law_confirm"),
    path("law/<str:code>/<int:pk>/withdraw/", law.withdraw, name="law_withdraw"),
]
