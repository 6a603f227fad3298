from typing import Any

from django.db import migrations, models
from django.db.models import F
from django.utils import timezone


def begin_with_the_start(apps: Any, schema_editor: Any) -> None:
    """Take the moment each sign-on began as its last use: nothing later is known."""
    apps.get_model("fas", "SignOn").objects.update(last_used_at=F("started_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("fas", "0003_changes_and_use"),
    ]

    operations = [
        migrations.AddField(
            model_name="signon",
            name="last_used_at",
            field=models.DateTimeField(default=timezone.now, verbose_name="last used on"),
            preserve_default=False,
        ),
        migrations.RunPython(begin_with_the_start, migrations.RunPython.noop),
    ]
