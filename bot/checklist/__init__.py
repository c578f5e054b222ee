"""The Hague return-request checklist in plain Python: no Rasa, no web framework.

`questions.yml` holds the questions, their outcomes, conditions, documents and deadlines. `flow`
says what comes next, `rules` what an answer means, `deadlines` by when, `reading` what a typed
answer says, `result` what the parent is left with. Answers are a dictionary that JSON can carry:
item id → value, as `values` describes.
"""
