"""Addresses of letters."""

from django.urls import path

from portal.letters import views

app_name = "letters"
urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>/", views.verified, name="verified"),
    path("print/", views.print_letters, name="print_letters"),
    path("print/<int:pk>/", views.print_file, name="print"),
    path("print/<int:pk>/progress/", views.print_progress, name="print_progress"),
    path("print/<int:pk>/pdf/", views.print_pdf, name="print_pdf"),
    path("<slug:code>/", views.detail, name="detail"),
    path("<slug:code>/pdf/", views.pdf, name="pdf"),
    path("<slug:code>/progress/", views.progress, name="progress"),
    path("<slug:code>/build/", views.build_now, name="build"),
    path("<slug:code>/serve/", views.serve, name="serve"),
]
