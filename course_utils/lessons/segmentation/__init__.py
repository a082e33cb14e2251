"""The room of the lesson ``9-beyond/segmentation``."""
