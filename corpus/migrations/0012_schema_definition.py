from django.db import migrations, models

# How a stance is given by key; before this only the page knew it.
STANCE_KEYS = {"support": "u", "oppose": "o", "neutral": "n", "mixed": "m", "unclear": "i"}
NO_SPEAKER = ["author", "unknown"]


def define(apps, schema_editor):
    """Write each schema as one value, with what the names of the attribution schema meant."""
    Schema = apps.get_model("corpus", "Schema")
    for schema in Schema.objects.prefetch_related("labels__attributes", "link_kinds"):
        labels = {label.pk: label for label in schema.labels.all()}
        kinds = sorted(schema.link_kinds.all(), key=lambda kind: kind.pk)
        said_by = next((kind for kind in kinds if kind.name == "said_by"), None)
        schema.definition = {
            "labels": [_label(label, said_by) for label in labels.values()],
            "links": [_link_kind(kind, labels) for kind in kinds],
            "attributes": [],
        }
        schema.save(update_fields=["definition"])


def _label(label, said_by):
    return {
        "name": label.name,
        "title": label.title,
        "description": label.description,
        "colour": label.colour,
        "key": label.key,
        "fold": said_by is not None and label.name == "CUE",
        "attributes": [_attribute(one, label, said_by) for one in label.attributes.all()],
    }


def _attribute(attribute, label, said_by):
    of_claim = said_by is not None and label.pk == said_by.source_id
    of_speaker = said_by is not None and label.pk == said_by.target_id
    keys = STANCE_KEYS if of_claim and attribute.name == "stance" else {}
    return {
        "name": attribute.name,
        "title": attribute.name.replace("_", " ").capitalize() if said_by else attribute.name,
        "description": "",
        "kind": attribute.kind,
        "choices": attribute.choices,
        "keys": {choice: keys[choice] for choice in attribute.choices if choice in keys},
        "required": attribute.required,
        "default": None,
        "identity": of_speaker and attribute.name == "name",
        "fold": of_claim and attribute.name == "kind",
    }


def _link_kind(kind, labels):
    said_by = kind.name == "said_by"
    names = {attribute.name for attribute in labels[kind.source_id].attributes.all()}
    has_state = said_by and "speaker_state" in names
    return {
        "name": kind.name,
        "title": "Said by" if said_by else kind.name.replace("_", " "),
        "description": "",
        "sources": [labels[kind.source_id].name],
        "targets": [labels[kind.target_id].name],
        "key": "",
        "required": said_by,
        "unless": {"speaker_state": NO_SPEAKER} if has_state else {},
        "owned": said_by,
        "many": kind.many,
        "symmetric": False,
        "facet": "speaker" if said_by else kind.name,
        "attributes": [],
    }


class Migration(migrations.Migration):

    dependencies = [
        ("corpus", "0011_shown_suggester"),
    ]

    operations = [
        migrations.AddField(
            model_name="schema",
            name="definition",
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(define, migrations.RunPython.noop, elidable=True),
    ]
