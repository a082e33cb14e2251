"""Exercises of the lesson on hand-made features: the right answers computed in another way."""

import cv2
import numpy as np
from scipy import ndimage, optimize

from course_utils.lessons.features_with_opencv import checks


def right(results):
    return all(result.right for result in results)


def test_slopes_are_scipys_and_bytes_are_cut():
    falling = np.repeat([180, 60], 4)[None].repeat(5, axis=0)
    slope = int(ndimage.sobel(falling, axis=1)[2, 4])
    mirrored = int(ndimage.sobel(falling[:, ::-1], axis=1)[2, 4])
    assert right(checks.slopes_in_bytes.evaluate(slope, max(slope, 0), min(mirrored, 255)))


def test_pieces_stay_as_canny_keeps_them():
    """Strengths laid out as a chain of pixels: hysteresis by labelling what reaches the lower threshold."""
    pieces = {"A": 220, "B": 120, "C": 110, "F": 60, " ": 0, "D": 180, "E": 150}
    strength = np.array(list(pieces.values()))
    groups, count = ndimage.label(strength >= 100)
    kept = [group for group in range(1, count + 1) if strength[groups == group].max() >= 200]
    assert right(
        checks.hysteresis.evaluate([name for name, group in zip(pieces, groups, strict=True) if group in kept])
    )


def test_marks_are_where_opencv_draws_a_point():
    rows = []
    for x, y in [(12, 3), (40, 3), (40, 20)]:
        picture = np.zeros((30, 60), np.uint8)
        cv2.circle(picture, (x, y), 0, 255, -1)
        rows.append(np.argwhere(picture)[0])
    outcome = "nothing"
    try:
        picture[40, 20] = 255
    except IndexError:
        outcome = "error"
    assert right(checks.marks.evaluate(rows, outcome))


def test_smallest_change_is_what_a_search_finds():
    def smallest(g_x, g_y):
        def change(phi):
            return ((g_x * np.cos(phi) + g_y * np.sin(phi)) ** 2).sum()

        starts = np.linspace(0, np.pi, 60)
        best = min(starts, key=change)
        return optimize.minimize_scalar(change, (best - 0.06, best, best + 0.06), tol=1e-12).fun

    assert right(checks.smallest_change.evaluate(smallest))


def test_mutual_matches_are_opencvs():
    def mutual(distances):
        pairs = [
            (a, b)
            for a in range(distances.shape[0])
            for b in range(distances.shape[1])
            if distances[a, b] == min(distances[a]) == min(distances[:, b])
        ]
        return np.array(pairs)

    assert right(checks.mutual_matches.evaluate(mutual))
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 30, 8)).astype("float32")
    found = cv2.BFMatcher(crossCheck=True).match(first, second)
    distances = np.linalg.norm(first[:, None] - second[None], axis=2)
    assert checks.mutual_matches.fields[0].reference(distances).tolist() == [[m.queryIdx, m.trainIdx] for m in found]


def test_any_drawing_with_five_corners_is_right():
    for turn in (0.2, 0.4, 0.9):
        phi = turn + 2 * np.pi * np.arange(5) / 5
        outline = 32 + 22 * np.stack([np.cos(phi), np.sin(phi)], axis=1)
        drawing = np.full((64, 64), 255, np.uint8)
        cv2.fillPoly(drawing, [outline.round().astype(np.int32)], 0)  # dark on bright
        assert right(checks.five_corners.evaluate(drawing))
    two = np.zeros((64, 64), np.uint8)
    cv2.rectangle(two, (6, 6), (40, 40), 255, -1)
    assert not right(checks.five_corners.evaluate(two))
