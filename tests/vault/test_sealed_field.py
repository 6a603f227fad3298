"""A sealed column: text for Python, nothing for anyone else."""

from datetime import UTC, datetime

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, models
from django.forms import modelform_factory

from outbox.compose import compose
from outbox.models import OutgoingEmail
from vault.fields import SealedField

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)


def letter_with_code() -> OutgoingEmail:
    """Return a stored row of the one model of these floors that has a sealed column."""
    return compose(
        "security_code", to="anna@example.be", language="nl", context={}, secrets={"code": "48213377"}, now=NOW
    )


def raw(row: OutgoingEmail) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM outbox_outgoingemail WHERE id = %s", [row.pk])
        return bytes(cursor.fetchone()[0])


def test_python_reads_the_text_and_the_column_does_not_hold_it(db: None) -> None:
    row = letter_with_code()
    assert b"48213377" not in raw(row)
    assert OutgoingEmail.objects.get().secrets == '{"code": "48213377"}'
    assert OutgoingEmail.objects.values_list("secrets", flat=True).get() == '{"code": "48213377"}'


def test_no_value_stays_no_value(db: None) -> None:
    compose("hello", to="anna@example.be", language="nl", context={}, now=NOW)
    assert OutgoingEmail.objects.filter(secrets__isnull=True).get().secrets is None


@pytest.mark.parametrize("question", ["secrets", "secrets__contains", "secrets__in"])
def test_a_sealed_column_cannot_be_searched(db: None, question: str) -> None:
    letter_with_code()
    with pytest.raises(FieldError):
        OutgoingEmail.objects.filter(**{question: "48213377"}).exists()


def test_only_text_can_be_sealed(db: None) -> None:
    row = letter_with_code()
    row.secrets = 48213377  # type: ignore[assignment]
    with pytest.raises(TypeError):
        row.save()


def test_no_form_and_no_name_shows_it(db: None) -> None:
    row = letter_with_code()
    form = modelform_factory(OutgoingEmail, fields="__all__")()
    assert "secrets" not in form.fields
    assert "48213377" not in repr(row) + str(row)


def test_an_export_is_sealed_and_comes_back(db: None) -> None:
    row = letter_with_code()
    exported = serializers.serialize("json", [row])
    assert "48213377" not in exported
    OutgoingEmail.objects.all().delete()
    next(iter(serializers.deserialize("json", exported))).save()
    assert OutgoingEmail.objects.get().secrets == '{"code": "48213377"}'


def test_text_that_only_looks_exported_stays_text() -> None:
    field = SealedField(purpose="test")
    assert field.to_python("sealed:%%%") == "sealed:%%%"
    assert field.to_python("sealed:aGVsbG8=") == "sealed:aGVsbG8="


def test_a_migration_can_build_the_field_again() -> None:
    field = SealedField(purpose="test", null=True)
    _name, path, args, kwargs = field.deconstruct()
    assert path == "vault.fields.SealedField"
    again = SealedField(*args, **kwargs)
    assert isinstance(again, models.Field)
    assert (again.purpose, again.null, again.editable) == ("test", True, False)


def test_a_field_without_purpose_is_refused() -> None:
    with pytest.raises(ValueError, match="purpose"):
        SealedField(purpose="")
