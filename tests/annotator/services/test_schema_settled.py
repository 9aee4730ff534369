"""What was settled stays fit for gold when a schema is changed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.core.management import call_command

from annotator.models import Layer
from annotator.selectors.layers import layer_view
from annotator.services import adjudicate, review, schema_versions
from corpus.core.schema import Attribute, Label, LinkKind, SchemaView
from corpus.models import Corpus
from tests.acts import add_document, added, settle, state


def schema(*labels: Label, links: tuple[LinkKind, ...]) -> SchemaView:
    return SchemaView({label.name: label for label in labels}, {kind.name: kind for kind in links})


def move(corpus: Corpus, new: SchemaView) -> int:
    schema_versions.begin(corpus, new, None)
    return int(schema_versions.move_all(corpus)["documents"])


def test_a_settled_link_that_the_new_schema_refuses_is_left_out_of_gold(
    corpus: Corpus, tmp_path: Any, alice: Any, bob: Any, carol: Any
) -> None:
    trade = Label("A", "A", attributes=(Attribute("trade", "text"),))
    wide = LinkKind("of", ("A",), ("B", "C"))
    old = schema(trade, Label("B", "B"), Label("C", "C"), links=(wide,))
    schema_versions.begin(corpus, old, None)
    document = add_document(Corpus.objects.get(pk=corpus.pk), tmp_path)
    linked = {"kind": "of", "source": 1, "target": 2}
    for user, said in ((bob, "baker"), (carol, "smith")):
        layer = review.open_layer(document, by=user)
        first = added(1, "A")
        first["after"]["attributes"] = {"trade": said}
        link = {**added(1, "A"), "verb": "link", "subject": "link", "after": linked, "exact": None}
        other = added(3, "A", 0, 8, "Sea wall")
        other["after"]["attributes"] = {"trade": said}
        review.decide(layer, [first, added(2, "C", 4, 8, "wall"), link, other], by=user, at=0)
        review.submit(layer, by=user, at=4)
    dispute = next(d for d in state(alice, document)["disputes"] if d["end"] == 3)
    settle(document, alice, dispute, choice="version", number=1)
    assert len(layer_view(Layer.objects.get(kind="gold")).links) == 1
    narrow = replace(wide, targets=("B",))
    fresh = Corpus.objects.get(pk=corpus.pk)
    assert move(fresh, schema(*old.labels.values(), links=(narrow,))) == 1
    gold = Layer.objects.get(kind="gold", schema__version=2)
    assert [span.label for span in layer_view(gold).in_order()] == ["A", "C"]
    # Gold is built anew with each settlement.
    rest = next(d for d in state(alice, document)["disputes"] if d["end"] == 8)
    mine = {"by": alice, "at": gold.version, "client_id": uuid.uuid4()}
    adjudicate.settle(document, dispute=rest["ident"], choice="version", number=1, **mine)
    assert [span.label for span in layer_view(gold).in_order()] == ["A", "A", "C"]
    assert not layer_view(gold).links
    call_command("check_layers", "harbour")
