"""Attempts of before know no level. They last ten minutes: whoever is in the middle of one begins again."""

from django.db import migrations


def forget(apps, schema_editor):
    apps.get_model("csam", "MailCode").objects.all().delete()
    apps.get_model("csam", "LoginTicket").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("csam", "0001_initial")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
