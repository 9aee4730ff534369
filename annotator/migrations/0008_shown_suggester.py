from django.db import migrations, models


def fill(apps, schema_editor):
    """Name each run, and choose for each corpus the suggester that its reviewers see today."""
    Run = apps.get_model("annotator", "Run")
    Corpus = apps.get_model("corpus", "Corpus")
    shown = {}
    for run in Run.objects.select_related("schema").order_by("pk"):
        run.shown_as = run.suggester
        if run.suggester == "trained":
            run.shown_as = f"trained:{str(run.config.get('files', ''))[:8]}"
        run.save(update_fields=["shown_as"])
        if not run.suggester.startswith("file:") and run.layers.exists():
            shown[run.schema.corpus_id] = run.shown_as
    for corpus, name in shown.items():
        Corpus.objects.filter(pk=corpus).update(shown_suggester=name)


class Migration(migrations.Migration):

    dependencies = [
        ("annotator", "0007_fewer_indexes"),
        ("corpus", "0011_shown_suggester"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="shown_as",
            field=models.CharField(blank=True, default="", max_length=100),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
