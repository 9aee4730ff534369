"""Take out of the rules' suggestions what they did not know: a stance without a reason, and a speaker
who is unknown although no passive says so.

What a person was shown and decided about stays as it was shown, and so does all that was shown in a
review that was ever handed in: releases and the history of reviews compare with it.
"""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q

RULES = "rules.v1"
BATCH = 200


def leave_out(apps, schema_editor):
    Layer = apps.get_model("annotator", "Layer")
    Span = apps.get_model("annotator", "Span")
    Decision = apps.get_model("annotator", "Decision")
    reviews = Layer.objects.filter(
        kind="review", document=OuterRef("document"), shown_run=OuterRef("run")
    )
    handed_in = Decision.objects.filter(layer=OuterRef("pk"), verb="submit")
    shown = reviews.filter(~Q(state="open") | Exists(handed_in))
    layers = Layer.objects.filter(kind="suggestion", run__suggester=RULES).exclude(Exists(shown))
    decided = Decision.objects.filter(suggestion=OuterRef("pk"))
    doubtful = Q(attributes__stance="unclear") | Q(attributes__speaker_state="unknown")
    last = 0
    while keys := list(
        layers.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        last = keys[-1]
        spans = Span.objects.filter(doubtful, layer__in=keys).exclude(Exists(decided))
        changed = []
        for span in spans.only("attributes", "evidence"):
            known = _known(span.attributes, span.evidence or {})
            if known != span.attributes:
                span.attributes = known
                changed.append(span)
        Span.objects.bulk_update(changed, ["attributes"], batch_size=BATCH)


def _known(attributes, evidence):
    """Return the attributes that evidence of the rules speaks for."""
    known = dict(attributes)
    if "rule" not in evidence:
        return known
    if known.get("stance") == "unclear" and "stance" not in evidence:
        del known["stance"]
    if known.get("speaker_state") == "unknown" and evidence["rule"] != "passive":
        del known["speaker_state"]
    return known


class Migration(migrations.Migration):
    dependencies = [("annotator", "0010_superseded_layers")]

    operations = [migrations.RunPython(leave_out, migrations.RunPython.noop)]
