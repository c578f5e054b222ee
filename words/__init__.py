"""For the people who write the texts: where each is used, whether it reads well, a report to sign.

Tools of the desk's environment; nothing that visitors reach imports them.
"""
