"""What cannot be read is answered as the protocol answers, at every endpoint that services call."""

import pytest

from tests.fas.relying_party import BASE, RelyingParty, basic
from tests.fas.unreadable import UNREADABLE, UNREADABLE_NAMES

pytestmark = [pytest.mark.django_db, pytest.mark.asvs(59)]


@pytest.mark.parametrize(("body", "kind"), UNREADABLE, ids=UNREADABLE_NAMES)
@pytest.mark.parametrize("endpoint", ["access_token", "userinfo", "introspect", "revoke"])
def test_a_body_that_cannot_be_read_is_an_invalid_request(
    party: RelyingParty, endpoint: str, body: bytes, kind: str
) -> None:
    answer = party.direct.post(f"{BASE}/{endpoint}", body, content_type=kind, headers=basic(party.client.client_id))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["error"] == "invalid_request"
