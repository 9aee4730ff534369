import hashlib

from django.db import migrations, models


def note_passwords(apps, schema_editor):
    """Bind the tokens that are there to the passwords of today."""
    Token = apps.get_model("corpus", "Token")
    for token in Token.objects.select_related("user").iterator():
        token.password_digest = hashlib.sha256(token.user.password.encode()).hexdigest()
        token.save(update_fields=["password_digest"])


class Migration(migrations.Migration):
    dependencies = [("corpus", "0019_look_up_retired_digests")]

    operations = [
        migrations.AddField(
            model_name="token",
            name="password_digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.RunPython(note_passwords, migrations.RunPython.noop, elidable=True),
    ]
