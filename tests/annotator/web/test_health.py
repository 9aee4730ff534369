"""What supervisors and Prometheus see, and what stands in the log."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from annotator.web import health, logs
from corpus.models import Job
from corpus.services.corpora import create_corpus


def test_a_living_process_says_so_without_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_ready_means_that_the_database_answers_at_this_version(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").status_code == 200

    def away(*_: Any) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "MigrationExecutor", away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"the database does not answer\n")


def test_metrics_need_the_token(client: Client, db: None, settings: Any) -> None:
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "a secret"
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 404
    Job.objects.create(corpus=create_corpus("harbour"), kind="suggest")
    client.get(reverse("login"))
    text = client.get("/metrics", headers={"Authorization": "Bearer a secret"}).content.decode()
    assert 'saidby_jobs{kind="suggest",state="queued"} 1.0' in text
    assert "saidby_worker_alive 0.0" in text
    assert 'saidby_answers_total{method="GET",route="login",status="200"}' in text
    assert "process_resident_memory_bytes" in text


def test_a_request_keeps_the_id_a_proxy_gave_it_and_a_bad_one_is_replaced(
    client: Client, db: None
) -> None:
    given = client.get("/login/", headers={"X-Request-ID": "proxy-1234"})
    assert given["X-Request-ID"] == "proxy-1234"
    made = client.get("/login/", headers={"X-Request-ID": "<script>alert(1)</script>"})
    assert len(made["X-Request-ID"]) == 32


def test_each_request_leaves_one_line_without_what_was_asked_for(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="saidby.request"):
        client.get("/login/?query=secret", headers={"X-Request-ID": "proxy-1234"})
        client.get("/healthz")
    [record] = caplog.records
    assert (record.path, record.status, record.method) == ("/login/", 200, "GET")
    assert "secret" not in record.getMessage()


def test_the_log_as_json_has_the_id() -> None:
    from django.conf import settings as site
    from pythonjsonlogger.json import JsonFormatter

    record = logging.makeLogRecord(
        {"name": "saidby.jobs", "levelname": "WARNING", "msg": "hm %s", "args": ("so",)}
    )
    token = logs.request_id.set("proxy-1234")
    logs.WithRequestId().filter(record)
    logs.request_id.reset(token)
    told = json.loads(JsonFormatter(site.LOGGING["formatters"]["json"]["format"]).format(record))
    assert (told["message"], told["request_id"], told["levelname"]) == (
        "hm so",
        "proxy-1234",
        "WARNING",
    )
