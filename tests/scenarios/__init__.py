"""Every scenario of the demo, played in Chromium as its card says."""
