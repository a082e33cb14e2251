"""The room of the lesson ``2-layers/dense-and-softmax``."""
