"""Addresses of whoever keeps money; part of the staff side's."""

from django.urls import path

from portal.window.funds import closings, forecast, pages, payables, steps

urlpatterns = [
    path("funds/", pages.funds, name="funds"),
    path("funds/documents/", pages.documents, name="fund_documents"),
    path("funds/documents/new/", steps.document_new, name="fund_document_new"),
    path("funds/documents/<int:pk>/confirm/", steps.document_confirm, name="fund_document_confirm"),
    path("funds/documents/<int:pk>/line/", steps.line_new, name="fund_line_new"),
    path("funds/lines/<int:pk>/", pages.line, name="fund_line"),
    path("funds/lines/<int:pk>/order/<slug:move>/", steps.order_new, name="fund_order_new"),
    path("funds/lines/<int:pk>/draw/", payables.draw, name="fund_draw"),
    path("funds/payables/", payables.payables, name="fund_payables"),
    path("funds/payables/move/", payables.payables_move, name="fund_payables_move"),
    path("funds/awaiting/", payables.awaiting, name="fund_awaiting"),
    path("funds/forecast/", forecast.show, name="fund_forecast"),
    path("funds/closings/", closings.closings, name="fund_closings"),
    path("funds/closings/new/", closings.closing_new, name="fund_closing_new"),
    path("funds/closings/<int:pk>/", closings.closing, name="fund_closing"),
    path("funds/closings/<int:pk>/confirm/", closings.closing_confirm, name="fund_closing_confirm"),
    path("funds/closings/<int:pk>/drop/", closings.closing_drop, name="fund_closing_drop"),
    path("funds/orders/<int:pk>/approve/", steps.order_approve, name="fund_order_approve"),
    path("funds/orders/<int:pk>/carry-out/", steps.order_carry_out, name="fund_order_carry_out"),
]
