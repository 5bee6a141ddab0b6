"""The page about this device."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Phone

pytestmark = pytest.mark.browser


def test_it_says_by_itself_when_the_phone_can_leave_the_network(phone: Phone) -> None:
    """Opened right after the first sign-in, the page turns to “Yes” without being loaded again."""
    phone.sign_in(lang="en")
    phone.page.goto("/en/device")
    line = phone.page.locator("#device-storage dl > div", has_text="Ready to work without a network")
    expect(line).to_contain_text("Yes", timeout=20_000)
    phone.ready()
    assert phone.errors == []
