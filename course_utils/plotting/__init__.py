"""Every figure of the book, in one style. Functions take and return Matplotlib axes."""

from course_utils.plotting.curves import learning_curves, learning_rate, race
from course_utils.plotting.grids import deformation_curves, number_table
from course_utils.plotting.maps import convolution_step, feature_maps, kernels, number_grid, number_grids
from course_utils.plotting.pictures import confusion_matrix, image_grid
from course_utils.plotting.style import MAGNITUDE, PICTURE, SIGNED, use_style

__all__ = [
    "MAGNITUDE",
    "PICTURE",
    "SIGNED",
    "confusion_matrix",
    "convolution_step",
    "deformation_curves",
    "feature_maps",
    "image_grid",
    "kernels",
    "learning_curves",
    "learning_rate",
    "number_grid",
    "number_grids",
    "number_table",
    "race",
    "use_style",
]

use_style()
