"""Fill the times of layers and the activity of people from the log."""

from django.db import migrations
from django.db.models import Case, Count, IntegerField, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate


def fill(apps, schema_editor):
    Layer = apps.get_model("annotator", "Layer")
    Decision = apps.get_model("annotator", "Decision")
    Activity = apps.get_model("annotator", "Activity")
    log = Decision.objects.filter(layer=OuterRef("pk")).order_by().values("layer")
    spent = Subquery(log.annotate(total=Sum("elapsed_ms")).values("total"))
    Layer.objects.filter(version__gt=0).update(elapsed_ms=Coalesce(spent, Value(0)))
    submits = Case(When(verb="submit", then=1), When(verb="reopen", then=-1), default=0, output_field=IntegerField())
    days = (
        Decision.objects.filter(user__isnull=False)
        .order_by()
        .values("layer__document__corpus", "user", day=TruncDate("at"))
        .annotate(decisions=Count("pk"), spent=Sum("elapsed_ms"), submitted=Sum(submits))
    )
    Activity.objects.bulk_create(
        [
            Activity(
                corpus_id=row["layer__document__corpus"],
                user_id=row["user"],
                day=row["day"],
                decisions=row["decisions"],
                elapsed_ms=row["spent"],
                submitted=row["submitted"],
            )
            for row in days
        ],
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("annotator", "0002_notes_and_time")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
