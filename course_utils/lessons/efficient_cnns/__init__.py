"""The room of the lesson ``7-history/efficient-cnns``."""
