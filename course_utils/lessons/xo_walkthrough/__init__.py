"""The room of the lesson ``6-xo/xo-walkthrough``."""
