"""Someone who may look at everything in the admin, for tests of one admin page without a sign-in."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db.models import Model
from django.http import HttpRequest
from django.test import RequestFactory


class Reader:
    """A user with every permission."""

    pk = 1
    is_active = is_staff = is_authenticated = True

    def has_perm(self, name: str, obj: object = None) -> bool:
        return True


def request_to(path: str = "/admin/", **query: str) -> HttpRequest:
    """Return a GET by the reader."""
    request = RequestFactory().get(path, query)
    request.user = Reader()  # type: ignore[assignment]
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def changelist(model: type[Model], **query: str) -> ChangeList:
    """Return the list page of a model, with its rows."""
    page: Any = admin.site.get_model_admin(model)
    return page.get_changelist_instance(request_to(**query))
