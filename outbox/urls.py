"""Addresses of outbox."""

from django.urls import URLPattern, path

from outbox import views

app_name = "outbox"

urlpatterns: list[URLPattern] = [
    path("mailbox/", views.mailbox, name="mailbox"),
]
