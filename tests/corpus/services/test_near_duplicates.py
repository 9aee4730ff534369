"""Near-duplicates are grouped as documents come in, and the list of documents tells."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from corpus.models import Corpus, Document
from corpus.services import near_duplicates

pytestmark = pytest.mark.postgresql

COPY = (
    "The harbour committee voted on Monday to close the northern mole for repairs, which the"
    " engineer said would take four months and cost two million crowns. Fishermen said nobody had"
    " asked them, and the mayor said everybody had been written to. Two members voted against it,"
    " and one left the room before the vote was called."
)


def bring_in(folder: Path, **texts: str) -> dict[str, Any]:
    path = folder / "in.jsonl"
    path.write_text(
        "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in texts.items()), encoding="utf-8"
    )
    out = StringIO()
    call_command("import_documents", "harbour", str(path), "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def groups() -> dict[str, str]:
    rows = Document.objects.filter(alike__isnull=False).values_list(
        "external_id", "alike__external_id"
    )
    return dict(rows)


def test_copies_are_grouped_with_the_first_also_when_they_come_later(
    corpus: Corpus, tmp_path: Path
) -> None:
    other = " ".join(f"{word}{n}" for n, word in enumerate(COPY.split()))
    answer = bring_in(
        tmp_path, wire=COPY, other=other, paper=COPY.replace("four months", "5 months")
    )
    assert answer["notes"] == [{"reason": "nearly the text of another document", "count": 1}]
    assert groups() == {"paper": "wire"}
    answer = bring_in(tmp_path, site=COPY.upper(), more=other + " more")
    assert answer["notes"] == [{"reason": "nearly the text of another document", "count": 2}]
    assert groups() == {"paper": "wire", "site": "wire", "more": "other"}
    assert "notes" not in bring_in(tmp_path, site=COPY.upper())


def test_an_import_that_was_cut_off_before_grouping_is_made_up_for(
    corpus: Corpus, tmp_path: Path, monkeypatch: Any
) -> None:
    with monkeypatch.context() as away:
        away.setattr(near_duplicates, "group", lambda corpus: 0)
        bring_in(tmp_path, wire=COPY, paper=COPY + " It was raining.")
    assert groups() == {}
    bring_in(tmp_path, wire=COPY)
    assert groups() == {"paper": "wire"}


def test_many_copies_in_small_batches_join_one_group(
    corpus: Corpus, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(near_duplicates, "BATCH", 3)
    bring_in(tmp_path, **{f"d{n}": f"{COPY} Number {n}." for n in range(10)})
    assert groups() == {f"d{n}": "d0" for n in range(1, 10)}


def test_groups_are_the_same_where_nothing_is_kept_and_all_is_read_again(
    corpus: Corpus, tmp_path: Path, monkeypatch: Any
) -> None:
    texts = {f"d{n}": f"{COPY} Number {n}." for n in range(10)}
    other = " ".join(f"{word}{n}" for n, word in enumerate(COPY.split()))
    texts |= {f"e{n}": f"{other} Number {n}." for n in range(10)}
    for name in ("AT_ONCE", "SOME", "LIKELY", "KEPT"):
        monkeypatch.setattr(near_duplicates, name, 1)
    answer = bring_in(tmp_path, **texts)
    assert answer["notes"] == [{"reason": "nearly the text of another document", "count": 18}]
    assert groups() == {ident: f"{ident[0]}0" for ident in texts if not ident.endswith("0")}


def test_more_copies_ask_the_database_no_more_often(
    corpus: Corpus, tmp_path: Path, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    with monkeypatch.context() as away:
        away.setattr(near_duplicates, "group", lambda corpus: 0)
        bring_in(tmp_path, **{f"d{n}": f"{COPY} Number {n}." for n in range(60)})
    with django_assert_max_num_queries(15):
        assert near_duplicates.group(corpus) == 59


def test_another_corpus_is_not_compared(corpus: Corpus, tmp_path: Path) -> None:
    call_command("create_corpus", "inland", stdout=StringIO())
    bring_in(tmp_path, wire=COPY)
    (tmp_path / "far.txt").write_text(COPY, encoding="utf-8")
    call_command("import_documents", "inland", str(tmp_path / "far.txt"), stdout=StringIO())
    assert groups() == {}


def test_the_list_names_the_first_and_can_leave_copies_out(
    corpus: Corpus, alice: Any, as_user: Any, tmp_path: Path
) -> None:
    bring_in(tmp_path, wire=COPY, paper=COPY + " It was raining.")
    address = reverse("documents", kwargs={"slug": "harbour"})
    page = as_user(alice).get(address).content.decode()
    assert "nearly the text of wire" in page
    page = as_user(alice).get(f"{address}?copies=without").content.decode()
    assert "wire" in page and "paper" not in page
    page = as_user(alice).get(f"{address}?copies=only").content.decode()
    assert "paper" in page
