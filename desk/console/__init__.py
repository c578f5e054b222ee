"""The console: pages for colleagues, rendered on the server; they work without scripts."""
