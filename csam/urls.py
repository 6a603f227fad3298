"""Addresses of signing in and out. `return` is no key, so it stands before them."""

from django.urls import path

from csam import views

app_name = "csam"

urlpatterns = [
    path("login/", views.choose_key, name="login"),
    path("login/return/", views.come_back, name="login_return"),
    path("login/<slug:key_name>/", views.start, name="login_key"),
    path("logout/", views.leave, name="logout"),
    path("profile/", views.check_profile, name="profile_check"),
]
