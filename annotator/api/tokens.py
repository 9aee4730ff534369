"""The token with which a script signs in."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotator.api.base import StorableJSONParser
from annotator.api.description import operation
from annotator.services import accounts


class TokenIn(serializers.Serializer[Any]):
    """Who signs in."""

    username = serializers.CharField()
    password = serializers.CharField()


class TokenOut(serializers.Serializer[Any]):
    """What a script sends as `Authorization: Token …`."""

    token = serializers.CharField()


class TokenView(APIView):
    """Exchange a user name and password for an API token."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    parser_classes = [StorableJSONParser, FormParser, MultiPartParser]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @operation("fetch_token", TokenOut, tag="tokens", request=TokenIn, auth=[])
    def post(self, request: Request) -> Response:
        """Return a token that lasts a week."""
        serializer = AuthTokenSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        user = serializer.validated_data["user"]
        return Response({"token": accounts.script_token(user)})
