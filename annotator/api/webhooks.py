"""The webhooks of a corpus: addresses that are told what happens in it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, valid
from annotator.api.description import AFTER, operation
from annotator.web.requests import whole_number
from corpus.models import DeliveryState
from corpus.selectors import corpus_for
from corpus.webhooks import settings as webhooks
from corpus.webhooks.delivery import ACTS


class WebhookDelivery(serializers.Serializer[Any]):
    """One event on its way to an address."""

    act = serializers.CharField()
    at = serializers.DateTimeField(help_text="when it happened")
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempts = serializers.IntegerField()
    answer = serializers.CharField(help_text="what the address answered last")


class WebhookOut(serializers.Serializer[Any]):
    """An address with its newest deliveries."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    acts = serializers.ListField(child=serializers.ChoiceField(choices=ACTS))
    deliveries = WebhookDelivery(many=True)


class WebhooksPage(serializers.Serializer[Any]):
    """A page of webhooks, oldest first."""

    webhooks = WebhookOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class WebhookIn(serializers.Serializer[Any]):
    """An address, and what it is told."""

    url = serializers.CharField(max_length=webhooks.URL_LENGTH)
    acts = serializers.ListField(child=serializers.ChoiceField(choices=ACTS), min_length=1)


class WebhookAdded(serializers.Serializer[Any]):
    """A new webhook with the secret that signs what it is told, which is shown this once."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    acts = serializers.ListField(child=serializers.ChoiceField(choices=ACTS))
    secret = serializers.CharField()


class WebhooksView(APIView):
    """The webhooks of a corpus."""

    @operation("list_webhooks", WebhooksPage, tag="webhooks", parameters=[AFTER])
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List webhooks, oldest first, each with its newest deliveries."""
        corpus = corpus_for(request.user, slug, "manage")
        after = whole_number(request.query_params.get("after", ""))
        page, following = webhooks.webhooks_of(corpus, after=after)
        rows = []
        for webhook, deliveries in page:
            events = [
                {
                    "act": delivery.event.act,
                    "at": delivery.event.at,
                    "state": delivery.state,
                    "attempts": delivery.attempts,
                    "answer": delivery.answer,
                }
                for delivery in deliveries
            ]
            row = {"id": webhook.pk, "url": webhook.url, "acts": webhook.acts, "deliveries": events}
            rows.append(row)
        return Response({"webhooks": rows, "next": following or None})

    @operation("add_webhook", WebhookAdded, tag="webhooks", status=201, request=WebhookIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Have an address told of some of what happens."""
        corpus = corpus_for(request.user, slug, "manage")
        made = webhooks.add(corpus, **valid(WebhookIn, request), by=request.user)
        answer = {"id": made.pk, "url": made.url, "acts": made.acts, "secret": made.secret}
        return Response(answer, status=201)


class WebhookView(APIView):
    """One webhook."""

    @operation("end_webhook", None, tag="webhooks", status=204)
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Deliver nothing more to an address; ending it twice is once."""
        corpus = corpus_for(request.user, slug, "manage")
        webhooks.end(corpus, pk, by=request.user)
        return Response(status=204)
