"""The tour: what managers, reviewers and adjudicators do, in three minutes and nine pictures."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotator.web.requests import UserRequest
from corpus.models import Role
from corpus.selectors import memberships_of


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does; `picture` names its picture, `shows` says what is on it."""

    picture: str
    title: str
    words: str
    shows: str


PARTS: dict[str, tuple[str, tuple[Step, ...]]] = {
    Role.MANAGER: (
        "You manage: bring texts in, invite people, take gold out",
        (
            Step(
                "new-corpus",
                "Make a corpus",
                "Give it a name, choose what is marked, and paste or drop the first texts. "
                "Everything else can wait. Suggestions are made in the background.",
                "the page New corpus, with a name, a template and a box for texts",
            ),
            Step(
                "members",
                "Invite people",
                "Make a link for each person under Members. Whoever opens it first joins in the "
                "role that you chose. Two reviewers read each document unless you say otherwise.",
                "the page Members, with a form that makes a link",
            ),
            Step(
                "releases",
                "Take gold out",
                "A release keeps gold as it is now, under a name, and can be made again byte for "
                "byte. Download it, or export one of the formats that tools read.",
                "the page Releases and exports, with a list of releases",
            ),
        ),
    ),
    Role.REVIEWER: (
        "You review: say of each suggestion whether it is right",
        (
            Step(
                "queue",
                "Take the next document",
                "“Review the next document” chooses one for you. It is yours until you hand it "
                "in, and nobody sees your work before that.",
                "the page My queue, with a document in hand",
            ),
            Step(
                "review",
                "Accept, mend or reject",
                "Enter accepts what is in hand and goes on, x rejects it. Mark words with the "
                "mouse to add what is missing. Every key has a button, and ? shows all keys.",
                "an article with marked claims and speakers, and a card for each claim",
            ),
            Step(
                "finish",
                "Hand it in",
                "Finish, or Ctrl and Enter, names what you have not looked at. What you hand in "
                "untouched counts as no vote, never as a no.",
                "the question before a review is handed in",
            ),
        ),
    ),
    Role.ADJUDICATOR: (
        "You settle: decide where reviewers differ",
        (
            Step(
                "disputes",
                "See where they differ",
                "Disputes lists only what reviewers do not agree on. Narrow it to one question, "
                "such as the stance, and settle alike cases alike.",
                "the page Disputes, with rows of who says what against whom",
            ),
            Step(
                "adjudicate",
                "Choose a version",
                "The versions stand side by side. 1 to 9 takes one, e writes one of your own. "
                "How the same question was settled before is shown beside it.",
                "a dispute with two versions of a claim",
            ),
            Step(
                "agreement",
                "See how far they agree",
                "Agreement measures it in several ways, each with its interval, and shows which "
                "labels are taken for one another. What is unclear belongs in the guideline.",
                "the page Agreement, with its figures",
            ),
        ),
    ),
}


@require_safe
def tour_page(request: UserRequest) -> HttpResponse:
    """Show the tour, what belongs to one's own roles first."""
    held = {membership.role for membership in memberships_of(request.user)}
    parts = [
        {"role": role, "title": title, "steps": steps, "own": role in held}
        for role, (title, steps) in PARTS.items()
    ]
    parts.sort(key=lambda part: not part["own"])
    return render(request, "annotator/tour.html", {"parts": parts})
