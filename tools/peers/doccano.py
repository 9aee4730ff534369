"""doccano, by the calls of its annotation page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.bench_http import (
    EACH,
    Browser,
    free_port,
)
from tools.peers.site import Person, Site, article, in_peer, running

DOCCANO = """
import json, os, sys
import backend.cli
import django; django.setup()
from django.contrib.auth import get_user_model
from examples.models import Example
from label_types.models import SpanType
from labels.models import Span
from projects.models import Member, Project
from roles.models import Role
text, spans, documents, project = json.load(sys.stdin)
project = Project.objects.get(pk=project)
admin = get_user_model().objects.get(username="admin")
types = {}
for name in ("SPEAKER", "CLAIM", "CUE"):
    types[name] = SpanType.objects.create(text=name, project=project)
made = Example.objects.bulk_create(Example(project=project, text=text) for _ in range(documents))
for example in Example.objects.filter(project=project)[:100]:
    Span.objects.bulk_create(
        Span(example=example, user=admin, label=types[s["label"]],
             start_offset=s["start"], end_offset=s["end"])
        for s in spans
    )
first = Example.objects.order_by("pk").values_list("pk", flat=True)[:100]
print(json.dumps([list(first), types["CUE"].pk]))
"""


@contextmanager
def doccano(folder: Path, documents: int) -> Iterator[Site]:
    """Serve doccano with so many examples in one project."""
    port = free_port()
    environment = {"DOCCANO_HOME": str(folder), "DEBUG": "False", "SECRET_KEY": "bench"}
    in_peer("doccano", ["doccano", "init"], environment)
    in_peer(
        "doccano", ["doccano", "createuser", "--username", "admin", "--password", "x"], environment
    )
    text, spans = article()
    with running(
        ["doccano", "webserver", "--port", str(port)], folder, environment, port, "/v1/health/"
    ):

        def admin() -> Browser:
            browser = Browser(port)
            browser.ask(
                "POST", "/v1/auth/login/", json.dumps({"username": "admin", "password": "x"})
            )
            return browser

        project = {
            "name": "bench",
            "description": "bench",
            "project_type": "SequenceLabeling",
            "resourcetype": "SequenceLabelingProject",
            "allow_overlapping": True,
        }
        own = json.loads(admin().ask("POST", "/v1/projects", json.dumps(project)))["id"]
        asked = json.dumps([text, spans, documents, own])
        keys, label = json.loads(
            in_peer("doccano", ["python", "-c", DOCCANO], environment, asked).splitlines()[-1]
        )

        def person(number: int) -> Person:
            browser = admin()
            home, mine = f"/v1/projects/{own}", keys[EACH + number]

            def listed(key: int) -> None:
                browser.ask("GET", f"{home}/examples/{key}/spans")
                browser.ask("GET", f"{home}/examples/{key}/relations")

            def open_example(n: int) -> None:
                for path in (
                    f"/projects/{own}/sequence-labeling?page={n + 1}",
                    "/v1/me",
                    home,
                    f"{home}/my-role",
                    f"{home}/span-types",
                    f"{home}/relation-types",
                ):
                    browser.ask("GET", path)
                next_example(n)
                browser.ask("GET", home)
                browser.ask("GET", f"{home}/metrics/progress")

            def next_example(n: int) -> None:
                browser.ask("GET", f"{home}/examples?limit=1&offset={n}&q=&confirmed=&ordering=")
                listed(keys[n])

            def save(n: int) -> None:
                place = {
                    "start_offset": 3 * n,
                    "end_offset": 3 * n + 2,
                    "label": label,
                    "example": mine,
                    "prob": 0,
                }
                browser.ask("POST", f"{home}/examples/{mine}/spans", json.dumps(place))
                listed(mine)

            return Person(browser, open_example, next_example, save)

        yield Site(person)
