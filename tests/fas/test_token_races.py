"""One code, several requests at once: one gets tokens, and then they are taken back, as from a code used twice."""

import pytest

from fas.models import AccessToken, Grant
from tests.fas.relying_party import RelyingParty
from tests.parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_code_gives_tokens_once(party: RelyingParty) -> None:
    code = party.sign_on()["code"]
    statuses = sorted(at_once(lambda _number: party.token(code).status_code, times=4, threads=4))
    assert statuses == [200, 400, 400, 400]
    assert not AccessToken.objects.exists()
    assert Grant.objects.get().used_at is not None
