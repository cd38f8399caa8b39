"""The page to play with: a small server on this machine, and what a browser shows."""
