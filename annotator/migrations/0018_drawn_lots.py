"""Lots are drawn for new layers; those of before keep their places, and have none."""

from django.db import migrations, models

import annotator.models.layers


class Migration(migrations.Migration):
    dependencies = [("annotator", "0017_case_law_of_earlier_texts")]

    operations = [
        migrations.AddField(
            "layer", "lot", models.BigIntegerField(null=True, editable=False), preserve_default=False
        ),
        migrations.AlterField(
            "layer",
            "lot",
            models.BigIntegerField(
                default=annotator.models.layers.draw_lot, editable=False, null=True
            ),
        ),
    ]
