"""For every test: nothing here fails by the clock, as the machines that run it are shared."""

import pytest
from hypothesis import settings

# a wait that ends in vain says what it saw
pytest.register_assert_rewrite("waiting")

settings.register_profile("kompas", deadline=None)
settings.load_profile("kompas")
