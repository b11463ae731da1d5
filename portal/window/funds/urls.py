"""Addresses of whoever keeps money; part of the staff side's."""

from django.urls import path

from portal.window.funds import answers, batch_steps, batches, pages, payables, payments, steps

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
    path("funds/orders/<int:pk>/approve/", steps.order_approve, name="fund_order_approve"),
    path("funds/orders/<int:pk>/carry-out/", steps.order_carry_out, name="fund_order_carry_out"),
    path("funds/batches/", batches.batch_list, name="fund_batches"),
    path("funds/batches/new/", batch_steps.batch_new, name="fund_batch_new"),
    path("funds/batches/<int:batch_id>/", batches.batch, name="fund_batch"),
    path("funds/batches/<int:batch_id>/preview/", batches.batch_preview, name="fund_batch_preview"),
    path("funds/batches/<int:batch_id>/unready/", batch_steps.unready_withdraw, name="fund_batch_unready"),
    path("funds/batches/<int:batch_id>/<slug:step>/", batch_steps.batch_step, name="fund_batch_step"),
    path("funds/files/<int:file_id>/", batches.payment_file, name="fund_file"),
    path("funds/payments/", payments.payments, name="fund_payments"),
    path("funds/payments/<int:payable_id>/", payments.payment, name="fund_payment"),
    path("funds/items/<int:item_id>/withdraw/", batch_steps.payment_withdraw, name="fund_item_withdraw"),
    path("funds/profiles/", batches.profiles, name="fund_profiles"),
    path("funds/answers/", answers.answers, name="fund_answers"),
    path("funds/answers/new/", answers.answer_new, name="fund_answer_new"),
    path("funds/answers/<int:answer_id>/", answers.answer, name="fund_answer"),
    path("funds/answers/<int:answer_id>/progress/", answers.answer_progress, name="fund_answer_progress"),
    path("funds/answers/<int:answer_id>/go-on/", answers.answer_go_on, name="fund_answer_go_on"),
    path("funds/causes/", answers.cause_list, name="fund_causes"),
    path("funds/causes/new/", answers.cause_new, name="fund_cause_new"),
    path("funds/causes/<int:cause_id>/confirm/", answers.cause_confirm, name="fund_cause_confirm"),
]
