"""Rows of clients, sign-ons and tokens for tests."""

from datetime import datetime, timedelta
from typing import Any

from csam.models import User
from fas.models import (
    AccessToken,
    Client,
    ClientUse,
    Consent,
    DeviceGrant,
    Grant,
    IDToken,
    LogoutDelivery,
    RefreshToken,
    RoleChange,
    SignOn,
)
from roles.models import OnlineService
from tenants.models import Person
from tests.factories import AssignmentFactory, RoleFactory, ServiceFactory

CALLBACK = "https://service.example/callback"
SIGNED_OUT = "https://service.example/signed-out"
SECRET = "a-secret-of-the-tests-0123456789-abcdefghij"


def a_client(service: OnlineService | None = None, **values: Any) -> Client:
    """Register a client that may ask everything but numbers, with the secret of the tests."""
    number = Client.objects.count()
    client = Client(
        **{
            "client_id": f"client-{number}",
            "name": f"Service {number}",
            "service": service or ServiceFactory(),
            "client_secret": SECRET,
            "redirect_uris": CALLBACK,
            "post_logout_redirect_uris": SIGNED_OUT,
            **values,
        }
    )
    client.full_clean(exclude=["client_secret"], validate_constraints=False)
    client.save()
    return client


def a_sign_on(person: Person, client: Client, *, now: datetime, **values: Any) -> SignOn:
    """Sign a person in at a client, without any protocol."""
    return SignOn.objects.create(
        **{
            "sub": f"subject-of-{person.key}"[:43],
            "user": User.objects.get(person=person),
            "client": client,
            "browser": "browser-of-tests",
            "level": 500,
            "amr": ["eid"],
            "auth_time": now,
            "started_at": now,
            "last_used_at": now,
            **values,
        }
    )


def one_of_each(person: Person, *, now: datetime) -> None:
    """Leave a row in every table of the provider."""
    client = a_client()
    sign_on = a_sign_on(person, client, now=now)
    common = {"user": sign_on.user, "application": client, "expires": now + timedelta(minutes=5)}
    LogoutDelivery.objects.create(sign_on=sign_on, client=client, queued_at=now, next_at=now)
    Consent.objects.create(user=sign_on.user, client=client, scopes="openid", given_at=now)
    grant = Grant.objects.create(code="0a" * 32, redirect_uri=CALLBACK, sign_on=sign_on, **common)
    id_token = IDToken.objects.create(sign_on=sign_on, **common)
    access = AccessToken(sign_on=sign_on, grant=grant, id_token=id_token, **common)
    access._raw_token = "x"
    access.save()
    refresh = RefreshToken(user=sign_on.user, application=client)
    refresh._raw_token = "x"
    refresh.save()
    DeviceGrant.objects.create(client_id=client.client_id, device_code="x", user_code="x", expires=now)
    ClientUse.objects.create(client=client, day=now.date(), window=now, taken=1, total=1)
    RoleChange.objects.create(assignment=AssignmentFactory(role=RoleFactory()), position=1, sealed_at=now)
