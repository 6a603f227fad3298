"""What the worker tidies up about every minute, beside the jobs of the lower floors (setting PERIODIC_JOBS)."""

from datetime import datetime

from django.contrib.sessions.models import Session


def forget_ended_sessions(*, now: datetime) -> int:
    """Delete the sessions that have run out and return how many; a signed-out person leaves no trace behind."""
    deleted, _per_model = Session.objects.filter(expire_date__lt=now).delete()
    return deleted
