"""What the administration holds."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import reverse

OWN_APPS = ("audit", "csam", "fas", "outbox", "roles", "rolemgmt", "tenants", "vault")


def own_models() -> list[type[Model]]:
    """Return the models of the portal, and the two of Django that staff meet."""
    models = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
    return [*models, Group, LogEntry]


def name_of(model: type[Model]) -> str:
    """Return a short name for test ids."""
    return model._meta.label


def page_of(model: type[Model]) -> Any:
    """Return the page class of a model."""
    return admin.site.get_model_admin(model)


def address(model: type[Model], page: str = "changelist", *args: Any) -> str:
    """Return the address of a page."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
