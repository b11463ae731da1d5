"""Addresses around accounts."""

from django.urls import path

from portal.accounts import admin_views, own_views, release_views, staying, views
from portal.accounts.second_factor.urls import urlpatterns as second_factor

app_name = "accounts"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("stay/", staying.stay, name="stay"),
    path("password/", views.password, name="password"),
    path("sessions/", own_views.own_sessions, name="sessions"),
    path("sessions/end/", own_views.end_session, name="session_end"),
    path("sessions/end-others/", own_views.end_other_sessions, name="sessions_end_others"),
    path("tokens/", own_views.own_tokens, name="tokens"),
    path("tokens/<int:pk>/end/", own_views.end_token, name="token_end"),
    path("activate/", views.activate_account, name="activate"),
    path("set-password/", release_views.set_password, name="set_password"),
    path("releases/", release_views.waiting, name="releases"),
    path("releases/<int:pk>/", release_views.release, name="release"),
    path("releases/<int:pk>/withdraw/", release_views.withdraw, name="release_withdraw"),
    path("users/", admin_views.users, name="users"),
    path("users/new/", admin_views.user_new, name="user_new"),
    path("users/<int:pk>/", admin_views.user, name="user"),
    path("users/<int:pk>/disable/", admin_views.disable, name="user_disable"),
    path("users/<int:pk>/enable/", admin_views.enable, name="user_enable"),
    path("users/<int:pk>/codes/<slug:kind>/", release_views.ask, name="release_ask"),
    path("users/<int:pk>/unlock/", admin_views.unlock, name="user_unlock"),
    path("users/<int:pk>/roles/", admin_views.grant, name="role_grant"),
    path("roles/<int:pk>/end/", admin_views.end, name="role_end"),
    *second_factor,
]
