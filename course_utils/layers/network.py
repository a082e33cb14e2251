"""Layers in a row: forward through all of them, backward in the opposite order."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import numpy as np


class Network:
    """A chain of this package's layers, each with its weights; nothing else.

    Parameters
    ----------
    steps : sequence of (str, dict, dict)
        Name of a layer, its weights by name in the order of the layer's arguments, and its options. What is empty at the end may be left
        out: ``("conv2d", {"kernel": k, "bias": b}, {"padding": "same"})``, ``("relu",)``.

    Attributes
    ----------
    weights : list of dict of str to numpy.ndarray
        The weights of each layer; empty where a layer has none.

    Raises
    ------
    ValueError
        If there is no such layer, or a step is no such tuple.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network([("dense", {"kernel": np.ones((3, 2))}), ("relu",)])
    >>> network.forward(np.array([[1.0, 2.0, 3.0]]))[0]
    array([[6., 6.]])
    """

    def __init__(self, steps: Sequence[tuple]):
        if not isinstance(steps, list | tuple):
            raise ValueError(f"steps is {type(steps).__name__}; expected a list of (name, weights, options)")
        self.names, self.weights, self._options, self._functions = [], [], [], []
        for number, step in enumerate(steps):
            name, weights, options, functions = _step(step, f"step {number}")
            self.names.append(name)
            self.weights.append(dict(weights))
            self._options.append(dict(options))
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
        caches = []
        for (forward, _), weights, options in zip(self._functions, self.weights, self._options, strict=True):
            mode = {"training": training} if "training" in inspect.signature(forward).parameters else {}
            x, cache = forward(x, **weights, **options, **mode)
            weights.update(cache.get("state", {}))
            caches.append(cache)
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
        """
        if len(caches) != len(self.names):
            raise ValueError(
                f"{len(caches)} caches; expected {len(self.names)}, one a layer, from this network's forward"
            )
        gradients: list[dict] = []
        for (_, backward), weights, cache in reversed(list(zip(self._functions, self.weights, caches, strict=True))):
            result = backward(dy, cache)
            dy, *of_weights = result if isinstance(result, tuple) else (result,)
            gradients.append(
                {name: value for name, value in zip(weights, of_weights, strict=False) if value is not None}
            )
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
        """
        memory = {}
        for number, of_layer in enumerate(gradients):
            for name, gradient in of_layer.items():
                if state is not None and (number, name) not in state:
                    raise ValueError(
                        f"state knows nothing of {name!r} of layer {number}: give what update returned, or None"
                    )
                past = None if state is None else state[number, name]
                weights = self.weights[number][name]
                self.weights[number][name], memory[number, name] = optimizer(weights, gradient, past, **options)
        return memory

    def count_params(self) -> int:
        """Number of all weights, moving averages included."""
        return sum(int(np.size(array)) for weights in self.weights for array in weights.values())


def _step(step, where: str) -> tuple[str, Mapping, Mapping, list[Callable]]:
    """A step's name, weights, options, and the layer's two functions, or a ValueError that says what is wrong."""
    shape = isinstance(step, tuple | list) and 1 <= len(step) <= 3 and isinstance(step[0], str)
    if not shape or not all(isinstance(part, Mapping) for part in step[1:]):
        raise ValueError(f"{where} is {step!r}; expected (name, weights, options), the last two dictionaries")
    name, weights, options = (*step, *({}, {})[len(step) - 1 :])
    library = import_module("course_utils.layers")
    functions = [getattr(library, f"{name}_{way}", None) for way in ("forward", "backward")]
    if None in functions:
        known = sorted(entry[: -len("_forward")] for entry in dir(library) if entry.endswith("_forward"))
        raise ValueError(f"{where}: there is no layer {name!r}; known are {', '.join(known)}")
    _, *accepted = inspect.signature(functions[0]).parameters
    unknown = [key for key in (*weights, *options) if key not in accepted]
    if unknown:
        raise ValueError(f"{where}: {name} takes no {unknown[0]!r}; it takes {', '.join(accepted) or 'nothing'}")
    return name, weights, options, functions
