"""Canonical names and who speaks in a conversation, one construction a passage."""

from __future__ import annotations

import pytest

from annotator.suggesters.rules import Rules
from corpus.core.span import LayerView


def only(rules: Rules, text: str) -> LayerView:
    (layer,) = rules.suggest([text])
    return layer


def names(layer: LayerView) -> list[str | None]:
    return [s.attributes.get("name") for s in layer.in_order() if s.label == "SPEAKER"]


def said_by(layer: LayerView, text: str) -> list[tuple[str, str | None]]:
    found = []
    for span in layer.in_order():
        if span.label == "CLAIM":
            speakers = layer.targets_of(span.ident)
            found.append(
                (span.covered(text), speakers[0].attributes.get("name") if speakers else None)
            )
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Short forms.
        (
            "Gustavo Petro said the ban was over. Petro said it was late.",
            ["Gustavo Petro", "Gustavo Petro"],
        ),
        (
            "Petro said the ban was over.\n\nLater Gustavo Petro said it was late.",
            ["Gustavo Petro", "Gustavo Petro"],
        ),
        ("Elsa Brink said the lake was calm. Elsa said it was cold.", ["Elsa Brink", "Elsa Brink"]),
        (
            "Dr. Jane Dix said the drug was safe. Dr. Dix said it was tested.",
            ["Jane Dix", "Jane Dix"],
        ),
        (
            "Corda Minerals said it had a plan. Corda said the mine was safe.",
            ["Corda Minerals", "Corda Minerals"],
        ),
        # Accents and possessives.
        (
            "Volker Türk said the strikes must stop. Turk said it was urgent.",
            ["Volker Türk", "Volker Türk"],
        ),
        (
            "Maria Lopez said the bridge was safe. Lopez's claim that it was new failed.",
            ["Maria Lopez", "Maria Lopez"],
        ),
        # Titles and offices.
        ("Secretary of State Marco Rubio said the talks failed.", ["Marco Rubio"]),
        (
            "UN High Commissioner for Human Rights Volker Türk said the strikes must stop.",
            ["Volker Türk"],
        ),
        ("Colombian President Gustavo Petro said the ban was over.", ["Gustavo Petro"]),
        ("The president of Colombia Gustavo Petro said the ban was over.", ["Gustavo Petro"]),
        # Slips of the pen, when nobody else fits.
        (
            (
                "Jean-Noël Barrault said France was worried. Barrot said it was urgent. Barro "
                "said it was late."
            ),
            ["Jean-Noël Barrault"] * 3,
        ),
        (
            "Nuria Bello said the cave was closed. Belo said it was cold.",
            ["Nuria Bello", "Nuria Bello"],
        ),
        # Appositions.
        ("The union's chief negotiator, Karol Weiss, said the offer was bad.", ["Karol Weiss"]),
        ("Karol Weiss, the union's chief negotiator, said the offer was bad.", ["Karol Weiss"]),
        # Bodies.
        (
            (
                "The Regional Transport Agency (RTA) said the buses were empty. The RTA said "
                "it had counted."
            ),
            ["Regional Transport Agency", "Regional Transport Agency"],
        ),
        (
            "The United Food Workers said the offer was bad. The UFW said it would strike.",
            ["United Food Workers", "United Food Workers"],
        ),
        (
            "The Glacier Protection Board said the cave was closed. The board said it was cold.",
            ["Glacier Protection Board", "Glacier Protection Board"],
        ),
        (
            "Dockside Properties owns the hall. A spokeswoman of Dockside said the roof was new.",
            ["Dockside Properties"],
        ),
        (
            "The Transport Ministry owns the road. A ministry spokesman said it was safe.",
            ["Transport Ministry"],
        ),
        # Titles that stand for the last person who bears them.
        (
            "Senator Maria Lopez came late. The senator said the bridge was safe.",
            ["Maria Lopez"],
        ),
        (
            (
                "Ilse Brandt, the harbour master, came late. The harbour master said the "
                "quay was safe."
            ),
            ["Ilse Brandt"],
        ),
        # Pronouns.
        ("Maria Lopez met John Miller. She said the bridge was safe.", ["Maria Lopez"]),
        ("Maria Lopez met John Miller. He said the bridge was safe.", ["John Miller"]),
        (
            "Robin Hale waved her hand. Alex Brown lost his hat. She said the bridge was safe.",
            ["Robin Hale"],
        ),
        (
            "The Transport Ministry closed the road. It said the bridge was unsafe.",
            ["Transport Ministry"],
        ),
        (
            "Two officials came. Two officials said it rained. They said it was cold.",
            ["Two officials"] * 2,
        ),
        # Several people.
        (
            "Maria Lopez and John Miller came. Lopez and Miller said the bridge was safe.",
            ["Maria Lopez", "John Miller"],
        ),
        # Two people of one surname.
        (
            (
                "Bill Hart came with Mary Hart. Mr. Hart said the bridge was safe. Mrs. Hart "
                "said it was old."
            ),
            ["Bill Hart", "Mary Hart"],
        ),
        # No name at all.
        ("A person close to the talks said the bridge was safe.", ["person close to the talks"]),
        ("An official, who was not there, said the bridge was safe.", ["official"]),
        ("I said the bridge was safe.", [None]),
        ("He said the bridge was safe.", [None]),
    ],
)
def test_a_speaker_has_the_canonical_name(
    rules: Rules, text: str, expected: list[str | None]
) -> None:
    assert names(only(rules, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "“Where is the boat?” said Anna.\n\n“It has gone,” said Peter.\n\n"
            "“Who took it away from us?”\n\n“Nobody knows that.”",
            ["Anna", "Peter", "Anna", "Peter"],
        ),
        (
            "“Where is the boat?” said Anna.\n\n“It went down.”\n\n“Did it?” said Anna. "
            "Peter Holm nodded.\n\n"
            "“It did, I saw it.”",
            ["Anna", "Peter Holm", "Anna", "Peter Holm"],
        ),
        (
            (
                "“Peter, where is the boat?” said Anna. Carl Holm and Peter stood by the "
                "door.\n\n“It went down, I fear.”"
            ),
            ["Anna", "Peter"],
        ),
        ("Anna Holm rose from her chair. “I shall look for the boat.”", ["Anna Holm"]),
        ("“I shall look for the boat.” Anna Holm rose from her chair.", ["Anna Holm"]),
    ],
)
def test_speakers_take_turns(rules: Rules, text: str, expected: list[str]) -> None:
    assert [name for _, name in said_by(only(rules, text), text)] == expected


