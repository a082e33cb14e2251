"""What every figure of the book keeps to, so that it can be read on a phone."""

from matplotlib.figure import Figure
from matplotlib.text import Text

from course_utils.plotting.style import SMALLEST, WIDTH


def readable(figure: Figure) -> None:
    """Fail unless a figure is as narrow, and its text as large, as the style asks for."""
    assert figure.get_figwidth() <= WIDTH + 1e-6, f"{figure.get_figwidth():.2f} inches wide"
    shown = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    small = [text.get_text() for text in shown if text.get_fontsize() < SMALLEST]
    assert not small, f"smaller than {SMALLEST} points: {small}"
