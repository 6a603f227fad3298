"""The jobs that the worker runs about every minute."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils.module_loading import import_string

from rolemgmt.jobs import forget_ended_sessions

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)


def test_sessions_that_have_run_out_are_deleted_and_no_other(db):
    for name, hours in (("ended", -1), ("alive", 1)):
        Session.objects.create(session_key=name, session_data="", expire_date=NOW + timedelta(hours=hours))
    assert forget_ended_sessions(now=NOW) == 1
    assert [session.session_key for session in Session.objects.all()] == ["alive"]


def test_every_job_exists_and_can_run_on_an_empty_database(db):
    assert settings.PERIODIC_JOBS
    for name in settings.PERIODIC_JOBS:
        import_string(name)(now=NOW)
