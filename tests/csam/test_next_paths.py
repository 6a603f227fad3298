"""Where a sign-in may lead: 60 strings that look like a way out, and the paths that are none."""

import pytest
from django.test import Client

from csam.models import LoginTicket
from tenants.models import RegisteredPerson
from tenants.paths import local_path
from tests.csam.flows import sign_in_with_card

OFF_SITE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/\\/evil.example", "//\\evil.example", "https://evil.example", "http://evil.example", "HTTPS://evil.example",
    "https:evil.example", "https:/evil.example", "https:///evil.example", "http:evil.example", "ftp://evil.example",
    "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x",
    "mailto:a@evil.example", "evil.example", "evil.example/path", "www.evil.example", "@evil.example", "?next=//evil",
    "#//evil.example", "", " ", " /my-roles/", "\t//evil.example", "\n//evil.example", "\r\n//evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/ /evil.example", "/\x00/evil.example",
    "/my-roles/\r\nSet-Cookie: a=b", "/my-roles/\nLocation: //evil", "/my-roles/ x", "/.//evil.example",
    "/..//evil.example", "/a/..//evil.example", "/a//evil.example", "//evil.example/%2e%2e", "//evil.example:80",
    "//user:word@evil.example", "//[::1]/", "//127.0.0.1", "/\u00a0/evil.example", "/\u2028/evil.example",
    "\u202e//evil.example", "/\ufeff/evil.example", "/\u0085/evil.example", "//evil%E3%80%82example",
    "/" + "a" * 2000, "/login/", "/logout/", "/login/?next=/login/", "/idp/eid/", "http://testserver.evil.example/",
    "/\\\\evil.example", "blob:https://evil.example/x", "//",
]  # fmt: skip

ON_SITE = [
    "/", "/my-roles/", "/assignments/new/?role=CCB_SAFEONWEBATWORK_EDIT", "/assignments/?page=2&status=active",
    "/my-roles/#top", "/%2F%2Fevil.example", "/help/#keys", "/admin/csam/user/?q=%C3%A9", "/x?next=//evil.example",
]  # fmt: skip


def test_there_are_sixty_of_them() -> None:
    assert len(set(OFF_SITE)) >= 60


@pytest.mark.asvs(24)
@pytest.mark.threat(29)
@pytest.mark.parametrize("candidate", OFF_SITE)
def test_what_leads_away_is_dropped(candidate: str) -> None:
    assert local_path(candidate) == ""


@pytest.mark.parametrize("candidate", ON_SITE)
def test_pages_of_the_portal_are_kept(candidate: str) -> None:
    assert local_path(candidate) == candidate


@pytest.mark.asvs(2)
@pytest.mark.threat(29)
def test_a_sign_in_never_leaves_the_site(card: RegisteredPerson) -> None:
    for candidate in OFF_SITE[:12]:
        browser = Client()
        assert candidate not in browser.get("/login/", {"next": candidate}).content.decode().split("<main")[1] or (
            not candidate.strip()
        )
        assert sign_in_with_card(browser, card, candidate).url == "/"
    assert set(LoginTicket.objects.values_list("next_path", flat=True)) == {""}
