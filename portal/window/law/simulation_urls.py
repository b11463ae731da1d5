"""Addresses of the staff pages about what-if; part of the staff side's."""

from django.urls import path, re_path

from portal.window.law import simulation_drafting, simulations

urlpatterns = [
    path("simulations/", simulations.simulations, name="simulations"),
    path("simulations/new/", simulation_drafting.simulation_new, name="simulation_new"),
    path("simulations/<int:pk>/", simulations.simulation, name="simulation"),
    path(
        "simulations/<int:pk>/figures/<str:code>/",
        simulation_drafting.simulation_figure,
        name="simulation_figure",
    ),
    path(
        "simulations/<int:pk>/figures/<str:code>/drop/",
        simulation_drafting.simulation_drop,
        name="simulation_drop",
    ),
    path("simulations/<int:pk>/run/", simulations.simulation_run, name="simulation_run"),
    path("simulations/<int:pk>/again/", simulations.simulation_again, name="simulation_again"),
    path("simulations/<int:pk>/progress/", simulations.simulation_progress, name="simulation_progress"),
    path("simulations/<int:pk>/cancel/", simulations.simulation_cancel, name="simulation_cancel"),
    re_path(
        r"^simulations/(?P<pk>\d{1,9})/export\.(?P<kind>csv|xlsx)$",
        simulations.simulation_export,
        name="simulation_export",
    ),
]
