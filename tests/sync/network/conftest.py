"""What fails in the helpers of the network says what was found."""

import pytest

pytest.register_assert_rewrite(
    "tests.sync.network.checks", "tests.sync.network.road", "tests.sync.network.browser"
)
