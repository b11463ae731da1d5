"""Addresses of the staff house."""

from django.urls import include, path, re_path, register_converter

from portal.address_codes import codes_of
from portal.window.cases import all, evidence, letters, objections, worklist
from portal.window.office import jobs
from portal.window.people import (
    changes,
    checking,
    documents,
    employers,
    extracts,
    honours,
    improbable,
    merging,
    occupations,
    payees,
    records,
    roster,
    search,
    verifying,
    workers,
)

# Applicants and experts open the files of their cases here.
register_converter(codes_of("evidence"), "file")

app_name = "window"
urlpatterns = [
    path("", worklist.home, name="home"),
    path("search/", search.search, name="search"),
    # people
    path("workers/", workers.workers, name="workers"),
    path("workers/export/", workers.workers_export, name="workers_export"),
    path("workers/new/", workers.worker_new, name="worker_new"),
    path("workers/<int:worker_id>/", workers.worker, name="worker"),
    path("workers/<int:worker_id>/edit/", workers.worker_edit, name="worker_edit"),
    path("workers/<int:worker_id>/unmask/", workers.worker_unmask, name="worker_unmask"),
    path("workers/<int:worker_id>/check/", checking.check, name="check"),
    path("workers/<int:worker_id>/check/sheet/", checking.check_sheet, name="check_sheet"),
    path("workers/<int:worker_id>/check/dates.ics", checking.check_calendar, name="check_calendar"),
    path("workers/<int:worker_id>/check/<slug:code>/", checking.check_step, name="check_step"),
    path("workers/<int:worker_id>/payee/new/", payees.payee_new, name="payee_new"),
    path("workers/<int:worker_id>/<slug:kind>/new/", records.record, name="record_new"),
    path("workers/<int:worker_id>/<slug:kind>/<int:record_id>/", records.record, name="record"),
    path("workers/<int:worker_id>/<slug:kind>/<int:record_id>/end/", records.record_end, name="record_end"),
    path(
        "workers/<int:worker_id>/<slug:kind>/<int:record_id>/remove/",
        records.record_remove,
        name="record_remove",
    ),
    path("occupations/", occupations.occupations, name="occupations"),
    path("occupations/options/", occupations.options, name="occupation_options"),
    path("merges/", merging.merges, name="merges"),
    path("merges/findings/<int:pk>/", merging.merge_settle, name="merge_settle"),
    path("merges/<slug:kind>/new/<int:record_id>/", merging.propose, name="merge_new"),
    path("merges/<slug:kind>/<int:pk>/", merging.merge, name="merge"),
    path("merges/<slug:kind>/<int:pk>/confirm/", merging.merge_confirm, name="merge_confirm"),
    path("merges/<slug:kind>/<int:pk>/refuse/", merging.merge_refuse, name="merge_refuse"),
    path("merges/<slug:kind>/<int:pk>/undo/", merging.merge_undo, name="merge_undo"),
    path("payees/", payees.payees, name="payees"),
    path("payees/<int:payee_id>/", payees.payee, name="payee"),
    path("employers/", employers.employers, name="employers"),
    path("employers/new/", employers.employer_new, name="employer_new"),
    path("employers/options/", employers.employer_options, name="employer_options"),
    path("employers/<int:employer_id>/", employers.employer, name="employer"),
    path("employers/<int:employer_id>/edit/", employers.employer_edit, name="employer_edit"),
    path(
        "employers/<int:employer_id>/agents/<int:agent_id>/end/",
        employers.agent_dismiss,
        name="agent_dismiss",
    ),
    # records
    path("documents/<int:pk>/", documents.record_document, name="record_document"),
    path("documents/<int:pk>/remove/", documents.record_document_remove, name="record_document_remove"),
    path(
        "records/<slug:kind>/<int:record_id>/documents/",
        documents.record_documents,
        name="record_documents",
    ),
    path("records/", verifying.records, name="records"),
    path("records/changes/", changes.changes, name="changes"),
    path("records/changes/confirm/", changes.changes_confirm, name="changes_confirm"),
    path("records/changes/<int:pk>/", changes.change, name="change"),
    path("records/changes/<int:pk>/confirm/", changes.change_confirm, name="change_confirm"),
    path("records/changes/<int:pk>/refuse/", changes.change_refuse, name="change_refuse"),
    path("records/changes/<int:pk>/withdraw/", changes.change_withdraw, name="change_withdraw"),
    path("records/extract/", extracts.extract, name="extract"),
    path("records/unusual/", improbable.improbable, name="improbable"),
    path(
        "records/unusual/<int:improbable_id>/review/",
        improbable.improbable_review,
        name="improbable_review",
    ),
    path("records/confirm/", verifying.records_confirm, name="records_confirm"),
    path("records/<slug:kind>/<int:record_id>/confirm/", verifying.record_confirm, name="record_confirm"),
    path("records/<slug:kind>/<int:record_id>/refute/", verifying.record_refute, name="record_refute"),
    # honours
    path("honours/", honours.honours, name="honours"),
    path("honours/export/", honours.honours_export, name="honours_export"),
    path("honours/verify/", honours.honour_verify, name="honour_verify"),
    path("honours/<int:honour_id>/verify/", honours.honour_confirm, name="honour_confirm"),
    path("honours/<int:honour_id>/refute/", honours.honour_refute, name="honour_refute"),
    # rosters
    path("roster/", roster.roster, name="roster"),
    re_path(r"^roster/template\.(?P<kind>xlsx|csv)$", roster.template, name="roster_template"),
    path("roster/names/", roster.conflicts, name="roster_conflicts"),
    path("roster/names/<int:pk>/", roster.conflict, name="roster_conflict"),
    path("roster/<int:pk>/", roster.roster_import, name="roster_import"),
    path("roster/<int:pk>/progress/", roster.roster_progress, name="roster_progress"),
    path("roster/<int:pk>/refused/", roster.roster_refused, name="roster_refused"),
    # cases
    path("cases/", all.cases, name="cases"),
    path("cases/export/", all.cases_export, name="cases_export"),
    path("cases/<str:number>/", all.open_case, name="case"),
    path("cases/<str:number>/assign/", all.assign_case, name="case_assign"),
    path("evidence/<file:pk>/", evidence.evidence, name="evidence"),
    path("objections/", objections.objections, name="objections"),
    path("objections/<str:number>/", objections.open_objection, name="objection"),
    path("objections/<str:number>/uphold/", objections.uphold, name="objection_uphold"),
    path("objections/<str:number>/dismiss/", objections.dismiss, name="objection_dismiss"),
    path("objections/<str:number>/withdraw/", objections.withdraw, name="objection_withdraw"),
    path("notices/<str:number>/extend/", objections.notice_extend, name="notice_extend"),
    path("letters/", letters.letters, name="letters"),
    path("letters/serve/", letters.letters_serve, name="letters_serve"),
    # jobs
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:job_id>/", jobs.job_page, name="job"),
    path("jobs/<int:job_id>/progress/", jobs.job_progress, name="job_progress"),
    path("jobs/<int:job_id>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:job_id>/errors/", jobs.job_errors, name="job_errors"),
    path("jobs/<int:job_id>/file/", jobs.job_file, name="job_file"),
    # the office's own data, the audit, activation of accounts
    path("", include("portal.window.office.urls")),
    path("", include("portal.window.law.urls")),
    path("", include("portal.window.cases.offer_urls")),
    path("", include("portal.window.law.simulation_urls")),
]
