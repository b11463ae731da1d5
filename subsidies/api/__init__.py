"""Claims over the API, below /api/subsidies/: the same actions and scopes as the pages."""

from django.urls import path

from subsidies.api import claims, courses, moves, steps, trials

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
    path("claimable/<int:pk>/", claims.Claimable.as_view(), name="claimable"),
]
