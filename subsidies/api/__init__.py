"""Claims over the API, below /api/subsidies/: the same actions and scopes as the pages."""

from django.urls import path

from subsidies.api import claims, moves, steps

urlpatterns = [
    path("claims/", claims.Claims.as_view(), name="subsidies"),
    path("claims/<slug:number>/", claims.OneClaim.as_view(), name="claim"),
    *steps.addresses(),
    path("moves/", moves.Moves.as_view(), name="move_claims"),
    path("claimable/<int:pk>/", claims.Claimable.as_view(), name="claimable"),
]
