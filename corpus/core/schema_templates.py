"""Schemas to begin with: each with colours, keys and a guideline in plain words to go on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .problems import Problem
from .schema import ATTRIBUTION, Attribute, Label, LinkKind, SchemaView

GUIDELINES = Path(__file__).with_name("guidelines")


@dataclass(frozen=True, slots=True)
class Template:
    """A schema that somebody can begin with; `name` is what commands and the API call it."""

    name: str
    title: str
    description: str
    schema: SchemaView

    @property
    def guideline(self) -> str:
        """Return the guideline to begin with, as Markdown."""
        return (GUIDELINES / f"{self.name}.md").read_text(encoding="utf-8")


def _view(*labels: Label, links: tuple[LinkKind, ...] = ()) -> SchemaView:
    return SchemaView({one.name: one for one in labels}, {one.name: one for one in links})


# People, bodies and places have these colours and keys in every template.
_PERSON = Label(
    "PERSON", "Person", "A human being who is named or called by a title.", "#9a5b13", "1"
)
_ORGANISATION = Label(
    "ORGANISATION",
    "Organisation",
    "A company, authority, party, club or other body.",
    "#1f5fbf",
    "2",
)
_PLACE = Label("PLACE", "Place", "A country, town, river, building or other place.", "#1b7a43", "3")

ENTITIES = _view(
    _PERSON,
    _ORGANISATION,
    _PLACE,
    Label("DATE", "Date or time", "A day, a year, an hour, a span of time.", "#6b3fa0", "4"),
    Label("EVENT", "Event", "A named happening: a war, a cup, a festival.", "#b0305c", "5"),
    Label("OTHER", "Other name", "A name that none of the other labels fits.", "#5a6472", "6"),
)

_SINCE = Attribute("past", "flag", title="No longer so")

RELATIONS = _view(
    _PERSON,
    _ORGANISATION,
    _PLACE,
    links=(
        LinkKind(
            "works_for",
            ("PERSON",),
            ("ORGANISATION",),
            title="Works for",
            description="Is employed by it, leads it, or speaks for it.",
            key="w",
            attributes=(Attribute("role", "text", title="Role"), _SINCE),
        ),
        LinkKind(
            "based_in",
            ("PERSON", "ORGANISATION"),
            ("PLACE",),
            title="Based in",
            description="Lives there, or has its seat there.",
            key="b",
            attributes=(_SINCE,),
        ),
        LinkKind(
            "part_of",
            ("ORGANISATION", "PLACE"),
            ("ORGANISATION", "PLACE"),
            title="Part of",
            description="Is a branch, a daughter or a district of it.",
            key="p",
        ),
        LinkKind(
            "knows",
            ("PERSON",),
            ("PERSON",),
            title="Knows",
            description="The text says that the two have to do with each other.",
            key="n",
            symmetric=True,
        ),
    ),
)

EVIDENCE = _view(
    Label(
        "CLAIM",
        "Claim",
        "A sentence or part of one that can be true or false.",
        "#1f5fbf",
        "1",
        (
            Attribute(
                "checkable",
                "choice",
                ("yes", "partly", "no"),
                required=True,
                title="Can be checked",
                keys={"yes": "y", "partly": "p", "no": "n"},
            ),
            Attribute("topic", "text", title="Topic"),
        ),
    ),
    Label(
        "EVIDENCE",
        "Evidence",
        "What the text gives as a reason to believe or doubt a claim.",
        "#1b7a43",
        "2",
        (
            Attribute(
                "kind",
                "choice",
                ("figure", "document", "witness", "expert", "example"),
                title="Kind",
                keys={"figure": "f", "document": "d", "witness": "w", "expert": "t"},
            ),
        ),
    ),
    links=(
        LinkKind(
            "supports",
            ("EVIDENCE",),
            ("CLAIM",),
            title="Supports",
            description="If the evidence holds, the claim is more likely to be true.",
            key="u",
        ),
        LinkKind(
            "refutes",
            ("EVIDENCE",),
            ("CLAIM",),
            title="Refutes",
            description="If the evidence holds, the claim is less likely to be true.",
            key="r",
        ),
    ),
)

SENTIMENT = _view(
    Label(
        "OPINION",
        "Opinion",
        "The words that judge.",
        "#b0305c",
        "1",
        (
            Attribute(
                "sentiment",
                "choice",
                ("positive", "negative", "neutral", "mixed"),
                required=True,
                title="Sentiment",
                keys={"positive": "u", "negative": "o", "neutral": "n", "mixed": "m"},
            ),
            Attribute("irony", "flag", title="Ironic"),
        ),
    ),
    Label(
        "TARGET",
        "Target",
        "What or whom the opinion is about.",
        "#1f5fbf",
        "2",
        (Attribute("name", "text", title="Name", identity=True),),
    ),
    Label(
        "HOLDER",
        "Holder",
        "Whose opinion it is, when it is not the author's.",
        "#9a5b13",
        "3",
        (Attribute("name", "text", title="Name", identity=True),),
    ),
    links=(
        LinkKind(
            "about",
            ("OPINION",),
            ("TARGET",),
            title="About",
            description="What the opinion is about.",
            key="t",
            required=True,
            owned=True,
        ),
        LinkKind(
            "held_by",
            ("OPINION",),
            ("HOLDER",),
            title="Held by",
            description="Whose opinion it is.",
            key="h",
            owned=True,
        ),
    ),
)

ARGUMENTS = _view(
    Label(
        "MAJOR_CLAIM",
        "Main claim",
        "What the whole text argues for.",
        "#6b3fa0",
        "1",
        (
            Attribute(
                "stance",
                "choice",
                ("for", "against"),
                title="Stance on the topic",
                keys={"for": "u", "against": "o"},
            ),
        ),
    ),
    Label(
        "CLAIM",
        "Claim",
        "A statement in dispute that the text gives reasons for.",
        "#1f5fbf",
        "2",
        (
            Attribute(
                "stance",
                "choice",
                ("for", "against"),
                title="Stance on the main claim",
                keys={"for": "u", "against": "o"},
            ),
        ),
    ),
    Label("PREMISE", "Premise", "A reason for or against a claim or premise.", "#1b7a43", "3"),
    links=(
        LinkKind(
            "supports",
            ("CLAIM", "PREMISE"),
            ("MAJOR_CLAIM", "CLAIM", "PREMISE"),
            title="Supports",
            description="Gives a reason for it.",
            key="p",
        ),
        LinkKind(
            "attacks",
            ("CLAIM", "PREMISE"),
            ("MAJOR_CLAIM", "CLAIM", "PREMISE"),
            title="Attacks",
            description="Gives a reason against it.",
            key="t",
        ),
    ),
)

TEMPLATES: Mapping[str, Template] = {
    template.name: template
    for template in (
        Template(
            "attribution",
            "Who said what",
            "Claims with the speaker they come from, and the stance they take.",
            ATTRIBUTION,
        ),
        Template(
            "entities",
            "Named entities",
            "Names of people, organisations, places, dates and events.",
            ENTITIES,
        ),
        Template(
            "relations",
            "Entities and relations",
            "People, organisations and places, and what they have to do with each other.",
            RELATIONS,
        ),
        Template(
            "evidence",
            "Claims and evidence",
            "Claims that can be checked, and what supports or refutes them.",
            EVIDENCE,
        ),
        Template(
            "sentiment",
            "Sentiment toward targets",
            "Opinions with what they are about, whose they are, and how they judge.",
            SENTIMENT,
        ),
        Template(
            "arguments",
            "Argument components",
            "Main claims, claims and premises, and which supports or attacks which.",
            ARGUMENTS,
        ),
    )
}
NAMES = tuple(TEMPLATES)
DEFAULT = "attribution"


def template_called(name: str) -> Template:
    """Return the template with this name, or raise `Problem`."""
    template = TEMPLATES.get(name)
    if template is None:
        known = ", ".join(TEMPLATES)
        raise Problem("plugin-unknown", kind="template", name=name, known=known)
    return template


# One after another for labels that have none; each can be told from those beside it.
COLOURS = (
    *("#1f5fbf", "#9a5b13", "#1b7a43", "#b0305c", "#6b3fa0", "#5a6472"),
    *("#0f7a86", "#8a6d00", "#c2410c", "#4d7c0f"),
)
KEYS = "123456789"


def dressed(schema: SchemaView) -> SchemaView:
    """Return a schema with a colour and a key for each label that has none, while keys last."""
    taken = {label.key for label in schema.labels.values()}
    keys = iter([key for key in KEYS if key not in taken])
    labels = {}
    for number, label in enumerate(schema.labels.values()):
        colour = label.colour or COLOURS[number % len(COLOURS)]
        labels[label.name] = replace(label, colour=colour, key=label.key or next(keys, ""))
    return replace(schema, labels=labels)
