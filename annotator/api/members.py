"""The members of a corpus with their roles, and invitations by link."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, valid
from annotator.api.description import AFTER, operation
from annotator.web.requests import whole_number
from corpus.models import Role
from corpus.selectors import corpus_for, invitations_of, members_page
from corpus.services import invitations, members


class Member(serializers.Serializer[Any]):
    """A member of a corpus."""

    username = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))


class MembersPage(serializers.Serializer[Any]):
    """A page of members, by name."""

    members = Member(many=True)
    next = serializers.CharField(allow_null=True)


class RoleIn(serializers.Serializer[Any]):
    """A role for a person with an account."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)


class InvitationOut(serializers.Serializer[Any]):
    """An invitation that nobody has used."""

    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Role.choices)
    note = serializers.CharField()
    expires_at = serializers.DateTimeField()


class InvitationsPage(serializers.Serializer[Any]):
    """A page of the invitations that can still be used, newest first."""

    invitations = InvitationOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class InvitationIn(serializers.Serializer[Any]):
    """An invitation for whoever opens its link first."""

    role = serializers.ChoiceField(choices=Role.choices)
    note = serializers.CharField(
        allow_blank=True,
        default="",
        max_length=invitations.NOTE_LENGTH,
        help_text="whom it is for, as the list of invitations shows it",
    )


class Invited(serializers.Serializer[Any]):
    """The link of a new invitation, which is shown this once."""

    role = serializers.ChoiceField(choices=Role.choices)
    note = serializers.CharField()
    link = serializers.CharField()
    days = serializers.IntegerField(help_text="how long it can be used")


class MembersView(APIView):
    """The members of a corpus."""

    @operation(
        "list_members",
        MembersPage,
        tag="members",
        parameters=[OpenApiParameter("after", str, description="the `next` of the page before")],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List members by name, each with their roles."""
        corpus = corpus_for(request.user, slug, "manage")
        page, following = members_page(corpus, after=request.query_params.get("after", ""))
        people = [{"username": name, "roles": roles} for name, roles in page]
        return Response({"members": people, "next": following or None})

    @operation("give_role", None, tag="members", status=204, request=RoleIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Give a person a role; twice is once."""
        corpus = corpus_for(request.user, slug, "manage")
        data = valid(RoleIn, request)
        members.give_role(corpus, data["username"], data["role"], by=request.user)
        return Response(status=204)


class MemberRoleView(APIView):
    """One role of one person."""

    @operation("take_role", None, tag="members", status=204)
    def delete(self, request: ApiRequest, slug: str, username: str, role: str) -> Response:
        """Take a role from a person; what they did stays."""
        corpus = corpus_for(request.user, slug, "manage")
        members.check_role(role)
        members.take_role(corpus, username, role, by=request.user)
        return Response(status=204)


class InvitationsView(APIView):
    """The invitations to a corpus."""

    @operation("list_invitations", InvitationsPage, tag="members", parameters=[AFTER])
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the invitations that can still be used, newest first."""
        corpus = corpus_for(request.user, slug, "manage")
        after = whole_number(request.query_params.get("after", ""))
        page, following = invitations_of(corpus, before=after)
        rows = [
            {"id": row.pk, "role": row.role, "note": row.note, "expires_at": row.expires_at}
            for row in page
        ]
        return Response({"invitations": rows, "next": following or None})

    @operation("invite", Invited, tag="members", status=201, request=InvitationIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Make a link that makes whoever opens it first a member."""
        corpus = corpus_for(request.user, slug, "manage")
        data = valid(InvitationIn, request)
        secret = invitations.invite(corpus, data["role"], by=request.user, note=data["note"])
        link = request.build_absolute_uri(reverse("invitation", kwargs={"secret": secret}))
        return Response({**data, "link": link, "days": invitations.LASTS.days}, status=201)


class InvitationView(APIView):
    """One invitation."""

    @operation("end_invitation", None, tag="members", status=204)
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """End an invitation; its link then does nothing."""
        corpus = corpus_for(request.user, slug, "manage")
        invitations.withdraw(corpus, pk, by=request.user)
        return Response(status=204)
