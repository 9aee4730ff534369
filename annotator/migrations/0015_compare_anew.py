"""Have the documents whose reviews are in compared anew: what was not looked at is no vote now."""

from django.db import migrations


def queue(apps, schema_editor):
    Adjudication = apps.get_model("annotator", "Adjudication")
    Job = apps.get_model("corpus", "Job")
    compared = Adjudication.objects.filter(gold__isnull=False).order_by()
    for corpus in compared.values_list("corpus", flat=True).distinct():
        # A worker finds it within a minute.
        Job.objects.create(corpus_id=corpus, kind="compare", arguments={})


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0014_untouched_suggestions"),
        ("corpus", "0014_schema_map"),
    ]

    operations = [migrations.RunPython(queue, migrations.RunPython.noop)]
