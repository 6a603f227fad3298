"""Addresses of the provider: those for services as FAS lays them out, those for people beside them."""

from django.urls import path

from fas.views import api_docs, authorize, end_session, metadata, request_role, services, steps, token, userinfo

app_name = "fas"

urlpatterns = [
    path("fas/oauth2/.well-known/openid-configuration", metadata.discovery, name="discovery"),
    path("fas/oauth2/authorize", authorize.authorize, name="authorize"),
    path("fas/oauth2/access_token", token.access_token, name="access_token"),
    path("fas/oauth2/userinfo", userinfo.userinfo, name="userinfo"),
    path("fas/oauth2/introspect", userinfo.introspect, name="introspect"),
    path("fas/oauth2/revoke", token.revoke, name="revoke"),
    path("fas/oauth2/connect/endSession", end_session.end_session, name="end_session"),
    path("fas/oauth2/connect/jwk_uri", metadata.jwk_uri, name="jwk_uri"),
    path("fas/api/docs/", api_docs.page, name="api_docs"),
    path("fas/api/docs/openapi.json", api_docs.document, name="api_document"),
    path("fas/sign-in/<str:key>/cancel/", steps.cancel, name="cancel"),
    path("fas/sign-in/<str:key>/<slug:need>/", steps.go_on, name="go_on"),
    path("fas/sign-in/<str:key>/<slug:need>/organisation/", steps.choose, name="choose"),
    path("fas/sign-in/<str:key>/<slug:need>/agree/", steps.agree_page, name="agree"),
    path("fas/request-role/", request_role.arrive, name="arrive_for_role"),
    path("fas/request-role/<str:asked>/", request_role.request_role, name="request_role"),
    path("profile/services/", services.services, name="services"),
    path("profile/services/<str:agreement>/end/", services.end, name="end_service"),
]
