"""Addresses of the product. Paths are the same in every language."""

from django.urls import path

from roles.views import (
    activity,
    answer,
    appoint,
    ask,
    assignment,
    begin,
    contact,
    decide,
    history,
    home,
    invitations,
    life,
    manage,
    managers,
    mine,
    requests,
)
from roles.wizard import organisation, persons, properties, review, roles
from roles.wizard.invite import people as invite_people
from roles.wizard.invite import review as invite_review
from roles.wizard.invite import steps as invite_steps

app_name = "roles"

urlpatterns = [
    path("", home.home, name="home"),
    path("my-roles/", mine.my_roles, name="my_roles"),
    path("assignments/", manage.assignments, name="assignments"),
    path("assignments/filter/", manage.filter_assignments, name="filter_assignments"),
    path("assignments/bulk/", life.bulk, name="bulk"),
    path("my-roles/request/", ask.begin, name="ask"),
    path("my-roles/request/<uuid:draft>/roles/", ask.roles, name="request_roles"),
    path("my-roles/request/<uuid:draft>/reason/", ask.reason, name="request_reason"),
    path("my-roles/request/<uuid:draft>/review/", ask.review, name="request_review"),
    path("my-roles/request/<uuid:draft>/done/", ask.done, name="request_done"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<str:key>/", decide.role_request, name="request"),
    path("requests/<str:key>/withdraw/", decide.withdraw, name="withdraw_request"),
    path("assignments/new/", begin.new_assignment, name="new_assignment"),
    path("assignments/new/<uuid:draft>/delete/", begin.delete, name="delete_draft"),
    path("assignments/new/<uuid:draft>/undo/", life.undo, name="undo"),
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
    path("history/", history.history, name="history"),
    path("profile/activity/", activity.activity, name="activity"),
    path("assignments/<str:key>/", assignment.assignment, name="assignment"),
    path("assignments/<str:key>/confirm/", assignment.confirm, name="confirm"),
    path("assignments/<str:key>/end/", life.end, name="end"),
    path("assignments/<str:key>/extend/", life.extend, name="extend"),
    path("assignments/<str:key>/remind/", life.remind, name="remind"),
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
