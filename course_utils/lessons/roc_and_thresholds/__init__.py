"""The room of the lesson ``4-evaluation/roc-and-thresholds``."""
