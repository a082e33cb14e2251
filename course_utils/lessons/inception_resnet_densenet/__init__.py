"""The room of the lesson ``7-history/inception-resnet-densenet``."""