def test_news_goes_on_with_the_same_speaker(rules: Rules) -> None:
    text = (
        "“The bridge is safe,” Maria Lopez said.\n\nJohn Miller, the mayor, said it was not.\n\n"
        "“It is old,” Miller said. “It has to go.”\n\n“We have the money,” he said."
    )
    assert [name for _, name in said_by(only(rules, text), text)] == [
        "Maria Lopez",
        "John Miller",
        "John Miller",
        "John Miller",
        "John Miller",
    ]


def test_what_people_say_of_others_does_not_name_the_speaker(rules: Rules) -> None:
    text = (
        "Maria Lopez spoke. “Anna Holm told me.\nPeter Holm told Anna.” She said the "
        "bridge was safe."
    )
    assert names(only(rules, text))[-1] == "Maria Lopez"


def test_a_surer_name_says_so(rules: Rules) -> None:
    text = "Maria Lopez met Anna Holm. Lopez said the bridge was safe. She said it was new."
    lopez, she = (s for s in only(rules, text).in_order() if s.label == "SPEAKER")
    assert lopez.evidence["name_sureness"] > she.evidence["name_sureness"] > 0


def test_a_speaker_without_a_name_has_no_sureness(rules: Rules) -> None:
    (speaker,) = (
        s for s in only(rules, "I said the bridge was safe.").in_order() if s.label == "SPEAKER"
    )
    assert "name_sureness" not in speaker.evidence
