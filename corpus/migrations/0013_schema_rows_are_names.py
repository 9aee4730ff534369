from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("corpus", "0012_schema_definition"),
    ]

    operations = [
        migrations.DeleteModel(name="Attribute"),
        migrations.AlterModelOptions(name="label", options={}),
        migrations.RemoveConstraint(model_name="label", name="label_key_once"),
        migrations.RemoveField(model_name="label", name="colour"),
        migrations.RemoveField(model_name="label", name="description"),
        migrations.RemoveField(model_name="label", name="key"),
        migrations.RemoveField(model_name="label", name="position"),
        migrations.RemoveField(model_name="label", name="title"),
        migrations.RemoveField(model_name="linkkind", name="many"),
        migrations.RemoveField(model_name="linkkind", name="source"),
        migrations.RemoveField(model_name="linkkind", name="target"),
    ]
