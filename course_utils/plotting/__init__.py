"""Every figure of the book, in one style. Functions take and return Matplotlib axes."""

from course_utils.plotting.budget import connection_table, parameter_budget, step_errors
from course_utils.plotting.comparison import cost_and_accuracy, seed_spread
from course_utils.plotting.corruptions import accuracy_bars, corruption_gallery, map_rows, severity_curves
from course_utils.plotting.curves import learning_curves, learning_rate, race
from course_utils.plotting.gradients import difference_errors, training_curves
from course_utils.plotting.grids import deformation_curves, number_table
from course_utils.plotting.lowering import cost_bars, dilated_kernels, im2col_matrix
from course_utils.plotting.maps import convolution_step, feature_maps, kernels, number_grid, number_grids
from course_utils.plotting.pictures import confusion_matrix, image_grid
from course_utils.plotting.style import MAGNITUDE, PICTURE, SIGNED, use_style

__all__ = [
    "MAGNITUDE",
    "PICTURE",
    "SIGNED",
    "accuracy_bars",
    "confusion_matrix",
    "connection_table",
    "convolution_step",
    "corruption_gallery",
    "cost_and_accuracy",
    "cost_bars",
    "deformation_curves",
    "difference_errors",
    "dilated_kernels",
    "feature_maps",
    "im2col_matrix",
    "image_grid",
    "kernels",
    "learning_curves",
    "learning_rate",
    "map_rows",
    "number_grid",
    "number_grids",
    "number_table",
    "parameter_budget",
    "race",
    "seed_spread",
    "severity_curves",
    "step_errors",
    "training_curves",
    "use_style",
]

use_style()
