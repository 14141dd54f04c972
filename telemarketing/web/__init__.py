"""The panel: pages, sign-in, live updates."""
