"""Addresses of signing in and out, and of the profile. `return` and `high` are no keys, so they stand before them."""

from django.urls import path

from csam.oidc import views as oidc
from csam.views import address, app_key, profile, session, sign_in

app_name = "csam"

urlpatterns = [
    path("login/", sign_in.choose_key, name="login"),
    path("login/high/", sign_in.choose_key, {"high": True}, name="login_high"),
    path("login/return/", sign_in.come_back, name="login_return"),
    path("login/oidc/leave/", oidc.leave, name="oidc_leave"),
    path("login/oidc/return/", oidc.come_back, name="oidc_return"),
    path("login/<slug:key_name>/", sign_in.start, name="login_key"),
    path("logout/", sign_in.leave, name="logout"),
    path("session/stay/", session.stay, name="stay"),
    path("profile/", profile.profile, name="profile"),
    path("profile/check/", profile.check_profile, name="profile_check"),
    path("profile/email/", address.change, name="address"),
    path("profile/email/code/", address.code, name="address_code"),
    path("profile/email/new/", address.new_code, name="address_new_code"),
    path("profile/app/", app_key.app_key, name="app_key"),
    path("profile/app/remove/", app_key.remove, name="app_key_remove"),
    path("profile/sessions/end/", profile.end_every_session, name="end_sessions"),
    path("profile/sessions/<str:session>/end/", profile.end_one_session, name="end_session"),
]
