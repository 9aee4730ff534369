"""What counts as an address on the internet."""

from __future__ import annotations

import pytest

from corpus.core.addresses import AddressInside, address_of


@pytest.mark.parametrize("host", ["192.0.0.9", "168.63.129.16", "[3fff::1]", "127.0.0.1"])
def test_a_host_that_is_none_of_the_internet_is_refused(host: str) -> None:
    with pytest.raises(AddressInside):
        address_of(f"http://{host}/")


def test_a_host_of_the_internet_is_none_inside() -> None:
    assert address_of("http://93.184.215.14/") == "93.184.215.14"
