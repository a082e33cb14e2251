"""The room of the lesson ``2-layers/fast-convolution``."""
