"""What the journeys among the long tests need of the browser tests."""

from __future__ import annotations

from tests.browser.conftest import browser, live_server, sign_in

__all__ = ["browser", "live_server", "sign_in"]
