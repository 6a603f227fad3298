from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roles", "0006_asked_from_a_service")]

    operations = [
        # How the people of open drafts were found is not known: of them nothing more is shown than by number.
        migrations.AddField(
            model_name="draftperson",
            name="by_number",
            field=models.BooleanField(default=True, verbose_name="by national register number"),
        ),
        migrations.AlterField(
            model_name="draftperson",
            name="by_number",
            field=models.BooleanField(default=False, verbose_name="by national register number"),
        ),
    ]
