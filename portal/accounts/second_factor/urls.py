"""Addresses of the second factor, below /accounts/. They are among the names of portal.accounts.urls."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from portal.accounts.second_factor import enrolment, own, views
from portal.accounts.second_factor.actions import KINDS


class Kind(StringConverter):
    regex = "|".join(KINDS)


register_converter(Kind, "kind_of_factor")
urlpatterns = [
    path("factor/", views.totp, name="factor"),
    path("factor/passkey/", views.passkey, name="factor_passkey"),
    path("factor/recovery/", views.recovery, name="factor_recovery"),
    path("factor/password/", views.password_again, name="factor_password"),
    path("factor/lost/", views.lost, name="factor_lost"),
    path("factor/enrol/", enrolment.enrol, name="factor_enrol"),
    path("factor/enrol/app/", enrolment.app, name="factor_enrol_app"),
    path("factor/enrol/codes/", enrolment.recovery_codes, name="factor_enrol_codes"),
    path("factor/enrol/done/", enrolment.done, name="factor_enrol_done"),
    path("factors/", own.factors, name="factors"),
    path("factors/app/", own.new_app, name="factors_app"),
    path("factors/passkey/", own.new_passkey, name="factors_passkey"),
    path("factors/codes/", own.new_codes, name="factors_codes"),
    path("factors/<kind_of_factor:kind>/<int:pk>/name/", own.name, name="factors_name"),
    path("factors/<kind_of_factor:kind>/<int:pk>/remove/", own.remove, name="factors_remove"),
]
