"""A release pins gold and verifies against the log; a changed file or a changed name does not."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Layer
from annotator.services import review
from annotator.services.runs import file_run, store
from corpus.models import DocumentText
from exports.models import ReleaseItem
from exports.services import releases
from tests.acts import TEXT, add_document, submit_as, suggested

pytestmark = pytest.mark.postgresql


def command(*args: Any) -> str:
    out = StringIO()
    call_command(*map(str, args), stdout=out)
    return out.getvalue()


def refused(*args: Any) -> str:
    err = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command(*map(str, args), stderr=err)
    assert caught.value.code == 1
    return err.getvalue()


def test_a_release_verifies_until_a_file_changes(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    assert "nothing-to-do" in refused("release", "harbour", "1", "--to", tmp_path / "r1")
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    assert "1 documents" in command("verify_release", tmp_path / "r1")
    assert "exists" in refused("release", "harbour", "1", "--to", tmp_path / "r2")
    path = tmp_path / "r1" / "gold.jsonl"
    path.write_text(path.read_text().replace("oppose", "support"))
    assert "release-invalid" in refused("verify_release", tmp_path / "r1")
    assert "file-unreadable" in refused("verify_release", tmp_path / "nowhere")


def test_later_gold_does_not_change_a_release(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    from annotator.core.decisions import Decision
    from annotator.services.decision_log import Entry, write

    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    gold = Layer.objects.get(kind="gold")
    write(
        gold,
        [
            Entry(
                Decision(
                    "remove", "span", next(iter(gold.spans.values_list("ident", flat=True))), None
                )
            )
        ],
        at=gold.version,
        policy="test",
    )
    assert "verifies" in command("verify_release", tmp_path / "r1")


def settle_again(document: Any, verb: str) -> None:
    """Change gold as an adjudicator's correction would: drop its first claim, or turn its stance."""
    from annotator.core.decisions import Decision, span_value
    from annotator.selectors.layers import layer_view
    from annotator.services.decision_log import Entry, write

    gold = Layer.objects.get(kind="gold", document=document)
    claim = next(s for s in layer_view(gold).in_order() if s.label == "CLAIM")
    links = [x.ident for x in layer_view(gold).links.values() if x.source == claim.ident]
    if verb == "remove":
        entries = [Entry(Decision("unlink", "link", ident, None)) for ident in links]
        entries.append(Entry(Decision("remove", "span", claim.ident, None)))
    else:
        turned = replace(claim, attributes={**claim.attributes, "stance": "support"})
        entries = [
            Entry(Decision("set", "span", claim.ident, span_value(turned)), exact=claim.text(TEXT))
        ]
    write(gold, entries, at=gold.version, policy="correction")


