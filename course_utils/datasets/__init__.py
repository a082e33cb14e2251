"""Data sets that load without a network, each as a :class:`Dataset` of raw pictures and labels."""

from course_utils.datasets._bundled import CorruptDataError
from course_utils.datasets._dataset import Dataset
from course_utils.datasets.mnist import load_mnist
from course_utils.datasets.xo import draw_letter, letter, make_xo, to_signed

__all__ = ["CorruptDataError", "Dataset", "draw_letter", "letter", "load_mnist", "make_xo", "to_signed"]
