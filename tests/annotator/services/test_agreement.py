"""Six people annotate the same articles: agreement by pair, and gold by majority that is better
than each of them.

Runs on our seeds with six made-up annotators, and on the articles that six people annotated where
those are there.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import combinations
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from annotator.core.agreement import Article, count
from annotator.models import Adjudication, Decision, Layer
from annotator.selectors import layers
from annotator.services import policies
from annotator.services.agreement import corpus_agreement
from annotator.services.decision_log import drift
from corpus.core.schema import ATTRIBUTION
from corpus.models import Corpus
from tools.evaluate import FOLDER, ROOT

REAL = FOLDER / "data" / "polnear-agreement.jsonl"
NAMES = ("ann", "ben", "cat", "dan", "eve", "fay")
Pair = tuple[str, str]
Scores = dict[tuple[str, str], float | None]
WORD = re.compile(r"\w+(?:['’]\w+)?")


def seeds_by_six(folder: Path) -> Path:
    """Write our seeds as six people might annotate them, each with lapses of their own."""
    rows = [
        json.loads(line)
        for line in (ROOT / "seeds" / "gold.jsonl").read_text(encoding="utf-8").splitlines()[:5]
    ]
    for place, row in enumerate(rows):
        row["meta"] = {
            "outlet": "The Bay" if place % 2 else "Lake Post",
            "published": f"2026-0{1 + place // 2 % 2}-03",
        }
    bare = [{"id": row["id"], "text": row["text"], "meta": row["meta"]} for row in rows]
    (folder / "documents.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in bare), encoding="utf-8"
    )
    for name in NAMES:
        chance = random.Random(name)
        lines = [json.dumps(lapsed(row, chance)) + "\n" for row in rows if chance.random() > 0.1]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def lapsed(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """One article with a claim missed here and one made up there, now and then another edge or
    stance.
    """
    spans = []
    for span in row["spans"]:
        span = {**span, "attributes": dict(span["attributes"])}
        if span["label"] == "CLAIM" and chance.random() < 0.2:
            words = list(re.finditer(r"\S+", row["text"]))
            first = chance.randrange(len(words) - 6)
            start, end = words[first].start(), words[first + 5].end()
            made = {"label": "CLAIM", "start": start, "end": end, "text": row["text"][start:end]}
            spans.append({"id": f"x{len(spans)}", **made, "attributes": {"stance": "unclear"}})
        if span["label"] == "CLAIM" and chance.random() < 0.15:
            continue
        last = re.search(r"\s+\S+$", span["text"])
        if last and not span.get("fragments") and chance.random() < 0.08:
            span["end"] = span["start"] + last.start()
            span["text"] = row["text"][span["start"] : span["end"]]
        if span["label"] == "CLAIM" and chance.random() < 0.08:
            span["attributes"]["stance"] = chance.choice(["support", "oppose", "neutral"])
        spans.append(span)
    ids = {span["id"] for span in spans}
    links = [x for x in row["links"] if x["source"] in ids and x["target"] in ids]
    return {"id": row["id"], "text": row["text"], "meta": {}, "spans": spans, "links": links}


def real_by_six(folder: Path) -> Path:
    """Write the articles that six people annotated."""
    subprocess.run([sys.executable, FOLDER / "to_import.py", REAL, folder], check=True)
    return folder


def rows_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Each person's rows by document."""
    return {
        path.stem: {
            row["id"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        }
        for path in sorted(folder.glob("*.jsonl"))
        if path.stem != "documents"
    }


def by_hand(left: dict[str, Any], right: dict[str, Any]) -> Scores:
    """Exact and word F1 by counting sets of words, in the scorer's sense of a word."""

    def words(row: dict[str, Any], span: dict[str, Any]) -> frozenset[int]:
        pieces = span.get("fragments") or [(span["start"], span["end"])]
        found = (WORD.finditer(row["text"], max(a - 40, 0), b) for a, b in pieces)
        return frozenset(
            w.end() for (a, _), some in zip(pieces, found, strict=True) for w in some if w.end() > a
        )

    found: Scores = {}
    for label in ("CLAIM", "SPEAKER"):
        same = shared = spans = length = 0
        for ident in left.keys() & right.keys():
            a, b = (
                Counter(words(row, s) for s in row["spans"] if s["label"] == label)
                for row in (left[ident], right[ident])
            )
            same, spans = same + (a & b).total(), spans + a.total() + b.total()
            flat, flat_too = frozenset().union(*a), frozenset().union(*b)
            shared, length = shared + len(flat & flat_too), length + len(flat) + len(flat_too)
        found["span_f1_exact", label], found["span_f1_word", label] = (
            2 * same / spans,
            2 * shared / length,
        )
    return found


def by_scorer(left: dict[str, Any], right: dict[str, Any]) -> Scores:
    """What the scorer beside the articles computes."""
    spec = importlib.util.spec_from_file_location("score", FOLDER / "score.py")
    assert spec is not None and spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)

    def form(row: dict[str, Any]) -> dict[str, Any]:
        return {
            **row,
            "links": [{"claim": x["source"], "speaker": x["target"]} for x in row["links"]],
        }

    both = sorted(left.keys() & right.keys())
    found = score.score([form(left[i]) for i in both], [form(right[i]) for i in both])
    claim = found["claim"]
    return {
        ("span_f1_exact", "CLAIM"): claim["exact"]["all"]["f1"],
        ("span_f1_partial", "CLAIM"): claim["partial"]["all"]["f1"],
        ("span_f1_word", "CLAIM"): claim["token"]["all"]["f1"],
        ("span_f1_exact", "SPEAKER"): found["speaker"]["exact"]["f1"],
    }