def test_the_data_sheet_says_who_what_and_how_sure(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    told = json.loads(command("release", "harbour", "1", "--to", tmp_path / "r1", "--json"))
    assert told["documents"] == 1
    assert told["reviewers"] == {"bob": 1, "carol": 1}
    assert set(told["decided"]) == {"policy unanimous"}
    assert list(told["suggesters"].values()) == [2] or list(told["suggesters"].values()) == [1]
    assert told["licences"] == {"not stated": 1}
    assert told["changes"] is None
    exact = next(
        m for m in told["agreement"] if m["measure"] == "span_f1_exact" and m["label"] == "CLAIM"
    )
    assert exact["value"] == 1.0
    page = (tmp_path / "r1" / "DATASHEET.md").read_text(encoding="utf-8")
    for words in (
        "# Harbour, release 1",
        "| bob | 1 |",
        "policy unanimous",
        "This is the first release.",
    ):
        assert words in page


def test_the_next_release_says_what_changed_and_by_whom(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    settle_again(document, "set")
    line = command("release", "harbour", "2", "--to", tmp_path / "r2")
    assert "Since 1: 1 CLAIM changed in stance." in line
    settle_again(document, "remove")
    told = json.loads(command("release", "harbour", "3", "--to", tmp_path / "r3", "--json"))[
        "changes"
    ]
    assert (
        told["sentence"] == "1 links removed, 1 CLAIM removed"
        or told["frames"]["CLAIM removed"] == 1
    )
    assert told["by"]["policy correction"]
    for folder in ("r1", "r2", "r3"):
        assert "verifies" in command("verify_release", tmp_path / folder)


def test_a_withdrawn_text_is_gone_and_its_releases_are_marked(
    document: Any, bob: Any, carol: Any, alice: Any, as_user: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    assert "1 releases hold it" in command("withdraw_text", "harbour", "sea-wall")
    assert ReleaseItem.objects.get().withdrawn_at is not None
    assert not DocumentText.objects.exists()
    assert "was withdrawn" in refused("verify_release", tmp_path / "r1")
    assert "not-found" in refused("withdraw_text", "harbour", "sea-wall")
    page = as_user(alice).get(
        reverse("review", kwargs={"slug": "harbour", "external_id": "sea-wall"})
    )
    assert page.status_code == 404


def test_a_file_added_to_or_taken_from_a_release_is_noticed(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    sheet = tmp_path / "r1" / "DATASHEET.md"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "More.", encoding="utf-8")
    assert "DATASHEET.md is not the file" in refused("verify_release", tmp_path / "r1")
    sheet.unlink()
    assert "DATASHEET.md is missing" in refused("verify_release", tmp_path / "r1")


def test_a_forged_or_damaged_release_does_not_verify(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    about = tmp_path / "r1" / "release.json"
    told = json.loads(about.read_text(encoding="utf-8"))
    (tmp_path / "r1" / "DATASHEET.md").write_text("All is well.", encoding="utf-8")
    del told["files"]["DATASHEET.md"]
    about.write_text(json.dumps({**told, "datasheet": {}}), encoding="utf-8")
    assert "release-invalid" in refused("verify_release", tmp_path / "r1")
    for damaged in ("[]", "{}", '{"corpus": 1, "name": []}', "null"):
        about.write_text(damaged, encoding="utf-8")
        assert refused("verify_release", tmp_path / "r1").startswith("[")
    (tmp_path / "r1" / "more.txt").write_text("?", encoding="utf-8")
    about.write_text(json.dumps(told), encoding="utf-8")
    assert "more.txt was not released" in refused("verify_release", tmp_path / "r1")


def test_the_order_of_a_release_does_not_depend_on_the_database(
    corpus: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(releases, "BATCH", 2)
    for name in ("b", "A", "a", "B", "é"):
        made = add_document(corpus, tmp_path, name)
        store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
        submit_as(made, bob)
        submit_as(made, carol)
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    lines = (tmp_path / "r1" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["A", "B", "a", "b", "é"]
    assert "verifies" in command("verify_release", tmp_path / "r1")


def own_claim(decisions: list[dict[str, Any]]) -> None:
    """Leave the last suggested claim alone and mark one of one's own in another place."""
    decisions[:] = [
        d for d in decisions if d["ident"] != 6 and not (d["subject"] == "link" and d["ident"] == 3)
    ]
    start = TEXT.index("Sea wall vote")
    attributes = {"stance": "neutral", "speaker_state": "unknown"}
    value = {
        "label": "CLAIM",
        "start": start,
        "end": start + 13,
        "fragments": None,
        "attributes": attributes,
    }
    decisions.append(
        {
            "client_id": str(uuid.uuid4()),
            "verb": "add",
            "subject": "span",
            "ident": 50,
            "after": value,
            "exact": "Sea wall vote",
        }
    )


def test_a_release_of_what_people_found_leaves_out_what_a_model_proposed(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob, change=own_claim)
    submit_as(document, carol, change=own_claim)
    told = json.loads(
        command("release", "harbour", "1", "--to", tmp_path / "r1", "--origin", "people", "--json")
    )
    row = json.loads((tmp_path / "r1" / "gold.jsonl").read_text(encoding="utf-8"))
    assert [span["text"] for span in row["spans"]] == ["Sea wall vote"]
    assert told["gaps"]["spans left out because a suggester had proposed them or their claims"] == 5
    assert "verifies" in command("verify_release", tmp_path / "r1")
    everything = json.loads(command("release", "harbour", "2", "--to", tmp_path / "r2", "--json"))
    assert everything["changes"] is None and sum(everything["spans"].values()) == 6
    assert "nothing-to-do" in refused(
        "release", "harbour", "3", "--to", tmp_path / "r3", "--origin", "blind"
    )
    command("release", "harbour", "1", "--to", tmp_path / "again", "--again")
    for name in ("gold.jsonl", "DATASHEET.md", "release.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "r1" / name).read_bytes()


def test_a_blind_release_holds_what_no_model_touched(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    blind = add_document(document.corpus, tmp_path, "unseen")
    submit_as(document, bob)
    submit_as(document, carol)
    for user in (bob, carol):
        review.submit(review.open_layer(blind, by=user), by=user, at=0)
    told = json.loads(
        command("release", "harbour", "1", "--to", tmp_path / "r1", "--origin", "blind", "--json")
    )
    assert (told["documents"], told["origin"]) == (1, "blind")
    assert told["gaps"]["documents left out because a reviewer saw suggestions"] == 1
