"""The tour as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from annotator.pages.tour import PARTS
from corpus.models import Corpus, Role
from tools.screenshots import TOUR, TOUR_FOLDER

LARGEST = 80_000


def test_every_role_has_its_part_and_ones_own_comes_first(
    corpus: Corpus, bob: Any, dave: Any, as_user: Any
) -> None:
    assert set(PARTS) == set(Role)
    html = as_user(bob).get(reverse("tour")).content.decode()
    assert html.index('<section id="reviewer"') < html.index('<section id="manager"')
    html = as_user(dave).get(reverse("tour")).content.decode()
    assert html.index('<section id="manager"') < html.index('<section id="reviewer"')
    assert Client().get(reverse("tour")).status_code == 302


def test_every_step_has_a_picture_that_is_there_and_small(corpus: Corpus, bob: Any) -> None:
    wanted = {f"{step.picture}.webp" for _, steps in PARTS.values() for step in steps}
    assert {f"{shot.name}.webp" for shot in TOUR} == wanted
    assert {path.name for path in TOUR_FOLDER.iterdir()} == wanted
    sizes = [Path(finders.find(f"annotator/tour/{name}")).stat().st_size for name in wanted]
    assert max(sizes) <= LARGEST and sum(sizes) <= 400_000


def test_the_tour_is_one_click_from_every_page_and_from_no_corpus(dave: Any, as_user: Any) -> None:
    client, address = as_user(dave), reverse("tour")
    assert f'href="{address}"' in client.get(reverse("profile")).content.decode()
    assert "Take the tour" in client.get(reverse("corpora")).content.decode()
