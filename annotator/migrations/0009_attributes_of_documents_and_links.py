

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotator', '0008_shown_suggester'),
    ]

    operations = [
        migrations.AddField(
            model_name='layer',
            name='attributes',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='link',
            name='attributes',
            field=models.JSONField(blank=True, default=dict),
        ),
        # Prefixed where an attribute and a kind of link have one name.
        migrations.AlterField(
            model_name="dispute",
            name="facet",
            field=models.CharField(max_length=80),
        ),
    ]
