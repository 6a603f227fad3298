"""Addresses of csam.idp."""

from django.urls import URLPattern

app_name = "idp"

urlpatterns: list[URLPattern] = []
