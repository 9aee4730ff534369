"""Commands as scripts call them: `--json` on stdout alone, one-line errors, exit codes, twice gives
the same.
"""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from annotator.models import Decision, Layer, Span
from annotator.selectors.layers import layer_view
from corpus.models import Corpus, Document
from tests.acts import TEXT, find, shorter, submit_as

pytestmark = pytest.mark.postgresql

ROOT = Path(__file__).parents[3]


def answer(*args: Any) -> dict[str, Any]:
    out = StringIO()
    call_command(*map(str, args), "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def refused(*args: Any) -> str:
    err = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command(*map(str, args), stderr=err, stdout=StringIO())
    assert caught.value.code == 1
    assert len(err.getvalue().splitlines()) == 1
    return err.getvalue()


def test_seeding_twice_gives_the_same(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAIDBY_DEMO_PASSWORD", "first one")
    first = answer("seed", ROOT / "seeds")
    assert (first["imported"], first["accounts"]) == (15, ["admin", "bob", "carol", "dave"])
    monkeypatch.setenv("SAIDBY_DEMO_PASSWORD", "second one")
    second = answer("seed", ROOT / "seeds")
    assert (second["imported"], second["skipped"], second["accounts"]) == (0, 15, [])
    assert get_user_model().objects.get(username="bob").check_password("first one")
    corpus = Corpus.objects.get()
    assert "## CLAIM" in corpus.guideline
    assert Document.objects.exclude(outlet="").count() == 15
    assert "file-missing" in refused("seed", tmp_path / "nowhere")
    assert "nothing-to-do" in refused("seed", tmp_path)


def test_the_seeds_gold_goes_in_as_a_review_and_agrees_with_itself(db: None) -> None:
    answer("seed", ROOT / "seeds")
    for name in ("bob", "erin"):
        taken = answer(
            "import_layer", "seeds", ROOT / "seeds" / "gold.jsonl", "--as", name, "--submit"
        )
        assert taken == {"imported": 15, "skipped": 0, "replaced": 0, "updated": 0, "errors": []}
    again = answer(
        "import_layer", "seeds", ROOT / "seeds" / "gold.jsonl", "--as", "erin", "--submit"
    )
    assert again == {"imported": 0, "skipped": 15, "replaced": 0, "updated": 0, "errors": []}
    assert not get_user_model().objects.get(username="erin").has_usable_password()
    measures = answer("agreement", "seeds")["measures"]
    assert {m["value"] for m in measures if m["n"]} == {1.0}
    assert {(m["a"], m["b"]) for m in measures} == {(None, None), ("bob", "erin")}
    assert answer("check_layers", "seeds") == {"checked": 45, "drifted": []}


def test_the_rules_suggest_for_every_seed_once(db: None) -> None:
    answer("seed", ROOT / "seeds")
    first = answer("suggest", "seeds")
    assert (first["documents"], first["words"] > 10_000, first["links"] > 200) == (15, True, True)
    assert answer("suggest", "seeds")["documents"] == 0
    claim = Span.objects.filter(label__name="CLAIM").first()
    assert claim is not None
    assert {"rule", "why"} <= set(claim.evidence)
    assert "plugin-unknown" in refused("suggest", "seeds", "--suggester", "magic")


def test_a_layer_for_a_document_that_is_not_there_is_named(document: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    start, end = find("She")
    good = {
        "id": "another-id",
        "text": TEXT,
        "spans": [
            {
                "id": "s1",
                "label": "SPEAKER",
                "start": start,
                "end": end,
                "text": "She",
                "attributes": {},
            }
        ],
    }
    path.write_text(
        "\n".join([json.dumps({"id": "x", "text": "Unknown."}), json.dumps(good)]), encoding="utf-8"
    )
    found = answer("import_layer", "harbour", path, "--as", "frank")
    assert found["imported"] == 1
    assert [(e["line"], e["code"]) for e in found["errors"]] == [(1, "not-found")]
    assert len(layer_view(Layer.objects.get(kind="review")).spans) == 1


def test_adjudicate_settles_by_policy(document: Any, bob: Any, carol: Any) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    counts = {"documents": 1, "frames": 3, "agreed": 1, "disputed": 2}
    facets = [
        {"facet": f, "taken": 0, "dropped": 0, "decided": 0, "left": 1}
        for f in ("boundary", "stance")
    ]
    wanted = {**counts, "policy": "majority", "facets": facets}
    assert answer("adjudicate", "harbour", "--policy", "majority", "--preview") == {
        **wanted,
        "preview": True,
    }
    assert answer("adjudicate", "harbour", "--policy", "majority") == {**wanted, "preview": False}
    assert "policy-number" in refused("adjudicate", "harbour", "--policy", "at-least:K")
    assert "plugin-unknown" in refused("adjudicate", "harbour", "--policy", "majority+widest")
    assert "plugin-unknown" in refused("adjudicate", "harbour", "--policy", "loudest")


def test_check_layers_finds_a_row_that_the_log_does_not_know(document: Any, bob: Any) -> None:
    layer = submit_as(document, bob)
    assert answer("check_layers")["drifted"] == []
    Span.objects.filter(layer=layer, ident=1).update(start=0)
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("check_layers", "harbour", stdout=out, stderr=err)
    assert caught.value.code == 1
    assert "[layer-drift]" in err.getvalue()
    Span.objects.filter(layer=layer, ident=1).update(start=17)
    Decision.objects.filter(layer=layer, seq=2).delete()
    with pytest.raises(SystemExit):
        call_command("check_layers", stdout=out, stderr=err)


def test_a_corpus_may_bring_its_own_schema(db: None, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"labels": [{"name": "PLACE", "key": "p"}]}), encoding="utf-8")
    assert answer("create_corpus", "places", "--schema", path) == {
        "corpus": "places",
        "labels": ["PLACE"],
    }
    assert "exists" in refused("create_corpus", "places")
    path.write_text("{", encoding="utf-8")
    assert "row-json" in refused("create_corpus", "other", "--schema", path)
    assert "file-unreadable" in refused(
        "create_corpus", "other", "--schema", tmp_path / "none.json"
    )
    assert "request-invalid" in refused("create_corpus", "no slug")
    assert Corpus.objects.count() == 1
