"""For every test: nothing here fails by the clock, as the machines that run it are shared."""

from hypothesis import settings

settings.register_profile("kompas", deadline=None)
settings.load_profile("kompas")
