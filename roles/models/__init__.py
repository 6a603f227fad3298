"""The product: the catalogue of roles, who holds which, who asks for one or is invited, and what is being prepared."""

from roles.models.assignment import ReferenceSeries, RoleAssignment, name_people
from roles.models.catalogue import OnlineService, Role, RoleProperty
from roles.models.draft import AssignmentDraft, DraftInvitee, DraftPerson, DraftRole
from roles.models.invitation import Invitation, InvitedRole
from roles.models.request import RoleRequest
from roles.models.rule import ConfirmationRule

__all__ = [
    "AssignmentDraft",
    "ConfirmationRule",
    "DraftInvitee",
    "DraftPerson",
    "DraftRole",
    "Invitation",
    "InvitedRole",
    "OnlineService",
    "ReferenceSeries",
    "Role",
    "RoleAssignment",
    "RoleProperty",
    "RoleRequest",
    "name_people",
]
