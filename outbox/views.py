"""The demo mailbox (SCREENS, S27): the letters of the demo, for everyone, also signed out."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from outbox.models import OPEN, OutgoingEmail, Status
from outbox.rendering import render

PAGE = 25
RECENT = 200  # letters among which the receivers to choose from are found
SHOWN_RECEIVERS = 30
SESSION_KEY = "mailbox_receiver"
LARGEST_KEY = 2**63 - 1


class SeeOther(HttpResponseRedirect):
    """The answer to a POST: a GET elsewhere."""

    status_code = 303


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the letters, newest first; a POST chooses a receiver, and an empty one shows all again."""
    if not settings.DEMO_INSTANCE:
        raise Http404
    if request.method == "POST":
        # In the session, for no address of a person may stand in the address of a page.
        request.session[SESSION_KEY] = request.POST.get("receiver", "").strip()[:254]
        return SeeOther(reverse("outbox:mailbox"))
    receiver = request.session.get(SESSION_KEY, "")
    letters = OutgoingEmail.objects.exclude(status=Status.WITHDRAWN).order_by("-id")
    if receiver:
        letters = letters.filter(to=receiver)
    if after := _key(request.GET.get("after", "")):
        letters = letters.filter(id__lt=after)
    found = list(letters[: PAGE + 1])
    shown = found[:PAGE]
    values = {
        "letters": [_Shown(letter) for letter in shown],
        "older": shown[-1].pk if len(found) > PAGE else None,
        "newest": not after,
        "receiver": receiver,
        "receivers": _recent_receivers(),
    }
    return render_page(request, "outbox/mailbox.html", values)


class _Shown:
    """A letter on the page. One that waits is shown as it will read, but for codes: those come with the letter."""

    def __init__(self, letter: OutgoingEmail) -> None:
        self.letter = letter
        self.is_waiting = letter.status in OPEN
        # It leaves within a minute of this moment: the worker looks all the time.
        self.leaves_at = letter.not_before if self.is_waiting and letter.not_before > timezone.now() else None
        # Others wait because the mail server was away.
        self.can_be_undone = self.leaves_at is not None and bool(letter.batch) and letter.attempts == 0
        if self.is_waiting:
            preview = render(letter)
            self.subject, self.text = preview.subject, preview.kept_text
        else:
            self.subject, self.text = letter.kept_subject, letter.demo_text or letter.kept_text


def _key(text: str) -> int | None:
    """Return the key of a letter from an address; None for anything else."""
    if text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= LARGEST_KEY:
        return int(text)
    return None


def _recent_receivers() -> list[str]:
    newest = (
        OutgoingEmail.objects.exclude(status=Status.WITHDRAWN).order_by("-id").values_list("to", flat=True)[:RECENT]
    )
    return list(dict.fromkeys(newest))[:SHOWN_RECEIVERS]
