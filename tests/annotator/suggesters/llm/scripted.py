"""A language model at a server that answers as a test says, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from annotator.suggesters.llm.prompt import Prompt
from annotator.suggesters.llm.server import Server
from annotator.suggesters.llm.suggester import LanguageModel
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView
from tests.acts import TEXT
from tests.model_server import Body, ModelServer, Reply, model_server

KEY = "sk-very-secret"
GOOD = {
    "spans": [
        {
            "label": "CLAIM",
            "id": 1,
            "quote": '"The wall will not hold,"',
            "why": "quoted",
            "attributes": {"stance": "oppose", "target": None, "kind": "direct"},
        },
        {
            "label": "SPEAKER",
            "id": 2,
            "quote": "Mayor Ilse Brandt",
            "why": "she says it",
            "attributes": {"name": "Ilse Brandt"},
        },
    ],
    "links": [{"kind": "said_by", "source": 1, "target": 2}],
}
NOTHING: dict[str, Any] = {"spans": [], "links": []}


def server_at(url: str, **more: Any) -> Server:
    options: dict[str, Any] = {"seconds": 30.0, "at_once": 2, **more}
    return Server(url, "tiny", KEY, **options)


def made(server: ModelServer | str, **more: Any) -> LanguageModel:
    url = server if isinstance(server, str) else server.url
    kept = {name: more.pop(name) for name in ("answers", "cancelled") if name in more}
    prompt = more.pop("prompt", Prompt(ATTRIBUTION, "# Claims\n\nMark what is said."))
    return LanguageModel(server_at(url, **more), prompt, first_wait=0.01, **kept)


def quotes(layer: LayerView | None, text: str = TEXT) -> list[tuple[str, str]]:
    assert layer is not None
    return [(span.label, span.covered(text)) for span in layer.in_order()]


def notes(model: LanguageModel) -> list[tuple[int, str, str]]:
    """The notes of a model: number of the text, code, words."""
    found, _ = model.report.take()
    return [(n.text, n.reason.partition("]")[0].strip("["), n.example) for n in found]


@contextmanager
def scripted(*replies: Reply) -> Iterator[ModelServer]:
    """A server that gives these replies in turn, and the last for ever."""
    left = list(replies)

    def answer(body: Body) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    with model_server(answer) as server:
        yield server
