"""Addresses of the training subsidies."""

from django.urls import path, register_converter

from portal.address_codes import codes_of
from subsidies.views import (
    answers,
    applying,
    claims,
    consent_sheets,
    courses,
    money_numbers,
    moving,
    proposals,
    shares,
    steps,
    trainings,
    trials,
    unit_files,
    voidings,
)

# Each programme's converters have names of their own; the codes are those of the kind of record.
register_converter(codes_of("evidence"), "file_of_claim")
register_converter(codes_of("credential"), "credential")
register_converter(codes_of("unit"), "unit_of_claims")
register_converter(codes_of("claim_file"), "claim_file")
register_converter(codes_of("training"), "completed_training")

app_name = "subsidies"
urlpatterns = [
    *(
        path(f"money/{page.code}/", money_numbers.numbers, {"code": page.code}, name=f"money_{page.code}")
        for page in money_numbers.PAGES
    ),
    path("claims/", claims.claims, name="claims"),
    path("claims/new/<int:worker_id>/", applying.claim_at_window, name="at_window"),
    path("claims/move/", claims.move_chosen, name="move_chosen"),
    path("claims/move/found/", moving.move_found, name="move_found"),
    path("claims/<slug:number>/", claims.open_claim, name="claim"),
    path(
        "claims/<slug:number>/evidence/<file_of_claim:evidence_id>/", claims.remove_evidence, name="evidence"
    ),
    path("claims/<slug:number>/note/", claims.add_note, name="note"),
    path("claims/<slug:number>/answer/", answers.state_answer, name="state_answer"),
    path("claims/<slug:number>/answer/compare/", answers.judge_answer, name="judge_answer"),
    path("claims/<slug:number>/do/<slug:action>/", steps.take_step, name="step"),
    path("mine/", applying.mine, name="mine"),
    path("mine/training/<completed_training:training_id>/", applying.claim_training, name="claim_training"),
    path("mine/<credential:credential_id>/<slug:kind>/", applying.claim_own, name="claim_own"),
    path("proposals/<slug:number>/", proposals.proposal, name="proposal"),
    path("proposals/<slug:number>/sheet.pdf", consent_sheets.sheet_of_one, name="consent_sheet"),
    path("proposals/<slug:number>/do/<slug:action>/", proposals.answer, name="proposal_step"),
    path("units/", unit_files.unit_files, name="unit_files"),
    path("units/template.<slug:kind>", unit_files.template, name="unit_file_template"),
    path("units/<unit_of_claims:unit_id>/new/", unit_files.new_file, name="unit_file_new"),
    path("units/files/<claim_file:pk>/", unit_files.unit_file, name="unit_file"),
    path("units/files/<claim_file:pk>/progress/", unit_files.progress, name="unit_file_progress"),
    path("units/files/<claim_file:pk>/consent/", consent_sheets.sheets, name="consent_sheets"),
    path(
        "units/files/<claim_file:pk>/consent/progress/",
        consent_sheets.progress,
        name="consent_sheets_progress",
    ),
    path(
        "units/files/<claim_file:pk>/consent/sheets.pdf",
        consent_sheets.file_of_list,
        name="consent_sheets_pdf",
    ),
    path("units/files/<claim_file:pk>/refused/", unit_files.refused, name="unit_file_refused"),
    path("units/files/<claim_file:pk>/confirm/", unit_files.confirm, name="unit_file_confirm"),
    path("units/files/<claim_file:pk>/give-up/", unit_files.give_up, name="unit_file_give_up"),
    path("trainings/", trainings.all_trainings, name="trainings"),
    path("trainings/new/<int:worker_id>/", trainings.new_training, name="new_training"),
    path("trainings/<int:pk>/", trainings.confirm_training, name="confirm_training"),
    path("trainings/<int:pk>/void/", voidings.void_training, name="void_training"),
    path("trainings/<int:pk>/void/judge/", voidings.judge_voiding, name="judge_voiding"),
    path("courses/", courses.all_courses, name="courses"),
    path("courses/new/", courses.new_course, name="new_course"),
    path("courses/<int:pk>/confirm/", courses.confirm_course, name="confirm_course"),
    path("shares/", shares.shown, name="shares"),
    path("trials/", trials.trials, name="trials"),
    path("trials/template.<slug:kind>", trials.template, name="trial_template"),
    path("trials/<int:pk>/", trials.trial, name="trial"),
    path("trials/<int:pk>/progress/", trials.progress, name="trial_progress"),
    path("trials/<int:pk>/export.xlsx", trials.export, name="trial_export"),
]
