"""Addresses of the pretend identity provider; all of them are 404 where pretend keys are off."""

from django.urls import path

from csam.idp import views

app_name = "idp"

urlpatterns = [
    path("idp/eid/", views.eid, name="eid"),
    path("idp/eid/search/", views.eid_search, name="eid_search"),
    path("idp/email/", views.email, name="email"),
    path("idp/email/code/", views.email_code, name="email_code"),
    path("idp/email/new/", views.email_new_code, name="email_new_code"),
    path("idp/cancel/", views.cancel, name="cancel"),
]
