"""Data sets, each as a :class:`Dataset` of raw pictures and labels; all but CIFAR-10 load without a network."""

from course_utils.datasets import corruptions
from course_utils.datasets._bundled import CorruptDataError
from course_utils.datasets._dataset import Dataset
from course_utils.datasets._store import DataFolderError, data_home
from course_utils.datasets.cifar10 import load_cifar10
from course_utils.datasets.digits import load_digits8x8
from course_utils.datasets.faces import load_faces
from course_utils.datasets.folder import SkippedPicturesWarning, load_image_folder
from course_utils.datasets.mnist import load_mnist
from course_utils.datasets.mnist_c import load_mnist_c
from course_utils.datasets.patches import load_photo_patches
from course_utils.datasets.xo import draw_letter, letter, make_xo, to_signed

__all__ = [
    "CorruptDataError",
    "DataFolderError",
    "Dataset",
    "SkippedPicturesWarning",
    "corruptions",
    "data_home",
    "draw_letter",
    "letter",
    "load_cifar10",
    "load_digits8x8",
    "load_faces",
    "load_image_folder",
    "load_mnist",
    "load_mnist_c",
    "load_photo_patches",
    "make_xo",
    "to_signed",
]
