"""What asking costs: tokens and money, and a cap on both."""

from __future__ import annotations

from dataclasses import dataclass

PER_MILLION = 1_000_000
# Of UTF-8. A token is longer in every script that models are made for, so that what is reckoned
# before a request is sent is not less than what it comes to.
BYTES_A_TOKEN = 2


@dataclass(frozen=True, slots=True)
class Usage:
    """How many requests were answered, and the tokens that were sent and got."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def tokens(self) -> int:
        """Return all tokens."""
        return self.tokens_in + self.tokens_out

    def __add__(self, more: Usage) -> Usage:
        return Usage(
            self.requests + more.requests,
            self.tokens_in + more.tokens_in,
            self.tokens_out + more.tokens_out,
        )

    def __sub__(self, less: Usage) -> Usage:
        return Usage(
            self.requests - less.requests,
            self.tokens_in - less.tokens_in,
            self.tokens_out - less.tokens_out,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one job may use; 0 is no limit. Prices are for a million tokens."""

    tokens: int = 0
    money: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0

    def cost(self, usage: Usage) -> float:
        """Return what a usage costs by the prices, in their currency."""
        return (usage.tokens_in * self.price_in + usage.tokens_out * self.price_out) / PER_MILLION

    def allow(self, usage: Usage) -> bool:
        """Tell whether a usage is within the limits."""
        if self.tokens and usage.tokens > self.tokens:
            return False
        return not self.money or self.cost(usage) <= self.money

    def words(self) -> str:
        """Return the limits as people read them."""
        said = []
        if self.tokens:
            said.append(f"{self.tokens:,} tokens")
        if self.money:
            said.append(f"{self.money:g} in money")
        return " and ".join(said)


def reckoned(text: str) -> int:
    """Return the most tokens that a text comes to."""
    return len(text.encode("utf-8", "surrogatepass")) // BYTES_A_TOKEN + 1
