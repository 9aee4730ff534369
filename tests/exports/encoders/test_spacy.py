"""The spaCy folder: what trains, what is hidden from training, and in which language."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
import yaml
from spacy.tokens import Doc, DocBin
from spacy.training import Corpus
from thinc.api import Config

from annotator.core.claim_text import sentence_around
from annotator.nlp.pipeline import DEFAULT_MODEL
from annotator.suggesters.trained import Trained
from corpus.core.languages import languages
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.schema_file import parse
from corpus.core.span import Link, Span, layer_view
from exports.core.record import Record
from exports.core.split import Parted, Split
from exports.core.split import parse as parse_split
from exports.encoders import Options, spacy_project
from exports.encoders.spacy_documents import COLUMNS, LONGEST

SAID = "Ann Lee said the harbour would close."
CLAIM = "the harbour would close"


def record(ident: str = "a", text: str = SAID, **more: Any) -> Record:
    start = text.index(CLAIM)
    claim = Span(2, "CLAIM", start, start + len(CLAIM), attributes={"stance": "oppose"})
    spans = [Span(1, "SPEAKER", start - 13, start - 6), claim]
    return Record(ident, text, {}, layer_view(spans, [Link(1, "said_by", 2, 1)]), "gold", **more)


def write(records: list[Record], folder: Path, **options: Any) -> dict[str, Any]:
    spacy_project.write(records, folder, Options(ATTRIBUTION, "Harbour", **options))
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def examples(folder: Path, part: str = "train") -> list[Doc]:
    """Return the documents of a part as training sees them."""
    config = Config().from_disk(folder / "config.cfg", interpolate=False)
    limit = config["corpora"][part]["max_length"]
    nlp = spacy.blank(config["nlp"]["lang"])
    return [example.reference for example in Corpus(folder / part, max_length=limit)(nlp)]


def long_article(paragraphs: int = 40) -> str:
    return "\n\n".join([SAID, *("The wind rose and the boats came in. " * 4,) * paragraphs])


def test_a_long_article_trains_by_paragraph_and_stays_whole_in_its_file(tmp_path: Path) -> None:
    text = long_article()
    write([record(text=text)], tmp_path / "out")
    [doc] = spacy_project.read_back(tmp_path / "out")
    assert doc.text == text
    pieces = examples(tmp_path / "out")
    assert len(pieces) == 41
    assert [(e.label_, e.text) for e in pieces[0].ents] == [
        ("SPEAKER", "Ann Lee"),
        ("CLAIM", CLAIM),
    ]


@pytest.mark.parametrize("sentence", ["The wind rose. ", "the wind rose and "])
def test_no_example_is_longer_than_training_takes(sentence: str, tmp_path: Path) -> None:
    text = f"{SAID} " + sentence * 800
    write([record(text=text.strip())], tmp_path / "out")
    pieces = examples(tmp_path / "out")
    assert sum(map(len, pieces)) == len(spacy.blank("en")(text.strip()))
    assert max(map(len, pieces)) <= LONGEST


def test_a_claim_longer_than_an_example_is_missing_and_not_nothing(tmp_path: Path) -> None:
    text = f"{SAID} " + "the wind rose and " * 400 + "fell."
    start = text.index("the wind")
    layer = layer_view([Span(1, "CLAIM", start, len(text))])
    write([Record("a", text, {}, layer, "gold")], tmp_path / "out")
    pieces = examples(tmp_path / "out")
    assert len(pieces) > 1
    inside = [token for piece in pieces[1:] for token in piece]
    assert {token.ent_iob_ for token in inside} == {""}
    assert {token.ent_iob_ for token in pieces[0]} >= {"O"}


def test_training_starts_from_the_pipeline_of_the_language_alone(tmp_path: Path) -> None:
    for language, source in (("en", {"source": DEFAULT_MODEL}), ("de", None)):
        out = tmp_path / language
        manifest = write([record()], out, language=language, model=DEFAULT_MODEL)
        config = Config().from_disk(out / "config.cfg", interpolate=False)
        assert config["nlp"]["lang"] == language
        if source:
            assert config["components"]["tok2vec"] == source
            assert manifest["starts_from"] == DEFAULT_MODEL
            assert DEFAULT_MODEL in (out / "README.md").read_text(encoding="utf-8")
        else:
            assert config["components"]["tok2vec"]["factory"] == "tok2vec"
            assert manifest["starts_from"] == ""


TRAIN = (sys.executable, "-m", "spacy", "train")


def run(folder: Path, *command: str) -> None:
    answer = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]


def train(folder: Path, config: str = "config.cfg") -> Path:
    limits = ["--training.max_steps", "4", "--training.eval_frequency", "2"]
    run(folder, *TRAIN, config, "--output", "model", *limits)
    return folder / "model" / "model-last"


def test_the_default_trains_from_the_pipeline_with_the_labels_of_its_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write([record(f"d{n}") for n in range(10)], out, model=DEFAULT_MODEL)
    nlp = spacy.load(train(out))
    assert nlp.pipe_names == ["tok2vec", "ner"]
    assert nlp.get_pipe("ner").labels == ("CLAIM", "SPEAKER")
    assert nlp.config["initialize"]["components"]["ner"]["labels"]["path"] == "labels/ner.json"


def nested_record(ident: str) -> Record:
    text = f"Bo Ek said that {SAID}"
    plain = record(text=text).layer
    outer = Span(9, "CLAIM", text.index("that"), len(text))
    return Record(ident, text, {}, layer_view([*plain.spans.values(), outer]), "gold")


def test_spans_that_overlap_get_a_data_set_and_no_other_corpus_has_it(tmp_path: Path) -> None:
    write([record(f"d{n}") for n in range(10)], tmp_path / "flat")
    assert not (tmp_path / "flat" / "spancat").exists()
    out = tmp_path / "nested"
    manifest = write([nested_record(f"d{n}") for n in range(10)], out)
    assert manifest["left_out_of_ner"] == 20
    config = Config().from_disk(out / "spancat" / "config.cfg", interpolate=False)
    assert config["components"]["span_finder"]["max_length"] <= 25
    [path] = (out / "spancat" / "train").glob("*.spacy")
    docs = list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))
    assert {span.text for span in docs[0].spans["sc"]} == {"Ann Lee", CLAIM, f"that {SAID}"}
    assert spacy.load(train(out / "spancat")).get_pipe("spancat").labels == ("CLAIM", "SPEAKER")


def disputed_record() -> Record:
    """A document in which a second claim is in dispute, and a span of gold touches it."""
    text = f"{SAID}\n\nBo Ek denied it all."
    start = text.index("Bo Ek")
    plain = record(text=text).layer
    layer = layer_view([*plain.spans.values(), Span(9, "SPEAKER", start, start + 5)])
    return Record("a", text, {}, layer, "gold", disputed=((start + 3, len(text) - 1),), disputes=1)


def test_what_is_in_dispute_is_missing_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = write([disputed_record()], out, left_out={"frame-in-dispute": 1})
    [doc] = spacy_project.read_back(out)
    missing = [token.text for token in doc if token.ent_iob_ == ""]
    assert missing == ["Bo", "Ek", "denied", "it", "all"]
    assert [entity.text for entity in doc.ents] == ["Ann Lee", CLAIM]
    assert len(doc.spans["sc"]) == 3
    assert manifest["masked"] == {"documents": 1, "frames": 1, "tokens": 5, "spans": 1}
    assert manifest["dropped"] == {"frame-in-dispute": 1}
    readme = (out / "README.md").read_text(encoding="utf-8")
    assert "1 frames in 1 documents are still in dispute" in readme


def test_what_is_in_dispute_trains_as_nothing_when_it_is_kept(tmp_path: Path) -> None:
    manifest = write([disputed_record()], tmp_path / "out", disputed="keep")
    [doc] = spacy_project.read_back(tmp_path / "out")
    assert {token.ent_iob_ for token in doc} == {"B", "I", "O"}
    assert manifest["masked"]["documents"] == 0


def test_a_paragraph_in_dispute_has_no_relations(tmp_path: Path) -> None:
    plain = record()
    start = SAID.index(CLAIM)
    masked = Record("b", SAID, {}, plain.layer, "gold", disputed=((start, start + 3),), disputes=1)
    manifest = write([plain, masked], tmp_path / "out")
    assert manifest["relations"]["written"] == 1
    assert manifest["relations"]["lost"] == 1


def test_relations_are_as_the_relation_tutorial_reads_them(tmp_path: Path) -> None:
    write([record(f"d{n}", long_article()) for n in range(3)], tmp_path / "out")
    lines = (tmp_path / "out" / "relations" / "train.jsonl").read_text(encoding="utf-8")
    example = json.loads(lines.splitlines()[0])
    assert example["answer"] == "accept"
    words = [token["text"] for token in example["tokens"]]
    doc = Doc(spacy.blank("en").vocab, words=words, spaces=[t["ws"] for t in example["tokens"]])
    assert doc.text == example["text"]
    doc.ents = [doc.char_span(s["start"], s["end"], label=s["label"]) for s in example["spans"]]
    starts = {span["token_end"]: span["token_start"] for span in example["spans"]}
    [relation] = example["relations"]
    heads = {entity.start: entity.label_ for entity in doc.ents}
    assert heads[starts[relation["head"]]] == "CLAIM"
    assert heads[starts[relation["child"]]] == "SPEAKER"
    assert relation["label"] == "said_by"


def test_a_stance_is_read_with_its_target_and_the_sentence_around_it(tmp_path: Path) -> None:
    text = f"It rained. {SAID} It shone."
    plain = record(text=text)
    meta = {"targets": ["the harbour works"]}
    write([Record("a", text, meta, plain.layer, "gold")], tmp_path / "out")
    [path] = (tmp_path / "out" / "stance" / "train").glob("*.spacy")
    [doc] = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert doc.text.split("\n") == ["the harbour works", CLAIM, SAID]


@pytest.mark.parametrize(
    ("text", "words", "around"),
    [
        ("One. “No,” he said. Three.", "“No,”", "“No,” he said."),
        ("One. “No.” Three.", "“No.”", "“No.”"),
        ("One", "One", "One"),
        ("一。他说不行。三。", "不行", "他说不行。"),
    ],
)
def test_the_sentence_around_a_place(text: str, words: str, around: str) -> None:
    start = text.index(words)
    assert sentence_around(text, start, start + len(words)) == around


# Short news of our own, with the words that speak and what they say.
ARTICLES = {
    "zh": ("市长王丽说大桥将在五月关闭。工人们反对。", "王丽", "大桥将在五月关闭"),
    "de": ("Ministerin Ute Lang sagte, sie gehe.", "Ute Lang", "sie gehe"),
    "ar": ("قالت الوزيرة ليلى حسن إن الجسر سيغلق في مايو.", "ليلى حسن", "الجسر سيغلق في مايو"),
}  # fmt: skip


def foreign(language: str, ident: str) -> Record:
    text, speaker, claim = ARTICLES[language]
    spans = []
    for number, (label, words) in enumerate((("SPEAKER", speaker), ("CLAIM", claim)), start=1):
        start = text.index(words)
        spans.append(Span(number, label, start, start + len(words)))
    return Record(ident, text, {}, layer_view(spans), "gold")


@pytest.mark.parametrize("language", sorted(ARTICLES))
def test_each_language_has_its_own_tokens_and_trains(language: str, tmp_path: Path) -> None:
    records = [foreign(language, f"d{n}") for n in range(10)]
    manifest = write(records, tmp_path / "out", language=language, model=DEFAULT_MODEL)
    assert (manifest["language"], manifest["changed"]) == (language, 0)
    assert train(tmp_path / "out").is_dir()


def test_spans_mostly_off_token_edges_are_refused_unless_somebody_says_so(tmp_path: Path) -> None:
    records = [foreign("zh", "a")]
    with pytest.raises(Problem) as caught:
        write(records, tmp_path / "out", language="en")
    assert caught.value.code == "misaligned"
    assert not (tmp_path / "out").exists()
    manifest = write(records, tmp_path / "out", language="en", misaligned="expand")
    assert manifest["changed"] == 2


@pytest.mark.parametrize(("language", "package"), [("ja", "sudachipy"), ("ko", "natto-py")])
def test_a_language_whose_tokenizer_is_not_installed_is_refused_with_its_name(
    language: str, package: str, tmp_path: Path
) -> None:
    with pytest.raises(Problem, match=package) as caught:
        write([record()], tmp_path / "out", language=language)
    assert language in str(caught.value)


def test_a_language_without_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no tokenizer"):
        write([record()], tmp_path / "out", language="tlh")


def test_the_languages_are_those_that_spacy_has() -> None:
    assert {"en", "zh", "de", "ar"} <= set(languages())
    for code in ("en", "zh", "de", "ar", "sv"):
        assert spacy.util.get_lang_class(code).lang == code


def test_the_project_runs_what_the_readme_names(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write([record(f"d{n}") for n in range(10)], out)
    project = yaml.safe_load((out / "project.yml").read_text(encoding="utf-8"))
    names = [command["name"] for command in project["commands"]]
    links = ["train-relations", "evaluate-relations", "join"]
    assert names == ["train", "evaluate", "package", "train-curve", *links]
    readme = (out / "README.md").read_text(encoding="utf-8")
    assert all(f"spacy project run {name}" in readme for name in names)
    gpu = Config().from_disk(out / "config-gpu.cfg", interpolate=False)
    assert gpu["nlp"]["pipeline"] == ["transformer", "ner"]
    assert gpu["corpora"]["train"]["max_length"] == LONGEST + 1


PLAIN = parse({"labels": [{"name": "CLAIM"}, {"name": "SPEAKER"}]})


def plain_record(ident: str) -> Record:
    spans = [replace(span, attributes={}) for span in record().layer.spans.values()]
    return Record(ident, SAID, {}, layer_view(spans), "gold")


def unused_split() -> Split:
    """Return a split that leaves the first document out."""

    def assign(records: Mapping[str, Record]) -> Parted:
        first, *others = records
        parts = dict.fromkeys(others, "train") | {first: "unused"}
        return Parted(parts, [], unused={first: "held"})

    return Split("own", remembered=assign)


@pytest.mark.parametrize(
    ("schema", "records", "more"),
    [
        (ATTRIBUTION, [record(f"d{n}") for n in range(10)], {}),
        (ATTRIBUTION, [record("a")], {"debug_data": True}),
        (ATTRIBUTION, [nested_record(f"d{n}") for n in range(10)], {"model": DEFAULT_MODEL}),
        (ATTRIBUTION, [plain_record(f"d{n}") for n in range(10)], {}),
        (ATTRIBUTION, [record(f"d{n}") for n in range(3)], {"split": unused_split()}),
        (PLAIN, [plain_record(f"d{n}") for n in range(10)], {}),
    ],
    ids=["all", "one document", "nested", "no links", "unused", "no links or attributes known"],
)
def test_the_readme_names_what_is_there_and_nothing_else(
    schema: SchemaView, records: list[Record], more: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    spacy_project.write(records, out, Options(schema, "Harbour", **more))
    readme = (out / "README.md").read_text(encoding="utf-8")
    there = {path.name + "/" * path.is_dir() for path in out.iterdir()}
    assert there == set(re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE))
    for name in re.findall(r"`([a-z]+/)", readme):
        assert name in there or name == "model/"
    assert ("relations/config.cfg" in readme) == ("relations/" in there)
    assert not [path for path in out.rglob("*") if path.is_dir() and not any(path.iterdir())]
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert set(told) == {
        path.relative_to(out).as_posix()
        for path in out.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_a_first_overlap_in_a_later_document_leaves_no_earlier_one_out(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write([record("a"), record("b"), nested_record("c")], out, split=parse_split("100/0/0"))
    [path] = (out / "spancat" / "train").glob("*.spacy")
    docs = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert [len(doc.spans["sc"]) for doc in docs] == [2, 2, 3]


def test_a_file_that_does_not_hold_what_was_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = DocBin.to_disk

    def short(docs: DocBin, path: Path) -> None:
        docs.span_groups = [b"" for _ in docs.span_groups]
        whole(docs, path)
        docs.span_groups = [b"1" for _ in docs.span_groups]

    monkeypatch.setattr(DocBin, "to_disk", short)
    with pytest.raises(Problem) as caught:
        write([record()], tmp_path / "out")
    assert caught.value.code == "export-differs"
    assert not (tmp_path / "out").exists()


def test_the_files_are_as_spacy_writes_them(tmp_path: Path) -> None:
    """What we write token by token is what `DocBin.add` would have written."""
    write([record("a"), disputed_record()], tmp_path / "out", split=parse_split("100/0/0"))
    [path] = (tmp_path / "out" / "train").glob("*.spacy")
    ours = DocBin().from_disk(path)
    docs = list(ours.get_docs(spacy.blank("en").vocab))
    theirs = DocBin(attrs=COLUMNS, docs=docs)
    assert (ours.attrs, ours.span_groups, ours.cats) == (
        theirs.attrs,
        theirs.span_groups,
        theirs.cats,
    )
    assert all(map(np.array_equal, ours.tokens, theirs.tokens))
    assert all(map(np.array_equal, ours.spaces, theirs.spaces))
    # It keeps the norms and shapes of tokens too, which nothing reads.
    assert ours.strings <= theirs.strings


def test_links_train_with_the_command_of_the_readme_in_any_schema(tmp_path: Path) -> None:
    schema = parse(
        {
            "labels": [{"name": "NEWS EVENT"}, {"name": "ort $x"}],
            "links": [{"name": "took place: in", "source": "NEWS EVENT", "target": "ort $x"}],
        }
    )
    records = []
    for number in range(10):
        spans = [Span(1, "ort $x", 0, 7), Span(2, "NEWS EVENT", 13, 24)]
        layer = layer_view(spans, [Link(3, "took place: in", 2, 1)])
        records.append(Record(f"d{number}", SAID, {}, layer, "gold"))
    out = tmp_path / "out"
    spacy_project.write(records, out, Options(schema, "Own"))
    limits = ["--training.max_steps", "60", "--training.eval_frequency", "20"]
    command = [*TRAIN, "relations/config.cfg", "--code", "scripts/relations.py"]
    run(out, *command, "--output", "relations/model", *limits)
    script = [sys.executable, "scripts/relations.py"]
    model = "relations/model/model-best"
    run(out, *script, "evaluate", model, "relations/test.jsonl", "links.json")
    scores = json.loads((out / "links.json").read_text(encoding="utf-8"))
    assert scores["rel_per_type"]["took place: in"]["f"] == 1


def test_what_was_trained_and_joined_suggests_spans_and_links(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write([record(f"d{n}") for n in range(10)], out)
    limits = ["--training.max_steps", "40", "--training.eval_frequency", "20"]
    run(out, *TRAIN, "config.cfg", "--output", "model", *limits)
    command = [*TRAIN, "relations/config.cfg", "--code", "scripts/relations.py"]
    run(out, *command, "--output", "relations/model", *limits)
    project = yaml.safe_load((out / "project.yml").read_text(encoding="utf-8"))
    [join] = [row for row in project["commands"] if row["name"] == "join"]
    line = join["script"][0].replace("${vars.model}", project["vars"]["model"])
    run(out, sys.executable, *line.split()[1:])
    [layer] = Trained(str(out / "joined")).suggest([SAID])
    [link] = layer.links.values()
    assert layer.spans[link.source].text(SAID) == CLAIM
    assert layer.spans[link.target].text(SAID) == "Ann Lee"
