"""The room of the lesson ``2-layers/pooling-and-receptive-field``."""
