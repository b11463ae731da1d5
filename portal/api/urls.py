"""Addresses of the API. What a programme gives stands below the address of the programme."""

from django.urls import include, path
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularSwaggerSplitView

from portal import programmes
from portal.api import (
    bank_answers,
    batches,
    case_files,
    checks,
    court_documents,
    extracts,
    funds,
    jobs,
    messages,
    published,
    recoveries,
    views,
)
from portal.api.docs import Description, docs, docs_of_part

app_name = "api"
urlpatterns = [
    path("", views.Root.as_view(), name="root"),
    path("schema/", cache_control(max_age=300)(Description.as_view()), name="schema"),
    path("docs/", docs, name="docs"),
    path(
        "docs/try/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/try.html"),
        name="try",
    ),
    path("docs/<slug:code>/", docs_of_part, name="docs_part"),
    path("regions/", views.Regions.as_view(), name="regions"),
    path("regions/<slug:code>/", views.OneRegion.as_view(), name="region"),
    path("policy/clauses/", views.Clauses.as_view(), name="clauses"),
    path("policy/parameters/", views.Parameters.as_view(), name="parameters"),
    path("benefits/", published.Benefits.as_view(), name="benefits"),
    path("benefits/<str:code>/", published.OneBenefit.as_view(), name="benefit"),
    path("honours/", published.Honours.as_view(), name="honours"),
    path("notices/", published.Notices.as_view(), name="notices"),
    path("notices/<str:number>/", published.OneNotice.as_view(), name="notice"),
    path("windows/", published.Windows.as_view(), name="windows"),
    path("windows/<slug:code>/", published.OneWindow.as_view(), name="window"),
    path("eligibility-checks/", checks.EligibilityChecks.as_view(), name="eligibility-checks"),
    path("workers/", views.Workers.as_view(), name="workers"),
    path("workers/by-number/", views.WorkersByNumber.as_view(), name="workers-by-number"),
    path("workers/<int:pk>/", views.OneWorker.as_view(), name="worker"),
    path("cases/<slug:number>/file/", case_files.CaseFile.as_view(), name="case-file"),
    path("coverage/", extracts.Coverage.as_view(), name="coverage"),
    path("extracts/", extracts.Extracts.as_view(), name="extracts"),
    path("extracts/<int:pk>/", extracts.OneExtract.as_view(), name="extract"),
    path("extracts/<int:pk>/confirm/", extracts.ConfirmExtract.as_view(), name="extract-confirm"),
    path("extracts/<int:pk>/withdraw/", extracts.WithdrawExtract.as_view(), name="extract-withdraw"),
    path("extracts/<int:pk>/refused/", extracts.RefusedRows.as_view(), name="extract-refused"),
    path("funds/lines/", funds.Lines.as_view(), name="funds"),
    path("funds/spending/", funds.SpendingView.as_view(), name="fund-spending"),
    path("funds/statement/", funds.StatementView.as_view(), name="fund-statement"),
    *batches.addresses(),
    *bank_answers.addresses(),
    path("funds/recoveries/", recoveries.Recoveries.as_view(), name="recoveries"),
    path("funds/recoveries/<int:pk>/", recoveries.OneRecovery.as_view(), name="recovery"),
    *recoveries.addresses(),
    *court_documents.addresses(),
    path("jobs/<int:pk>/", jobs.OneJob.as_view(), name="job"),
    path("jobs/<int:pk>/items/", jobs.JobItems.as_view(), name="job-items"),
    path("letters/", include("portal.letters.api")),
    path("messages/", messages.Messages.as_view(), name="messages"),
    *programmes.endpoints(),
    path("tokens/", views.Tokens.as_view(), name="tokens"),
]
