"""`make bench`: Kompas and the stock Rasa pipeline, measured in one run on one machine."""
