"""Addresses of the product. Paths are the same in every language."""

from django.urls import path

from roles.views import appoint, assignments, begin, contact, home, managers, mine
from roles.wizard import organisation, persons, properties, review, roles

app_name = "roles"

urlpatterns = [
    path("", home.home, name="home"),
    path("my-roles/", mine.my_roles, name="my_roles"),
    path("assignments/", assignments.assignments, name="assignments"),
    path("assignments/new/", begin.new_assignment, name="new_assignment"),
    path("assignments/new/<uuid:draft>/delete/", begin.delete, name="delete_draft"),
    path("assignments/new/<uuid:draft>/persons/", persons.persons, name="wizard_persons"),
    path("assignments/new/<uuid:draft>/number/", persons.number, name="wizard_number"),
    path("assignments/new/<uuid:draft>/organisation/", organisation.organisation, name="wizard_organisation"),
    path("assignments/new/<uuid:draft>/roles/", roles.roles, name="wizard_roles"),
    path("assignments/new/<uuid:draft>/properties/", properties.properties, name="wizard_properties"),
    path("assignments/new/<uuid:draft>/review/", review.review, name="wizard_review"),
    path("assignments/new/<uuid:draft>/done/", review.done, name="wizard_done"),
    path("access-managers/", managers.managers, name="managers"),
    path("access-managers/new/", appoint.new_manager, name="new_manager"),
    path("access-managers/new/check/", appoint.check_manager, name="check_manager"),
    path("access-managers/contact/", contact.manager_contact, name="manager_contact"),
    path("access-managers/<str:appointment>/end/", managers.end_manager, name="end_manager"),
    path("assignments/<str:key>/", assignments.assignment, name="assignment"),
    path("assignments/<str:key>/confirm/", assignments.confirm, name="confirm"),
]
