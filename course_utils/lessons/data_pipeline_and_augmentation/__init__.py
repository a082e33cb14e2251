"""The room of the lesson ``3-training/data-pipeline-and-augmentation``."""
