"""Layers in a row: forward through all of them, backward in the opposite order."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import numpy as np

from course_utils._arguments import as_array, as_callable, as_flag, as_list, as_mapping, given, refuse


class Network:
    """A chain of this package's layers, each with its weights; nothing else.

    Parameters
    ----------
    steps : sequence of (str, dict, dict)
        Name of a layer, its weights by name, and its options. What is empty at the end may be left
        out: ``("conv2d", {"kernel": k, "bias": b}, {"padding": "same"})``, ``("relu",)``.

    Attributes
    ----------
    weights : list of dict of str to numpy.ndarray
        The weights of each layer; empty where a layer has none.

    Raises
    ------
    ValueError
        If there is no such layer, a step is no such tuple, or a layer lacks weights or gets some that it does not have.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network([("dense", {"kernel": np.ones((3, 2))}), ("relu",)])
    >>> network.forward(np.array([[1.0, 2.0, 3.0]]))[0]
    array([[6., 6.]])
    """

    def __init__(self, steps: Sequence[tuple]):
        if not isinstance(steps, list | tuple):
            raise refuse("steps", steps, "expected a list of (name, weights, options)")
        self.names, self.weights, self._options, self._functions = [], [], [], []
        for number, step in enumerate(steps):
            name, weights, options, functions = _step(step, f"steps[{number}]")
            self.names.append(name)
            self.weights.append(weights)
            self._options.append(options)
            self._functions.append(functions)

    def forward(self, x: np.ndarray, *, training: bool = False) -> tuple[np.ndarray, list[dict]]:
        """Send a batch through all layers.

        Parameters
        ----------
        x : numpy.ndarray
            Shape (N, …).
        training : bool
            Passed on to layers that behave differently in training; these also update their moving averages.

        Returns
        -------
        y : numpy.ndarray
            Output of the last layer.
        caches : list of dict
            One a layer, for :meth:`backward`.
        """
        caches, training = [], as_flag(training, "training")
        for (forward, _), weights, options in zip(self._functions, self.weights, self._options, strict=True):
            mode = {"training": training} if "training" in inspect.signature(forward).parameters else {}
            x, cache = forward(x, **weights, **(mode | options))
            caches.append(cache)
        for weights, cache in zip(self.weights, caches, strict=True):
            weights.update(cache.get("state", {}))
        return x, caches

    def backward(self, dy: np.ndarray, caches: Sequence[Mapping]) -> tuple[np.ndarray, list[dict]]:
        """Send a gradient back through all layers, the last one first: the chain rule.

        Parameters
        ----------
        dy : numpy.ndarray
            Gradient of the loss with respect to the output.
        caches : sequence of dict
            From :meth:`forward`.

        Returns
        -------
        dx : numpy.ndarray
            Gradient with respect to the input.
        gradients : list of dict of str to numpy.ndarray
            Those of the weights, by layer and name; moving averages have none.

        Raises
        ------
        ValueError
            If the caches are not those of a forward pass of this network, or dy has not the shape of its output.
        """
        caches = as_list(caches, "caches", least=0, count=len(self.names), meaning="layer, from this network's forward")
        gradients: list[dict] = []
        for (forward, backward), weights, cache in reversed(
            list(zip(self._functions, self.weights, caches, strict=True))
        ):
            if _is_of_others(cache, weights):
                raise ValueError("caches are of other weights: give what forward returned since the last update")
            result = backward(dy, cache)
            dy, *of_weights = result if isinstance(result, tuple) else (result,)
            # A backward pass gives the gradients in the order of the layer's arguments, None for what it was not given.
            named = dict(zip(_weight_names(forward), of_weights, strict=False))
            gradients.append({name: named[name] for name in weights if named.get(name) is not None})
        return dy, gradients[::-1]

    def update(self, gradients: Sequence[Mapping], optimizer: Callable, state: dict | None = None, **options) -> dict:
        """One step of an optimiser for all weights.

        Parameters
        ----------
        gradients : sequence of dict
            From :meth:`backward`.
        optimizer : callable
            One of this package's ``*_update`` functions.
        state : dict, optional
            What the previous call returned; None before the first.
        **options
            For the optimiser, such as ``learning_rate``.

        Returns
        -------
        dict
            The optimiser's memory, for the next call.

        Raises
        ------
        ValueError
            If gradients or state do not belong to this network, or the optimiser refuses one; then no weight has changed.
        """
        optimizer = as_callable(optimizer, "optimizer", "one of the *_update functions, such as layers.sgd_update")
        gradients = as_list(
            gradients, "gradients", least=0, count=len(self.names), meaning="layer, as backward returns"
        )
        state = state if state is None else as_mapping(state, "state", least=0)
        weights, memory = {}, {}
        for number, of_layer in enumerate(gradients):
            for name, gradient in as_mapping(of_layer, f"gradients[{number}]", least=0).items():
                place = number, name
                if name in ("moving_mean", "moving_variance"):
                    raise ValueError(f"gradients[{number}]: {name} is an average, which forward moves in training")
                if name not in self.weights[number]:
                    raise ValueError(f"gradients[{number}]: {self.names[number]} has no weights named {given(name)}")
                if state is not None and place not in state:
                    raise ValueError(
                        f"state knows nothing of {name!r} of layer {number}: give what update returned, or None"
                    )
                past = None if state is None else state[place]
                old = self.weights[number][name]
                result = optimizer(old, gradient, past, **options)
                if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Mapping)):
                    raise ValueError(
                        f"optimizer returned {given(result)}; expected (weights, state), as sgd_update does"
                    )
                weights[place], memory[place] = (
                    as_array(result[0], "what optimizer returns", shape=old.shape),
                    result[1],
                )
        for (number, name), array in weights.items():
            self.weights[number][name] = array
        return memory

    def count_params(self) -> int:
        """Number of all weights, moving averages included."""
        return sum(int(np.size(array)) for weights in self.weights for array in weights.values())


def _is_of_others(cache, weights: Mapping) -> bool:
    """Whether a cache holds other weights than these."""
    held = [(cache.get(name), array) for name, array in weights.items()] if isinstance(cache, Mapping) else []
    return any(old is not None and not np.array_equal(np.ravel(old), np.ravel(array), True) for old, array in held)


def _weight_names(forward: Callable) -> list[str]:
    """Names of the arrays that a layer takes beside its input, in their order: those before its options."""
    _, *others = inspect.signature(forward).parameters.values()
    return [entry.name for entry in others if entry.kind != entry.KEYWORD_ONLY and "ndarray" in str(entry.annotation)]


def _layers() -> dict[str, list[Callable]]:
    """Forward and backward pass of each layer that a network can hold: those whose first argument is x."""
    library = import_module("course_utils.layers")
    names = [entry.removesuffix("_forward") for entry in dir(library) if entry.endswith("_forward")]
    ways = {name: [getattr(library, f"{name}_{way}") for way in ("forward", "backward")] for name in names}
    return {name: both for name, both in ways.items() if next(iter(inspect.signature(both[0]).parameters)) == "x"}


def _step(step, where: str) -> tuple[str, dict, dict, list[Callable]]:
    """A step's name, weights, options, and the layer's two functions, or a ValueError that says what is wrong."""
    shape = isinstance(step, tuple | list) and 1 <= len(step) <= 3 and isinstance(step[0], str)
    if not shape or not all(isinstance(part, Mapping) for part in step[1:]):
        raise refuse(where, step, "expected (name, weights, options), the last two dictionaries")
    name, weights, options = (*step, *({}, {})[len(step) - 1 :])
    known = _layers()
    if name not in known:
        raise ValueError(f"{where}: there is no layer {given(name)}; known are {', '.join(sorted(known))}")
    _, *accepted = inspect.signature(known[name][0]).parameters.values()
    names, arrays = [entry.name for entry in accepted], _weight_names(known[name][0])
    for key in (*weights, *options):
        if key not in names:
            raise ValueError(f"{where}: {name} takes no {given(key)}; it takes {', '.join(names) or 'nothing'}")
    for key in weights:
        if key not in arrays or key in options:
            raise ValueError(
                f"{where}: {key!r} of {name} is {'there twice' if key in options else 'an option, no weight'}"
            )
    missing = [
        entry.name
        for entry in accepted
        if entry.default is entry.empty and {**weights, **options}.get(entry.name) is None
    ]
    if missing:
        raise ValueError(f"{where}: {name} needs {missing[0]!r}")
    weights = {key: as_array(value, f"{where}: {key}") for key, value in weights.items() if value is not None}
    return name, weights, dict(options), known[name]
