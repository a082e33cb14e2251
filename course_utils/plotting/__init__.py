"""The shared vocabulary of the book's figures, in one style. Functions take and return Matplotlib axes."""

from course_utils.plotting.curves import learning_curves
from course_utils.plotting.maps import convolution_step, feature_maps, kernels, number_grid, number_grids
from course_utils.plotting.pictures import confusion_matrix, image_grid
from course_utils.plotting.spread import seed_spread
from course_utils.plotting.style import MAGNITUDE, PICTURE, SIGNED, use_style

__all__ = [
    "MAGNITUDE",
    "PICTURE",
    "SIGNED",
    "confusion_matrix",
    "convolution_step",
    "feature_maps",
    "image_grid",
    "kernels",
    "learning_curves",
    "number_grid",
    "number_grids",
    "seed_spread",
    "use_style",
]

use_style()
