"""Addresses of csam."""

from django.urls import URLPattern

app_name = "csam"

urlpatterns: list[URLPattern] = []
