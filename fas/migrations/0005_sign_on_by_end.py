from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fas", "0004_last_use_of_a_sign_on"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="signon",
            index=models.Index(fields=["ended_at"], name="sign_on_by_end"),
        ),
    ]
