"""The room of the lesson ``appendix/mathematics``."""
