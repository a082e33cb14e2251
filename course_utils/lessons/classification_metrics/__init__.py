"""The room of the lesson ``4-evaluation/classification-metrics``."""
