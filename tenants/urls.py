"""Addresses of the choice for whom one acts."""

from django.urls import path

from tenants import views

app_name = "tenants"

urlpatterns = [
    path("acting-for/", views.acting_for, name="acting_for"),
    path("acting-for/search/", views.acting_for_search, name="acting_for_search"),
]
