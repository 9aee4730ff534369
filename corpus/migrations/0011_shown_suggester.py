from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("corpus", "0010_related_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="corpus",
            name="shown_suggester",
            field=models.CharField(
                blank=True,
                default="",
                help_text="whose suggestions reviewers are shown; the first that ran, until one is chosen",
                max_length=100,
            ),
            preserve_default=False,
        ),
    ]
