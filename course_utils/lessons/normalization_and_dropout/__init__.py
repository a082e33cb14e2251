"""The room of the lesson ``2-layers/normalization-and-dropout``."""
