"""What people fill in about a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from corpus import guideline as guidelines
from corpus import selectors
from corpus.core import schema_file
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.schema_templates import DEFAULT, TEMPLATES, template_called
from corpus.models import MAX_REVIEWERS, Corpus

LANGUAGES = [
    ("en", "English"),
    ("ar", "Arabic"),
    ("de", "German"),
    ("es", "Spanish"),
    ("fa", "Persian"),
    ("fr", "French"),
    ("he", "Hebrew"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("zh", "Chinese"),
]
SHORT_NAME = "A short name has only letters a to z, digits, - and _."
TARGETS = 200
TARGET_LENGTH = 200
REASONS = 9
REASON_LENGTH = 120

ALLOWED = [
    ("yes", "may be sent to it, when somebody chooses it to suggest"),
    ("no", "are never sent to it"),
]
SUGGESTED = [
    ("yes", "suggestions are made for them at once"),
    ("no", "nothing is suggested until somebody asks for it"),
]


class CorpusForm(forms.Form):
    """A new corpus; fields in `MORE` most people leave as they are."""

    MORE = ("slug", "language", "reviewers_per_document", "schema_file")

    name = forms.CharField(
        max_length=200,
        help_text="What people read, such as “Harbour news”.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    template = forms.ChoiceField(
        label="What is marked",
        choices=[(one.name, one.title) for one in TEMPLATES.values()],
        initial=DEFAULT,
        required=False,
        help_text="Labels and a guideline to begin with. Both can be changed afterwards.",
    )
    reviews_too = forms.BooleanField(
        label="I review documents myself, too",
        required=False,
        initial=True,
        help_text="You manage the corpus in any case. Others are invited afterwards.",
    )
    slug = forms.SlugField(
        label="Short name",
        max_length=80,
        required=False,
        help_text="Stands in addresses and commands. Made of the name unless you write one.",
        error_messages={"invalid": SHORT_NAME},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    language = forms.ChoiceField(
        choices=LANGUAGES,
        initial="en",
        help_text="Which way texts run. Suggestions are made for English.",
    )
    reviewers_per_document = forms.IntegerField(
        label="Reviewers per document",
        min_value=1,
        max_value=MAX_REVIEWERS,
        initial=2,
        help_text=(
            "How many people read each document before it can become gold. They do not see each "
            "other’s work; where they differ, somebody settles it. With 1 there is nothing to "
            "compare."
        ),
    )
    schema_file = forms.FileField(
        label="Labels of your own",
        required=False,
        help_text="A schema as a JSON file, in place of “What is marked”. Most need none.",
    )

    def clean_schema_file(self) -> SchemaView | None:
        """Return the schema that a file brings."""
        sent = self.cleaned_data["schema_file"]
        if not sent:
            return None
        try:
            return schema_file.parse_text(sent.read(schema_file.LARGEST_FILE + 1))
        except Problem as problem:
            raise forms.ValidationError(f"{problem.message.capitalize()}.") from None

    def main_fields(self) -> list[forms.BoundField]:
        """Return the fields beside the name that everybody looks at."""
        return [field for field in self if field.name not in ("name", *self.MORE)]

    def more_fields(self) -> list[forms.BoundField]:
        """Return the fields that most people leave as they are."""
        return [field for field in self if field.name in self.MORE]

    def values(self) -> dict[str, Any]:
        """Return what makes the corpus, its schema and guideline as they were chosen."""
        values = dict(self.cleaned_data)
        del values["reviews_too"]
        values["slug"] = values["slug"] or selectors.free_short_name(values["name"])
        template = template_called(values.pop("template") or DEFAULT)
        own = values.pop("schema_file")
        return {
            **values,
            "schema": own or template.schema,
            "guideline": "" if own else template.guideline,
        }


class SettingsForm(forms.Form):
    """What may be changed of a corpus at any time."""

    name = forms.CharField(
        max_length=200, help_text="What people read. The short name in addresses stays as it is."
    )
    language = forms.CharField(max_length=8, widget=forms.Select)
    targets = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=(
            "What stances are toward, one in a line, such as “the sea wall”. Reviewers choose from "
            "these. Documents may bring more of their own."
        ),
    )
    reasons = forms.CharField(
        label="Reasons",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=(
            "Why a dispute is settled as it is, one in a line. Whoever settles one chooses a "
            "reason by its digit."
        ),
    )
    guideline = forms.CharField(
        required=False,
        max_length=guidelines.LONGEST,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
        help_text=(
            "What reviewers mark and what not, with examples; they read it beside the text. "
            "In Markdown: # begins a heading, - an item of a list, *…* stands out. Reviewers flag "
            "a question under one of its headings."
        ),
    )

    def __init__(
        self,
        data: object = None,
        *,
        corpus: Corpus,
        suggesters: Sequence[str] = (),
        unasked: bool = False,
        language_model: str = "",
    ) -> None:
        start = {
            "name": corpus.name,
            "language": corpus.language,
            "guideline": corpus.guideline,
            "targets": "\n".join(corpus.targets),
            "reasons": "\n".join(corpus.reasons),
            "shown_suggester": corpus.shown_suggester,
            "suggest_on_import": "yes" if corpus.suggest_on_import else "no",
            "language_models_allowed": "yes" if corpus.language_models_allowed else "no",
        }
        self.corpus = corpus
        super().__init__(data, initial=start)  # type: ignore[arg-type]
        choices = list(LANGUAGES)
        if corpus.language not in dict(LANGUAGES):
            choices.append((corpus.language, corpus.language))
        self.fields["language"] = forms.ChoiceField(
            choices=choices, help_text="Which way texts run. Suggestions are made for English."
        )
        if unasked:
            self.fields["suggest_on_import"] = forms.ChoiceField(
                choices=SUGGESTED,
                required=False,
                label="When documents come in",
                help_text="Those that bring suggestions of their own keep them.",
            )
        if language_model:
            self.fields["language_models_allowed"] = forms.ChoiceField(
                choices=ALLOWED,
                required=False,
                label="Texts and the language model",
                help_text=f"When it suggests, {language_model}.",
            )
        if suggesters:
            self.fields["shown_suggester"] = forms.ChoiceField(
                choices=[(name, name) for name in suggesters],
                label="Suggestions shown",
                help_text="Whose suggestions reviewers see in what they open from now on.",
            )

    def short_fields(self) -> list[forms.BoundField]:
        """Return the fields but the guideline, which has room of its own."""
        return [field for field in self if field.name != "guideline"]

    def clean_targets(self) -> list[str]:
        """Return the targets, each once."""
        targets = _lines(self.cleaned_data["targets"])
        if len(targets) > TARGETS or any(len(target) > TARGET_LENGTH for target in targets):
            raise forms.ValidationError(
                f"At most {TARGETS} targets of {TARGET_LENGTH} characters each."
            )
        return targets

    def clean_reasons(self) -> list[str]:
        """Return the reasons, each once, in the order of their digits; without the field those of
        before stay.
        """
        if "reasons" not in self.data:
            return list(self.corpus.reasons)
        reasons = _lines(self.cleaned_data["reasons"])
        if len(reasons) > REASONS or any(len(reason) > REASON_LENGTH for reason in reasons):
            raise forms.ValidationError(
                f"At most {REASONS} reasons of {REASON_LENGTH} characters each."
            )
        return reasons

    def clean_suggest_on_import(self) -> bool:
        """Return whether suggestions are made unasked; without the field it stays as it was."""
        choice = self.cleaned_data["suggest_on_import"]
        return choice == "yes" if choice else self.corpus.suggest_on_import

    def clean_language_models_allowed(self) -> bool:
        """Return whether texts may be sent; without the field it stays as it was."""
        choice = self.cleaned_data["language_models_allowed"]
        return choice == "yes" if choice else self.corpus.language_models_allowed

    def clean_guideline(self) -> str:
        """Return the guideline with the line ends that the rest of the product uses."""
        return str(self.cleaned_data["guideline"]).replace("\r\n", "\n")


def _lines(text: str) -> list[str]:
    """Return the lines that say something, each once."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))
