"""Kompas' own sentence encoder: how the artefact in `bot/nlu/encoder/` is made.

Nothing here runs in the server, which needs only the files made by `export`.
"""
