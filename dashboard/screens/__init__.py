"""Where a run is seen, and who acts: windows, pages, notebooks, files; the player, the mouse, the keys."""
