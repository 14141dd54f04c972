"""A chart of how times grow with the size of a database, as an SVG file.

In: lines of points. Out: the text of an SVG; both axes are logarithmic, for sizes and times differ
by powers of ten. It measures nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 760, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 220, 44, 48
_COLOURS = ("#1f5fbf", "#1f5fbf", "#b3541e", "#b3541e", "#2f7d4f", "#2f7d4f")
"""Two lines of one kind share a colour; dashes tell them apart."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of points, from the smallest size to the largest."""

    name: str
    sizes: Sequence[int]
    values: Sequence[float]
    is_dashed: bool = False


def draw(title: str, of_sizes: str, of_values: str, lines: Sequence[Line], target: float) -> str:
    """Draw lines, and what they shall stay under.

    Args:
        title: what is shown.
        of_sizes: what the sizes count.
        of_values: unit of the values.
        lines: all above zero.
        target: in the same unit.
    """
    frame = _Frame(
        [size for line in lines for size in line.sizes],
        [target, *(value for line in lines for value in line.values)],
    )
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12" fill="#333"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" {box}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="14">{title}</text>',
        *frame.grid(of_sizes, of_values),
        *frame.target(target, of_values),
    ]
    for place, (line, label_y) in enumerate(zip(lines, frame.label_heights(lines), strict=True)):
        parts += frame.line(line, _COLOURS[place % len(_COLOURS)], label_y)
    return "\n".join([*parts, "</svg>", ""])


class _Frame:
    """Where things are in the picture."""

    def __init__(self, sizes: Sequence[float], values: Sequence[float]) -> None:
        self._sizes = sorted(set(sizes))
        self._x_span = log10(min(sizes)), max(log10(max(sizes)), log10(min(sizes)) + 1)
        self._y_span = floor(log10(min(values))), ceil(log10(max(values)))

    def x(self, size: float) -> float:
        low, high = self._x_span
        return _LEFT + (log10(size) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self._y_span
        part = (log10(value) - low) / max(high - low, 1)
        return _HEIGHT - _BOTTOM - part * (_HEIGHT - _TOP - _BOTTOM)

    def grid(self, of_sizes: str, of_values: str) -> Iterator[str]:
        low, high = self._y_span
        right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
        for power in range(low, high + 1):
            y = self.y(10.0**power)
            yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
            yield (
                f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
                f"{10.0**power:g} {of_values}</text>"
            )
        for size in self._sizes:
            yield f'<path d="M{self.x(size):.1f} {_TOP}V{bottom}" stroke="#eee"/>'
            yield (
                f'<text x="{self.x(size):.1f}" y="{bottom + 20}" text-anchor="middle">'
                f"{size:,} {of_sizes}</text>"
            )

    def target(self, value: float, unit: str) -> Iterator[str]:
        y = self.y(value)
        yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#c22" stroke-width="1.5"/>'
        yield f'<text x="{_LEFT + 6}" y="{y - 5:.1f}" fill="#c22">target {value:g} {unit}</text>'

    def label_heights(self, lines: Sequence[Line]) -> list[float]:
        """Put each name beside the end of its line, and no two on one another."""
        heights = [self.y(line.values[-1]) + 4 for line in lines]
        free = 0.0
        for place in sorted(range(len(lines)), key=lambda one: heights[one]):
            heights[place] = free = max(heights[place], free + 15)
        return heights

    def line(self, line: Line, colour: str, label_y: float) -> Iterator[str]:
        points = [
            (self.x(size), self.y(value))
            for size, value in zip(line.sizes, line.values, strict=True)
        ]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dashes = ' stroke-dasharray="5 4"' if line.is_dashed else ""
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        for x, y in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
        yield (
            f'<text x="{_WIDTH - _RIGHT + 8}" y="{label_y:.1f}" fill="{colour}">'
            f"{escape(line.name)}: {line.values[-1]:.0f}</text>"
        )
