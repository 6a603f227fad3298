"""What every answer carries (TRUST, section 4 "Web"; ASVS 3.4)."""

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.rolemgmt.sample_urls")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; report-uri /csp-report/"
)

ANSWERS = [
    ("/sample/language/", 200),
    ("/sample/moved/", 302),
    ("/sample/broken/", 500),
    ("/sample/database-away/", 503),
    ("/sample/language/?language=fr", 302),
]


@pytest.mark.asvs(20)
@pytest.mark.asvs(21)
@pytest.mark.asvs(67)
@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_every_answer_forbids_foreign_content_frames_guessing_and_storing(path, status):
    response = Client(raise_request_exception=False).get(path)
    assert response.status_code == status
    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Request-ID"]


def test_the_policy_holds_nothing_unsafe():
    assert "unsafe" not in POLICY
    assert "http" not in POLICY.replace("https", "http")


@pytest.mark.asvs(19)
def test_another_origin_gets_no_leave_to_read(client):
    response = client.get("/sample/language/", headers={"Origin": "https://evil.example"})
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]


@pytest.mark.asvs(26)
@pytest.mark.parametrize("path", ["/sample/language/", "/sample/broken/", "/sample/database-away/"])
def test_the_content_type_names_its_charset(path):
    response = Client(raise_request_exception=False).get(path)
    assert response.headers["Content-Type"].endswith("charset=utf-8")


@pytest.mark.asvs(27)
def test_a_forged_forwarded_header_changes_nothing(client):
    response = client.get(
        "/sample/language/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    )
    assert response.status_code == 200
    assert not response.wsgi_request.is_secure()
    assert response.wsgi_request.get_host() == "testserver"


@pytest.mark.asvs(22)
def test_a_policy_report_is_logged_without_the_page_it_came_from(client, caplog):
    report = {
        "csp-report": {
            "document-uri": "http://127.0.0.1:8000/assignments/secret-key/",
            "blocked-uri": "https://evil.example/x.js?who=anna",
            "effective-directive": "script-src",
            "script-sample": "alert(1)",
        }
    }
    assert client.post("/csp-report/", report, content_type="application/json").status_code == 204
    assert "script-src" in caplog.text
    assert "https://evil.example/x.js" in caplog.text
    for secret in ("secret-key", "anna", "alert"):
        assert secret not in caplog.text


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"csp-report": 1}', "\\u0000", "{" * 2000, "[" * 4900])
def test_a_broken_policy_report_is_refused(client, body):
    assert client.post("/csp-report/", body, content_type="application/csp-report").status_code == 400


def test_a_huge_policy_report_is_refused_and_a_get_is_not_known(client):
    assert client.post("/csp-report/", "x" * 20_000, content_type="text/plain").status_code == 413
    assert client.get("/csp-report/").status_code == 405
