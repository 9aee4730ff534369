"""The links of an exported folder as what a component learns them from, and that component."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from spacy.tokens import Doc
from spacy.tokens import Span as Phrase

from annotator.nlp import relations as component
from corpus.core.schema import SchemaView
from exports.core.record import Record, as_row
from exports.encoders.spacy_config import relation_config
from exports.encoders.spacy_documents import KEY, Tokens, pieces

FOLDER = "relations"
LABELS = f"{FOLDER}/labels.json"
# The component's code, as it goes with the folder.
SCRIPT = "scripts/relations.py"


class Relations:
    """Links for a trainer of relations: a line for each paragraph, in Prodigy's form.

    Paragraphs are those with a link, and those in which spans could be linked and are not. `head`
    and `child` are the last tokens of the entities that a link runs from and to. Links between
    paragraphs, or from and to what is no entity, are counted in `lost`. `by_part` counts the links
    of each part.
    """

    def __init__(self, folder: Path, schema: SchemaView) -> None:
        self.by_part: dict[str, int] = {}
        self.lost = 0
        self._folder = folder
        self._kinds = [
            [kind.name, list(kind.sources), list(kind.targets)] for kind in schema.links.values()
        ]

    @property
    def written(self) -> int:
        """Return how many links are in the files."""
        return sum(self.by_part.values())

    @property
    def trains(self) -> bool:
        """Tell whether there is a link to learn from."""
        return bool(self.by_part.get("train"))

    def scored_on(self, part: str) -> str:
        """Return a part, or train where it has no link."""
        return part if self.by_part.get(part) else "train"

    def add(self, part: str, doc: Doc, tokens: Tokens) -> None:
        """Add the paragraphs of a document."""
        if not self._kinds:
            return
        links = doc.spans[KEY].attrs["links"]
        entities = list(doc.ents)
        places = _places(doc, entities)
        left = [link for link in links if link["source"] in places and link["target"] in places]
        self.lost += len(links) - len(left)
        lines = []
        for piece in pieces(doc):
            inside = [link for link in left if _is_inside(piece, places, link)]
            own = [e for e in entities if piece.start <= e.start and e.end <= piece.end]
            if not inside and not self._may_be_linked(own):
                continue
            if tokens.known[piece.start : piece.end].all():
                lines.append(_line(piece, own, places, inside, tokens))
                self.by_part[part] = self.by_part.get(part, 0) + len(inside)
                left = [link for link in left if link not in inside]
        self.lost += len(left)
        if lines:
            path = self._folder / FOLDER / f"{part}.jsonl"
            path.parent.mkdir(exist_ok=True)
            with path.open("a", encoding="utf-8") as out:
                out.writelines(f"{line}\n" for line in lines)

    def _may_be_linked(self, entities: Sequence[Phrase]) -> bool:
        """Tell whether there are two entities that some kind of link may join."""
        labels = [entity.label_ for entity in entities]
        for _, sources, targets in self._kinds:
            from_here = [number for number, label in enumerate(labels) if label in sources]
            to_here = [number for number, label in enumerate(labels) if label in targets]
            if from_here and to_here and {*from_here, *to_here} != {*from_here[:1]}:
                return True
        return False

    def finish(self, language: str) -> None:
        """Write what trains on the links; nothing is left where there are none."""
        if not self.written:
            shutil.rmtree(self._folder / FOLDER, ignore_errors=True)
        if not self.trains:
            return
        labels = json.dumps(self._kinds, ensure_ascii=False)
        (self._folder / LABELS).write_text(labels + "\n", encoding="utf-8")
        paths = {part: f"{FOLDER}/{self.scored_on(part)}.jsonl" for part in ("train", "dev")}
        config = relation_config(language, LABELS, paths)
        config.to_disk(self._folder / FOLDER / "config.cfg")
        script = self._folder / SCRIPT
        script.parent.mkdir()
        shutil.copyfile(component.__file__, script)


def _places(doc: Doc, entities: Sequence[Phrase]) -> dict[str, Phrase]:
    """Return the spans that are entities by their ids; the first fragment stands for its span."""
    held = {(entity.start, entity.end) for entity in entities}
    places: dict[str, Phrase] = {}
    for span in doc.spans[KEY]:
        if (span.start, span.end) in held:
            places.setdefault(span.id_, span)
    return places


def _is_inside(piece: Phrase, places: Mapping[str, Phrase], link: Mapping[str, str]) -> bool:
    ends = (places[link["source"]], places[link["target"]])
    return all(piece.start <= span.start and span.end <= piece.end for span in ends)


def _line(
    piece: Phrase,
    entities: Sequence[Phrase],
    places: Mapping[str, Phrase],
    links: Sequence[Mapping[str, str]],
    tokens: Tokens,
) -> str:
    """Return a paragraph with its entities and links as Prodigy gives them, in JSON."""
    first, end = piece.start, piece.end
    begin = tokens.starts[first]
    after = tokens.starts[end - 1] + len(tokens.words[end - 1])
    spans = []
    for entity in entities:
        spans.append(
            {
                "text": tokens.text[entity.start_char : entity.end_char],
                "start": entity.start_char - begin,
                "end": entity.end_char - begin,
                "token_start": entity.start - first,
                "token_end": entity.end - 1 - first,
                "type": "span",
                "label": entity.label_,
            }
        )
    relations = []
    for link in links:
        head = places[link["source"]].end - 1 - first
        child = places[link["target"]].end - 1 - first
        relations.append({"head": head, "child": child, "label": link["kind"]})
    more = {
        "spans": spans,
        "relations": relations,
        "answer": "accept",
        "meta": {"source": piece.doc.spans[KEY].attrs["id"]},
    }
    text = json.dumps(tokens.text[begin:after], ensure_ascii=False)
    words = ", ".join(_tokens(tokens, first, end))
    return f'{{"text": {text}, "tokens": [{words}], {json.dumps(more, ensure_ascii=False)[1:]}'


def _tokens(tokens: Tokens, first: int, end: int) -> list[str]:
    """Return tokens in JSON; as objects they would take longer than all else in this module."""
    begin = tokens.starts[first]
    number = -1
    rows = []
    places = zip(
        tokens.words[first:end], tokens.starts[first:end], tokens.spaces[first:end], strict=True
    )
    for word, place, space in places:
        start = place - begin
        number += 1
        rows.append(
            f'{{"text": {_quoted(word)}, "start": {start}, "end": {start + len(word)},'
            f' "id": {number}, "ws": {"true" if space else "false"}}}'
        )
    return rows


@lru_cache(100_000)
def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


def relation_row(record: Record) -> str:
    """Return a document as a line of `relations.jsonl`: its spans and links without any text."""
    row = as_row(record)
    for span in row["spans"]:
        del span["text"]
    line = {"id": record.id, "spans": row["spans"], "links": row["links"]}
    return json.dumps(line, ensure_ascii=False) + "\n"
