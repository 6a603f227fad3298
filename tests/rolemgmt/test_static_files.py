"""Static files as production serves them: collected, compressed, under names that may be kept for good."""

import gzip
from collections.abc import Callable, Iterator
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings

Ask = Callable[..., tuple[int, dict[str, str], bytes]]
# Every answer tidies the connections to the database, whether it read one or not.
pytestmark = pytest.mark.django_db

OURS = ("css/portal.css", "js/portal.js", "favicon.svg")


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Return a function that asks the application that gunicorn runs, after collectstatic."""
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("collected"), STORAGES=storages):
        call_command("collectstatic", verbosity=0, interactive=False)
        application = get_wsgi_application()

        def answer(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
            environ = {"PATH_INFO": path, "HTTP_HOST": "testserver", "wsgi.input": BytesIO(), **headers}
            setup_testing_defaults(environ)
            told: list[tuple[int, dict[str, str]]] = []
            body = application(environ, lambda status, pairs, _error=None: told.append((int(status[:3]), dict(pairs))))
            try:
                return *told[0], b"".join(body)
            finally:
                body.close()

        yield answer


@pytest.mark.parametrize("name", OURS)
def test_a_file_has_a_name_of_its_content_and_may_be_kept_for_good(ask: Ask, name: str) -> None:
    address = staticfiles_storage.url(name)
    stem, _dot, ending = name.rpartition(".")
    assert address.startswith(f"/static/{stem}.")
    assert len(address) == len(f"/static/{stem}..{ending}") + 12
    status, headers, body = ask(address, HTTP_ACCEPT_ENCODING="gzip, br")
    assert status == 200
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Encoding"] == "gzip"
    original = (settings.BASE_DIR / "static" / name).read_bytes()
    assert gzip.decompress(body) == original
    assert len(body) == int(headers["Content-Length"]) < len(original)
    assert ask(address)[2] == original


def test_a_file_that_has_not_changed_is_not_sent_again(ask: Ask) -> None:
    address = staticfiles_storage.url("css/portal.css")
    since = ask(address)[1]["Last-Modified"]
    status, _headers, body = ask(address, HTTP_IF_MODIFIED_SINCE=since)
    assert (status, body) == (304, b"")


@pytest.mark.parametrize("template", ["404.html", "idp/base.html"])
def test_pages_ask_for_those_names(ask: Ask, template: str) -> None:
    page = render_to_string(template, request=RequestFactory().get("/"))
    for name in OURS:
        assert f'"{staticfiles_storage.url(name)}"' in page


@pytest.mark.parametrize("template", ["400.html", "500.html", "503.html"])
def test_pages_that_stand_alone_ask_for_names_that_stay_but_not_for_good(ask: Ask, template: str) -> None:
    page = render_to_string(template)
    for name in ("css/portal.css", "favicon.svg"):
        assert f'"/static/{name}"' in page
        status, headers, _body = ask(f"/static/{name}")
        assert (status, headers["Cache-Control"]) == (200, "max-age=60, public")


def test_an_unknown_file_is_no_file(ask: Ask) -> None:
    assert ask("/static/css/other.css")[0] == 404
