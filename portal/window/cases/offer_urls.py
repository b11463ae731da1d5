"""Addresses of the staff pages about offers and what workers ask for; part of the staff side's."""

from django.urls import path

from portal.window.cases import offers, requests

urlpatterns = [
    path("offers/", offers.offers, name="offers"),
    path("offers/export/", offers.offers_export, name="offers_export"),
    path("offers/tell/", offers.offers_tell, name="offers_tell"),
    path("offers/<int:pk>/", offers.open_offer, name="offer"),
    path("offers/<int:pk>/tell/", offers.offer_tell, name="offer_tell"),
    path("offers/<int:pk>/consent/", offers.offer_consent, name="offer_consent"),
    path("offers/<int:pk>/decline/", offers.offer_decline, name="offer_decline"),
    path("matching/", offers.matching, name="matching"),
    path("matching/start/", offers.matching_start, name="matching_start"),
    path("services/<str:number>/", requests.open_service, name="service"),
    path("rectifications/<str:number>/", requests.open_rectification, name="rectification"),
    path("requests/<str:number>/<slug:action>/", requests.answer_request, name="request_step"),
]
