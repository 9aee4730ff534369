"""A review is final once it was compared with others; those that were are so from now on."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def make_final(apps, schema_editor):
    Adjudication = apps.get_model("annotator", "Adjudication")
    Layer = apps.get_model("annotator", "Layer")
    compared = Adjudication.objects.filter(
        document=OuterRef("document"), schema=OuterRef("schema"), submitted__gt=1
    ).exclude(state="waiting")
    reviews = Layer.objects.filter(kind="review", state="submitted", practice=False, final=False)
    reviews.filter(Exists(compared)).update(final=True)


class Migration(migrations.Migration):
    dependencies = [("annotator", "0015_compare_anew")]

    operations = [
        migrations.RenameField("layer", "gold_seen", "final"),
        migrations.RunPython(make_final, migrations.RunPython.noop),
    ]