CASES = [pytest.param((seeds_by_six, by_hand), id="seeds")]
if REAL.exists():
    CASES.append(pytest.param((real_by_six, by_scorer), id="real"))


def asked(*args: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*args, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture(scope="module", params=CASES)
def team(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Corpus, dict[str, dict[str, Any]], Any]]:
    """A corpus with the submitted layers of six people, their rows, and what computes F1.

    It takes seconds to make, so the tests share it: each is rolled back to where this leaves off.
    """
    write, oracle = request.param
    folder = write(tmp_path_factory.mktemp("team"))
    with django_db_blocker.unblock(), transaction.atomic():
        people = rows_of(folder)
        assert len(people) == 6
        call_command("create_corpus", "six")
        call_command("import_documents", "six", str(folder / "documents.jsonl"), stdout=StringIO())
        for name, rows in people.items():
            path = str(folder / f"{name}.jsonl")
            answer = asked("import_layer", "six", path, "--as", name, "--submit")
            assert (answer["imported"], answer["errors"]) == (len(rows), [])
        yield Corpus.objects.get(slug="six"), people, oracle
        transaction.set_rollback(True)


def test_agreement_by_pair_is_what_the_scorer_computes(team: Any, db: None) -> None:
    _, people, oracle = team
    found = {
        (m["a"], m["b"], m["measure"], m["label"]): m
        for m in asked("agreement", "six")["measures"]
        if m["a"] is not None and m["of"] is None
    }
    assert {key[:2] for key in found} == set(combinations(sorted(people), 2))
    for a, b in combinations(sorted(people), 2):
        wanted = oracle(people[a], people[b])
        assert {key: found[a, b, *key]["value"] for key in wanted} == pytest.approx(wanted), (a, b)
        exact = found[a, b, "span_f1_exact", "CLAIM"]
        assert exact["low"] <= exact["value"] <= exact["high"]
        assert 0 < exact["n"] <= exact["total"]
        assert exact["articles"] == len(people[a].keys() & people[b].keys())


def partial_f1(corpus: Corpus) -> tuple[float, dict[str, float]]:
    """The mean partial F1 of claims, of gold against each person and of each person against the
    others.
    """
    held: dict[str, dict[int, Layer]] = {}
    texts = {d.pk: d.body.text for d in corpus.documents.select_related("body")}
    for layer in Layer.objects.filter(
        document__corpus=corpus, kind__in=("review", "gold")
    ).select_related("owner"):
        held.setdefault(str(layer.owner) if layer.owner else "", {})[layer.document_id] = layer
    views = layers.layer_views([layer for own in held.values() for layer in own.values()])

    def f1(a: str, b: str) -> float:
        total: Counter[str] = Counter()
        for d in held[a].keys() & held[b].keys():
            article = Article(texts[d], {"a": views[held[a][d].pk], "b": views[held[b][d].pk]})
            counts = count(article, ATTRIBUTION).together
            total.update(
                {key: counts["span_f1_partial", "CLAIM", key] for key in ("matched", "items")}
            )
        return 2 * total["matched"] / total["items"]

    people = sorted(name for name in held if name)
    return mean(f1("", p) for p in people), {
        p: mean(f1(p, q) for q in people if q != p) for p in people
    }


