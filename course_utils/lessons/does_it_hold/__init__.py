"""The room of the lesson ``6-xo/does-it-hold``."""
