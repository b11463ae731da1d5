"""Addresses of a worker's own pages."""

from django.urls import path, register_converter

from portal.address_codes import codes_of
from portal.my import accounts, checking, offers, own_copy, rectifications, unit_rosters, views

register_converter(codes_of("offer"), "offer")

app_name = "my"
urlpatterns = [
    path("", views.home, name="home"),
    path("check/", checking.own, name="check"),
    path("check/sheet/", checking.own_sheet, name="check_sheet"),
    path("check/sheet.pdf", checking.own_sheet_file, name="check_sheet_file"),
    path("check/dates.ics", checking.own_calendar, name="check_calendar"),
    path("check/<slug:code>/", checking.own_step, name="check_step"),
    path("cases/", views.cases, name="cases"),
    path("cases/<str:number>/", views.case, name="case"),
    path("cases/<str:number>/withdraw/", rectifications.withdraw, name="withdraw"),
    path("rectifications/new/", rectifications.rectification_new, name="rectification_new"),
    path("offers/", offers.offers, name="offers"),
    path("offers/<offer:pk>/", offers.open_offer, name="offer"),
    path("offers/<offer:pk>/dates.ics", offers.offer_calendar, name="offer_calendar"),
    path("offers/<offer:pk>/consent/", offers.consent, name="offer_consent"),
    path("offers/<offer:pk>/decline/", offers.decline, name="offer_decline"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.account_new, name="account_new"),
    path("accounts/withdraw/", accounts.account_withdraw, name="account_withdraw"),
    path("unit-rosters/", unit_rosters.unit_rosters, name="unit_rosters"),
    path("unit-rosters/<int:pk>/", unit_rosters.unit_roster, name="unit_roster"),
    path("unit-rosters/<int:pk>/layout/", unit_rosters.unit_roster_layout, name="unit_roster_layout"),
    path("unit-rosters/<int:pk>/sheet/", unit_rosters.unit_roster_sheet, name="unit_roster_sheet"),
    path("unit-rosters/<int:pk>/give-up/", unit_rosters.unit_roster_give_up, name="unit_roster_give_up"),
    path("unit-rosters/<int:pk>/refused/", unit_rosters.unit_roster_refused, name="unit_roster_refused"),
    path("copy/", own_copy.copy_page, name="own_copy"),
    path("letters/", views.letters, name="letters"),
]