def test_gold_by_majority_is_nearer_to_each_than_the_best_of_them(team: Any, db: None) -> None:
    corpus, _, _ = team
    expected = policies.preview(corpus, policy="majority")
    decisions = Decision.objects.count()
    counts = asked("adjudicate", "six", "--policy", "majority")
    assert counts == {**expected, "preview": False}
    assert counts["documents"] == corpus.documents.count()
    assert counts["agreed"] > counts["disputed"] > 0
    assert counts["agreed"] + counts["disputed"] == counts["frames"]
    assert sum(Adjudication.objects.values_list("disputes", flat=True)) == counts["disputed"]
    gold, people = partial_f1(corpus)
    assert gold > max(people.values())
    written = Decision.objects.count()
    assert written > decisions
    assert asked("adjudicate", "six", "--policy", "majority") == counts
    assert Decision.objects.count() == written
    assert not [drift(layer) for layer in Layer.objects.filter(kind="gold") if drift(layer)]


def test_a_boundary_rule_settles_only_boundaries_more(team: Any, db: None) -> None:
    corpus, _, _ = team
    plain, longest = (
        policies.preview(corpus, policy=name) for name in ("majority", "majority+longest")
    )
    left = {f["facet"]: f["left"] for f in plain["facets"]}
    assert longest["disputed"] < plain["disputed"]
    assert {f["facet"]: f["left"] for f in longest["facets"]}["boundary"] < left["boundary"]
    everything, most = (policies.preview(corpus, policy=f"at-least:{k}") for k in (2, 6))
    assert sum(f["dropped"] for f in most["facets"]) > sum(
        f["dropped"] for f in everything["facets"]
    )


def test_agreement_of_some_documents_and_by_outlet_and_month(db: None, tmp_path: Path) -> None:
    folder = seeds_by_six(tmp_path)
    call_command("create_corpus", "team")
    call_command("import_documents", "team", str(folder / "documents.jsonl"), stdout=StringIO())
    for name in NAMES[:2]:
        asked("import_layer", "team", str(folder / f"{name}.jsonl"), "--as", name, "--submit")
    corpus = Corpus.objects.get(slug="team")
    whole = corpus_agreement(corpus)
    groups = {(g.by, g.group): g.measures for g in whole.groups}
    assert set(groups) == {
        ("outlet", "The Bay"),
        ("outlet", "Lake Post"),
        ("month", "2026-01"),
        ("month", "2026-02"),
        ("view", "blind"),
    }
    for outlet in ("The Bay", "Lake Post"):
        some = corpus_agreement(corpus, documents=corpus.documents.filter(outlet=outlet))
        assert [m for m in some.measures if m.a is None] == groups["outlet", outlet]
    exact = {m.label: m for m in whole.measures if m.measure == "span_f1_exact" and m.a is None}[
        "CLAIM"
    ]
    parts = [
        m
        for by, found in groups.items()
        if by[0] == "outlet"
        for m in found
        if (m.measure, m.label) == ("span_f1_exact", "CLAIM")
    ]
    assert sum(m.n for m in parts) == exact.n
    assert asked("agreement", "team")["groups"][0].keys() >= {
        "by",
        "group",
        "measure",
        "value",
        "low",
        "high",
        "n",
    }


def test_agreement_asks_the_database_no_more_for_more_documents(
    db: None, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    folder = seeds_by_six(tmp_path)
    call_command("create_corpus", "team")
    call_command("import_documents", "team", str(folder / "documents.jsonl"), stdout=StringIO())
    for name in NAMES[:2]:
        asked("import_layer", "team", str(folder / f"{name}.jsonl"), "--as", name, "--submit")
    corpus = Corpus.objects.select_related("schema").get(slug="team")
    corpus_agreement(corpus)
    for some in (corpus.documents.filter(outlet="The Bay"), corpus.documents.all()):
        with django_assert_num_queries(6):
            corpus_agreement(corpus, documents=some)
