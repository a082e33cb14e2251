"""The one result type of every loader."""

from dataclasses import dataclass, fields, replace

import numpy as np

from course_utils._arguments import as_count, as_names, as_text, refuse


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Pictures and labels in three splits, as every loader of the course returns them.

    Parameters
    ----------
    x_train, x_val, x_test : numpy.ndarray
        Pictures, uint8, shape (N, H, W, C). ``x_val`` is empty unless a validation split was asked for.
    y_train, y_val, y_test : numpy.ndarray
        Class numbers, integers, shape (N,).
    class_names : tuple of str
        Name of class 0, 1, …
    source, licence : str
        Where the data come from and under which terms they may be used.

    Raises
    ------
    ValueError
        If pictures or labels are no such arrays, differ in number in a split, pictures differ in shape, or a label has no
        class name.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    source: str
    licence: str

    def __post_init__(self):
        as_names(self.class_names, "class_names")
        as_text(self.source, "source")
        as_text(self.licence, "licence")
        for split in ("train", "val", "test"):
            images, labels = getattr(self, f"x_{split}"), getattr(self, f"y_{split}")
            if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.ndim != 4:
                raise refuse(f"x_{split}", images, "expected an array of pictures, uint8, shape (N, H, W, C)")
            if images.shape[1:] != self.x_train.shape[1:]:
                raise ValueError(
                    f"x_{split} has pictures of shape {images.shape[1:]}, x_train of {self.x_train.shape[1:]}; expected one"
                )
            if not isinstance(labels, np.ndarray) or labels.ndim != 1 or labels.dtype.kind not in "iu":
                raise refuse(f"y_{split}", labels, "expected an array of whole numbers, shape (N,)")
            if len(images) != len(labels):
                raise ValueError(f"the {split} split has {len(images)} pictures but {len(labels)} labels")
            if len(labels) and not 0 <= labels.min() <= labels.max() < len(self.class_names):
                raise ValueError(
                    f"labels of the {split} split go from {labels.min()} to {labels.max()}; "
                    f"with {len(self.class_names)} class_names they must be 0 to {len(self.class_names) - 1}"
                )

    def __repr__(self):
        parts = []
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value = f"{value.dtype} {value.shape}"
            parts.append(f"  {field.name}: {value}")
        return "Dataset(\n" + "\n".join(parts) + "\n)"


def hold_out(dataset: Dataset, validation: int) -> Dataset:
    """Move the last ``validation`` training pictures of a data set into its validation split.

    Raises
    ------
    ValueError
        If ``validation`` is not a whole number from 0 to one less than the number of training pictures.
    """
    n = len(dataset.x_train)
    try:
        cut = n - as_count(validation, "validation", least=0, most=n - 1)
    except ValueError:
        raise refuse(
            "validation",
            validation,
            f"give the number of training pictures to hold out, a whole number from 0 to {n - 1}",
        ) from None
    return replace(
        dataset,
        x_train=dataset.x_train[:cut],
        y_train=dataset.y_train[:cut],
        x_val=dataset.x_train[cut:],
        y_val=dataset.y_train[cut:],
    )
