"""The frame of the demo services: languages, headers, what is not there, and that they know nothing of the portal."""

import ast
import json
from pathlib import Path

import pytest

from rolemgmt.demo.services.config import ConfigError, read_config

HERE = Path(__file__).resolve().parents[2] / "rolemgmt" / "demo" / "services"


def test_every_page_says_that_it_is_a_demonstration(jean):
    for path in ("/", "/fluvius/", "/safeonweb/", "/fluvius/signed-out/", "/nowhere/"):
        jean.open(path)
        assert "This is not the real service." in jean.words
        assert jean.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in jean.headers["Content-Security-Policy"]
        assert jean.heading


def test_what_is_not_there_is_not_found(jean):
    jean.open("/nowhere/")
    assert (jean.status, jean.heading) == (404, "Page not found")
    jean.open("/fluvius/callback/")
    assert jean.status == 400


def test_the_language_is_the_switch_then_who_sent_then_the_browser_and_stays_through_the_sign_in(surf, provider):
    anna = surf("de")
    anna.open("/fluvius/")
    assert 'lang="de"' in anna.page.partition("<head")[0]
    anna.open("/fluvius/?ui_locales=xx+nl")
    assert 'lang="nl"' in anna.page.partition("<head")[0]
    provider.person["prefLanguage"] = "fr"
    anna.sign_in()
    assert 'lang="de"' in anna.page.partition("<head")[0]
    anna.open("/fluvius/?language=nl")
    assert 'lang="nl"' in anna.page.partition("<head")[0]
    anna.open("/fluvius/?ui_locales=de")
    assert 'lang="nl"' in anna.page.partition("<head")[0]


def test_the_language_switch_does_not_lead_away(jean):
    assert jean.open(f"{jean.base}//evil.example/?language=fr") == ""
    assert jean.status == 404


def test_the_services_import_nothing_of_the_portal():
    for file in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            ours = [name for name in names if name.partition(".")[0] in
                    {"rolemgmt", "fas", "roles", "csam", "tenants", "audit", "outbox", "vault"}]  # fmt: skip
            assert all(name.startswith("rolemgmt.demo.services") for name in ours), (file, ours)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"registrations": {"fluvius": {}}}'])
def test_a_file_that_is_none_stops_the_start_with_a_sentence(tmp_path, text):
    file = tmp_path / "services.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="manage.py demo"):
        read_config(file)
    with pytest.raises(ConfigError, match="manage.py demo"):
        read_config(tmp_path / "absent.json")


def test_secrets_do_not_show(tmp_path, config_of):
    file = tmp_path / "services.json"
    file.write_text(json.dumps(config_of("http://127.0.0.1:1/fas/oauth2", 2)), "utf-8")
    shown = repr(read_config(file))
    assert "secret-of-fluvius" not in shown and "kkkk" not in shown and '"d"' not in shown
