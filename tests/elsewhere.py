"""Another site, as far as tests of a browser need one: never asked for over the network."""

# Chromium asks for an icon past what Playwright lets a test answer and, at a moment of its own,
# complains that the name is not to be found. This page brings its own.
PAGE = '<!doctype html><link rel="icon" href="data:,"><title>Weer</title><p>Morgen zon.</p>'
