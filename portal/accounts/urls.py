"""Addresses around accounts."""

from django.urls import path

from portal.accounts import admin_views, views
from portal.accounts.second_factor.urls import urlpatterns as second_factor

app_name = "accounts"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password, name="password"),
    path("activate/", views.activate_account, name="activate"),
    path("users/", admin_views.users, name="users"),
    path("users/new/", admin_views.user_new, name="user_new"),
    path("users/<int:pk>/", admin_views.user, name="user"),
    path("users/<int:pk>/disable/", admin_views.disable, name="user_disable"),
    path("users/<int:pk>/enable/", admin_views.enable, name="user_enable"),
    path("users/<int:pk>/reset/", admin_views.reset, name="user_reset"),
    path("users/<int:pk>/unlock/", admin_views.unlock, name="user_unlock"),
    path("users/<int:pk>/roles/", admin_views.grant, name="role_grant"),
    path("roles/<int:pk>/end/", admin_views.end, name="role_end"),
    *second_factor,
]
