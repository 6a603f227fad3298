"""Addresses of the pretend identity provider; all of them are 404 where pretend keys are off."""

from django.urls import path

from csam.idp.views import app, attempt, eid, email, itsme, phone

app_name = "idp"

urlpatterns = [
    path("idp/search/", attempt.search, name="search"),
    path("idp/cancel/", attempt.cancel, name="cancel"),
    path("idp/eid/", eid.eid, name="eid"),
    path("idp/email/", email.email, name="email"),
    path("idp/email/code/", email.email_code, name="email_code"),
    path("idp/email/new/", email.email_new_code, name="email_new_code"),
    path("idp/itsme/", itsme.itsme, name="itsme"),
    path("idp/itsme/waiting/", itsme.waiting, name="itsme_waiting"),
    path("idp/itsme/not-yet/", itsme.waiting, {"is_early": True}, name="itsme_not_yet"),
    path("idp/phone/<str:phone>/", phone.phone, name="phone"),
    path("idp/app/", app.app, name="app"),
    path("idp/authenticator/", app.authenticator, name="authenticator"),
]
