"""Claims over the API, below /api/subsidies/: the same actions and scopes as the pages."""

from django.urls import path

from subsidies.api import claims, courses, lists, moves, proposals, sheets, steps, trials

urlpatterns = [
    path("claims/", claims.Claims.as_view(), name="subsidies"),
    path("claims/<slug:number>/", claims.OneClaim.as_view(), name="claim"),
    *steps.addresses(),
    path("courses/", courses.Courses.as_view(), name="courses"),
    path("courses/<int:pk>/confirm/", courses.ConfirmCourse.as_view(), name="course_confirm"),
    path("trials/", trials.Trials.as_view(), name="trials"),
    path("trials/<int:pk>/", trials.OneTrial.as_view(), name="trial"),
    path("trials/<int:pk>/rows/", trials.TrialRows.as_view(), name="trial_rows"),
    path("found/", moves.Found.as_view(), name="found_claims"),
    path("found/moves/", moves.MovesFound.as_view(), name="move_found_claims"),
    path("moves/", moves.Moves.as_view(), name="move_claims"),
    path("unit-lists/", lists.Lists.as_view(), name="unit_lists"),
    path("unit-lists/<int:pk>/", lists.OneList.as_view(), name="unit_list"),
    path("unit-lists/<int:pk>/rows/", lists.ListRows.as_view(), name="unit_list_rows"),
    path("unit-lists/<int:pk>/confirm/", lists.ConfirmList.as_view(), name="unit_list_confirm"),
    path("unit-lists/<int:pk>/refused-rows/", lists.RefusedRows.as_view(), name="unit_list_refused"),
    path("unit-lists/<int:pk>/consent-sheets/", sheets.SheetsOfList.as_view(), name="unit_list_sheets"),
    path("proposals/", proposals.Proposals.as_view(), name="proposals"),
    path("proposals/<slug:number>/", proposals.OneProposal.as_view(), name="proposal"),
    path("proposals/<slug:number>/consent-sheet/", sheets.SheetOfOne.as_view(), name="proposal_sheet"),
    path("proposals/<slug:number>/consent/", proposals.Consent.as_view(), name="proposal_consent"),
    path("proposals/<slug:number>/paper/", proposals.ConsentOnPaper.as_view(), name="proposal_paper"),
    path("proposals/<slug:number>/decline/", proposals.Decline.as_view(), name="proposal_decline"),
    path("claimable/<int:pk>/", claims.Claimable.as_view(), name="claimable"),
]
