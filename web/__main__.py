"""`python -m web`: serve the visitor site."""

from web.app import main

main()
