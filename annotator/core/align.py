"""Who goes with whom: which spans overlap, and the best one-to-one pairing among them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from typing import TypeVar

from corpus.core.span import Span

T = TypeVar("T", bound=Hashable)


def overlapping(nodes: Iterable[tuple[T, Span]]) -> Iterator[tuple[T, T]]:
    """Yield each pair whose envelopes overlap once.

    A sweep over the text, in n log n and the number of pairs.
    """
    # What has begun and not yet ended, with its end.
    alive: list[tuple[int, T]] = []
    for node, span in sorted(nodes, key=lambda pair: (pair[1].start, pair[1].end)):
        alive = [(end, other) for end, other in alive if end > span.start]
        yield from ((other, node) for _, other in alive)
        alive.append((span.end, node))


def assign(weights: Mapping[tuple[int, int], int]) -> list[tuple[int, int]]:
    """Return the one-to-one pairs (left, right) whose weights add up to the most.

    `weights` holds the pairs that are allowed, each with a weight above 0; who is best left alone
    stays alone. Exact, in whole numbers, and the same for the same numbers. Shortest augmenting
    paths with prices: Jonker & Volgenant (1987), "A shortest augmenting path algorithm for dense
    and sparse linear assignment problems", Computing 38, section 4. A path ends at the nearest free
    place, so the work follows the overlaps and not the number of spans.
    """
    edges: dict[int, list[tuple[int, int]]] = {}
    for (left, right), weight in sorted(weights.items()):
        edges.setdefault(left, []).append((right, -weight))
    for left, out in edges.items():
        # The place ~left, below 0 and at no cost, is to stay alone.
        out.append((~left, 0))
    holder: dict[int, int] = {}
    partner: dict[int, int] = {}
    left_price: dict[int, int] = {}
    right_price: dict[int, int] = {}
    for start in edges:
        left_price[start] = min(cost - right_price.get(right, 0) for right, cost in edges[start])
        distance: dict[int, int] = {}
        came: dict[int, int] = {}
        settled: dict[int, int] = {}
        heap: list[tuple[int, int]] = []
        left, base = start, 0
        while True:
            for right, cost in edges[left]:
                reach = base + cost - left_price[left] - right_price.get(right, 0)
                if right not in settled and reach < distance.get(right, reach + 1):
                    distance[right], came[right] = reach, left
                    heappush(heap, (reach, right))
            while heap[0][1] in settled:
                heappop(heap)
            base, right = heappop(heap)
            if right not in holder:
                break
            settled[right] = base
            left = holder[right]
        for passed, reach in settled.items():
            left_price[holder[passed]] += base - reach
            right_price[passed] = right_price.get(passed, 0) - (base - reach)
        left_price[start] += base
        while True:
            left = came[right]
            holder[right] = left
            right, partner[left] = partner.get(left, right), right
            if left == start:
                break
    return sorted((left, right) for left, right in partner.items() if right >= 0)
