"""Addresses of the product. Paths are the same in every language."""

from django.urls import path

from roles.views import answer, assignments, begin, home, invitations, mine
from roles.wizard import organisation, persons, properties, review, roles
from roles.wizard.invite import people as invite_people
from roles.wizard.invite import review as invite_review
from roles.wizard.invite import steps as invite_steps

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
    path("assignments/<str:key>/", assignments.assignment, name="assignment"),
    path("assignments/<str:key>/confirm/", assignments.confirm, name="confirm"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/new/", invitations.new, name="invite"),
    path("invitations/new/<uuid:draft>/people/", invite_people.people, name="invite_people"),
    path("invitations/new/<uuid:draft>/roles/", invite_steps.roles, name="invite_roles"),
    path("invitations/new/<uuid:draft>/properties/", invite_steps.properties, name="invite_properties"),
    path("invitations/new/<uuid:draft>/review/", invite_review.review, name="invite_review"),
    path("invitations/new/<uuid:draft>/done/", invite_review.done, name="invite_done"),
    path("invitations/<str:key>/", invitations.invitation, name="invitation"),
    path("invitations/<str:key>/send-again/", invitations.send_again, name="resend_invitation"),
    path("invitations/<str:key>/cancel/", invitations.cancel, name="cancel_invitation"),
    path("invitation/", answer.code, name="answer_code"),
    path("invitation/answer/", answer.answer, name="answer"),
]
