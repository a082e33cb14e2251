"""The room of the lesson ``7-history/lenet-to-vgg``."""
