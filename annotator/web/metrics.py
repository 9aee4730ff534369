"""What Prometheus may ask for: answers by address and status, jobs by state, workers alive."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from corpus.jobs import claim, worker
from corpus.models import Job

REGISTRY = CollectorRegistry()
ANSWERS = Counter(
    "saidby_answers_total", "Requests answered.", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "saidby_answer_seconds",
    "Time to answer a request, in seconds.",
    ["route"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


class Background(Collector):
    """The jobs that are not over, and whether a worker lives, as the database has them."""

    def collect(self) -> Iterator[Metric]:
        """Yield the two gauges."""
        waiting = GaugeMetricFamily(
            "saidby_jobs", "Jobs that are not over.", labels=["kind", "state"]
        )
        rows = (
            Job.objects.filter(state__in=claim.UNFINISHED)
            .values("kind", "state")
            .annotate(n=Count("pk"))
        )
        for row in rows:
            waiting.add_metric([row["kind"], row["state"]], row["n"])
        yield waiting
        yield GaugeMetricFamily(
            "saidby_worker_alive", "1 while a worker tells of itself.", value=worker.is_served()
        )


REGISTRY.register(Background())
ProcessCollector(registry=REGISTRY)


def answered(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer; `seconds` is how long it took."""
    ANSWERS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def text() -> bytes:
    """Return everything in Prometheus's text format."""
    return generate_latest(REGISTRY)
