"""The table of layers: a DataFrame that reads well in a notebook and in a terminal."""

from fractions import Fraction

import pandas

COUNTS = ("parameters", "non_trainable", "multiply_adds", "activation_bytes")


class LayerTable(pandas.DataFrame):
    """A DataFrame with a row a layer, shown with a last row of totals and digits in groups of three."""

    @property
    def _constructor(self):
        return pandas.DataFrame  # A selection of rows is a plain table: the totals are not its own.

    def _shown(self) -> pandas.DataFrame:
        """Everything as text."""
        shown = pandas.DataFrame({name: [_text(value) for value in self[name]] for name in self.columns})
        totals = self.attrs["totals"]
        last = dict.fromkeys(self.columns, "") | {"layer": "total"}
        last |= {name: _text(getattr(totals, name)) for name in COUNTS}
        return pandas.concat([shown, pandas.DataFrame([last])], ignore_index=True)

    def __repr__(self) -> str:
        return self._shown().to_string(index=False, max_rows=pandas.get_option("display.max_rows"))

    def _repr_html_(self) -> str:
        unbroken = self._shown().map(lambda text: text.replace(" ", "\u00a0"))
        return unbroken.to_html(index=False, max_rows=pandas.get_option("display.max_rows"), border=0)


def _text(value) -> str:
    if value is None or value is pandas.NA:
        return "?"
    if isinstance(value, tuple):
        return "×".join(_text(size) for size in value)
    if isinstance(value, list):
        return ", ".join(_text(shape) for shape in value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, str):
        return value
    return f"{value:,}".replace(",", " ")
