"""What the database itself refuses of clients, sign-ons and tokens, whoever writes, on both engines."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

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
from tests.factories import AssignmentFactory, OrganisationFactory, RoleFactory, UserFactory
from tests.fas.rows import CALLBACK, a_client, a_sign_on

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HASH = "0a" * 32


def client(**values: Any) -> Client:
    made = a_client()
    Client.objects.filter(pk=made.pk).update(**values)
    return made


def sign_on(**values: Any) -> SignOn:
    return a_sign_on(UserFactory().person, a_client(), now=NOW, **values)


def consent(**values: Any) -> Consent:
    return Consent.objects.create(
        **{"user": UserFactory(), "client": a_client(), "scopes": "openid", "given_at": NOW, **values}
    )


def common() -> dict[str, Any]:
    found = sign_on()
    return {
        "user": found.user,
        "application": found.client,
        "sign_on": found,
        "expires": NOW + timedelta(minutes=1),
    }


def grant(**values: Any) -> Grant:
    return Grant.objects.create(**{"code": HASH, "redirect_uri": CALLBACK, **common(), **values})


def access_token(**values: Any) -> AccessToken:
    row = AccessToken(**{**common(), **values})
    row.token_checksum = HASH
    return AccessToken.objects.bulk_create([row])[0]


def role_change(**values: Any) -> RoleChange:
    return RoleChange.objects.create(assignment=AssignmentFactory(role=RoleFactory()), **values)


def client_use() -> ClientUse:
    return ClientUse.objects.create(client=a_client(), day=NOW.date(), window=NOW)


def refresh_token(**values: Any) -> RefreshToken:
    found = sign_on()
    return RefreshToken.objects.bulk_create(
        [RefreshToken(**{"user": found.user, "application": found.client, "token_checksum": HASH, **values})]
    )[0]


def device(**values: Any) -> DeviceGrant:
    return DeviceGrant.objects.create(
        **{"client_id": "x", "device_code": "x", "user_code": "x", "expires": NOW, **values}
    )


def delivery(**values: Any) -> LogoutDelivery:
    found = sign_on()
    return LogoutDelivery.objects.create(
        **{"sign_on": found, "client": found.client, "queued_at": NOW, "next_at": NOW, **values}
    )


ROWS: list[tuple[str, Callable[[], Any]]] = [
    ("client_roles_as_known", lambda: client(roles_as="table")),
    ("client_has_a_hashed_secret", lambda: client(client_secret="in-clear")),
    ("client_has_a_hashed_secret", lambda: client(hash_client_secret=False)),
    ("client_has_a_hashed_secret", lambda: client(client_type="public")),
    ("client_signs_in_by_code", lambda: client(authorization_grant_type="implicit")),
    ("client_signs_in_by_code", lambda: client(algorithm="HS256")),
    ("client_asks_consent", lambda: client(skip_authorization=True)),
    ("client_minimum_level_known", lambda: client(minimum_level=420)),
    ("client_has_a_limit", lambda: client(requests_per_minute=0)),
    ("client_has_a_name", lambda: client(name="")),
    ("sign_on_end_reason_known", lambda: sign_on(ended_at=NOW, end_reason="bored")),
    ("sign_on_end_is_whole", lambda: sign_on(ended_at=NOW)),
    ("sign_on_end_is_whole", lambda: sign_on(end_reason="signed_out")),
    ("sign_on_ends_later", lambda: sign_on(ended_at=NOW - timedelta(days=1), end_reason="signed_out")),
    ("sign_on_level_known", lambda: sign_on(level=100)),
    ("sign_on_of_somebody_somewhere", lambda: sign_on(sub="")),
    ("sign_on_of_somebody_somewhere", lambda: sign_on(browser="")),
    ("consent_ends_later", lambda: consent(ended_at=NOW - timedelta(days=1))),
    ("grant_code_is_hashed", lambda: grant(code="in-clear")),
    ("grant_challenge_is_s256", lambda: grant(code_challenge="x", code_challenge_method="plain")),
    ("grant_challenge_is_s256", lambda: grant(code_challenge="x")),
    ("access_token_is_hashed", lambda: access_token(token="in-clear")),
    ("access_token_of_a_sign_on_or_nobody", lambda: access_token(user=None)),
    ("access_token_of_a_sign_on_or_nobody", lambda: access_token(sign_on=None)),
    ("logout_delivery_state_known", lambda: delivery(state="lost")),
    ("logout_delivery_trouble_known", lambda: delivery(last_trouble="bored")),
    ("logout_delivery_lease_while_sending", lambda: delivery(state="sending")),
    ("logout_delivery_lease_while_sending", lambda: delivery(lease_until=NOW)),
    ("logout_delivery_moment_when_delivered", lambda: delivery(state="delivered")),
    ("logout_delivery_moment_when_delivered", lambda: delivery(delivered_at=NOW)),
    ("refresh_token_is_hashed", lambda: refresh_token(token="in-clear")),
    ("role_change_sealed_whole", lambda: role_change(position=1)),
    ("role_change_sealed_whole", lambda: role_change(sealed_at=NOW)),
    ("role_change_sealed_whole", lambda: role_change(position=0, sealed_at=NOW)),
]


@pytest.mark.parametrize(("name", "write"), ROWS, ids=[name for name, _write in ROWS])
def test_a_row_that_breaks_a_rule_is_refused(name: str, write: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


def again(**changes: Any) -> Callable[[Any], Model]:
    def make(row: Any) -> Model:
        values = {
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if not field.primary_key and (not field.unique or field.attname in changes)
        }
        return type(row)(**{**values, **changes})

    return make


TWINS: list[tuple[str, Callable[[], Any], Callable[[Any], Model]]] = [
    ("sign_on_open_once", lambda: sign_on(organisation=OrganisationFactory()), again()),
    ("sign_on_open_once_for_nobody", sign_on, again()),
    ("consent_open_once", consent, again()),
    ("fas_devicegrant_unique_device_code", device, again()),
    ("client_use_once_a_day", client_use, again()),
]


@pytest.mark.parametrize(("name", "make", "make_twin"), TWINS, ids=[name for name, *_ in TWINS])
def test_a_second_row_of_the_same_is_refused(
    name: str, make: Callable[[], Model], make_twin: Callable[[Any], Model]
) -> None:
    row = make()
    twin = make_twin(row)
    words = name if connection.vendor == "postgresql" else f"UNIQUE constraint failed: .*({name}|{row._meta.db_table})"
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        type(row)._default_manager.bulk_create([twin])


def test_what_has_ended_makes_room_for_the_next() -> None:
    first, agreed = sign_on(), consent()
    SignOn.objects.filter(pk=first.pk).update(ended_at=NOW, end_reason="signed_out")
    Consent.objects.filter(pk=agreed.pk).update(ended_at=NOW)
    again()(first).save()
    again()(agreed).save()
    assert (SignOn.objects.count(), Consent.objects.count()) == (2, 2)


def test_every_named_constraint_has_a_row_here() -> None:
    named = {
        constraint.name for model in apps.get_app_config("fas").get_models() for constraint in model._meta.constraints
    }
    assert named == {name for name, *_ in ROWS} | {name for name, *_ in TWINS}


def test_an_id_token_belongs_to_a_sign_on() -> None:
    values = {**common(), "sign_on": None}
    with pytest.raises(IntegrityError), transaction.atomic():
        IDToken.objects.create(**values)
