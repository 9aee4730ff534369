"""Which texts are in English."""

from __future__ import annotations

import pytest

from annotator.nlp.language import is_english
from annotator.suggesters.rules import NOT_ENGLISH, Rules

ENGLISH = (
    "The mayor said on Monday that the bridge would stay closed. Nobody was hurt, but the town "
    "wants to know what happened. “We did not expect this,” said Maria Lopez, who is the town's "
    "engineer, after she had met with the council at the harbour."
)
FOREIGN = {
    "German": (
        "Der Bürgermeister sagte am Montag, dass die Brücke geschlossen bleibt. Niemand wurde "
        "verletzt, aber die Stadt will die Ursache wissen. „Wir haben das nicht erwartet“, sagte "
        "Maria Lopez, die Ingenieurin der Stadt, nach der Sitzung des Rates am Hafen."
    ),
    "French": (
        "Le maire a déclaré lundi que le pont resterait fermé. Personne n'a été blessé, mais la "
        "ville veut en connaître la cause. « Nous ne nous y attendions pas », a dit Maria Lopez, "
        "ingénieure de la ville, après la réunion du conseil sur le port."
    ),
    "Spanish": (
        "El alcalde dijo el lunes que el puente seguirá cerrado. Nadie resultó herido, pero la "
        "ciudad quiere conocer la causa. «No lo esperábamos», dijo María López, la ingeniera de "
        "la ciudad, después de la reunión del consejo en el puerto."
    ),
    "Russian": "Мэр сказал в понедельник, что мост останется закрытым. Никто не пострадал, но " * 2,
    "Chinese": "市长周一说,这座桥将继续关闭。没有人受伤,但该市想知道原因。" * 3,
}


@pytest.mark.parametrize("language", FOREIGN)
def test_other_languages_are_told(language: str) -> None:
    assert not is_english(FOREIGN[language])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "“No,” said Maria Lopez.",
        # A short text tells nothing, and names are no language.
        "Der Bürgermeister Müller schweigt.",
        f"{ENGLISH} „Wir haben das nicht erwartet“, hatte sie zuvor in Bremen gesagt.",
        ENGLISH.replace("Maria Lopez", "Jürgen Groß-Weißenfels of the Straßenbauamt Bremerhaven"),
        "1,204 2,117 3.4 % " * 50,
    ],
)
def test_english_short_texts_and_foreign_names_are_read(text: str) -> None:
    assert is_english(text)


def test_a_foreign_text_among_english_ones_is_left_and_named() -> None:
    rules = Rules()
    layers = list(rules.suggest([ENGLISH, FOREIGN["German"], ENGLISH]))
    assert [bool(layer.spans) for layer in layers] == [True, False, True]
    notes, _ = rules.report.take()
    assert [(note.text, note.reason) for note in notes] == [(1, NOT_ENGLISH)]


def test_a_corpus_in_another_language_is_left() -> None:
    rules = Rules(language="de")
    (layer,) = rules.suggest([ENGLISH])
    assert not layer.spans
    assert len(rules.report.take()[0]) == 1
