/* From a drawing to the form of MNIST's digits: the last steps of
   course_utils.vision.digit_to_mnist. What that does before, for photographs and scans, is not
   needed on the drawing area, whose pen is thick and whose paper is clean: find out what is ink,
   leave out specks and lines along the border, thicken thin strokes.

   1. crop to the ink, the rectangle around all pixels of at least 1;
   2. scale its longer side to 20, keeping the aspect: averages of areas when shrinking, bilinear
      when enlarging;
   3. paste on 28 × 28 with the centre of mass, rounded, at pixel (14, 14); ink that would leave
      moves back in.

   Drawings are numbers 0…255, ink bright, row-major.

     toMnist(pixels, rows, columns)
       → {pixels: 784 numbers, box: {top, left, rows, columns}, scaled: {rows, columns, pixels},
          mass: {row, column} in `scaled`, shift: {row, column} of `scaled` on the 28 × 28}
     plain(pixels, rows, columns) → {pixels}: the whole drawing resized to 28 × 28

   Wrong input raises RangeError with a sentence to show. */
(function (root, make) {
  const preprocess = make();
  if (typeof module !== "undefined" && module.exports) module.exports = preprocess;
  else root.CourseDigitPreprocess = preprocess;
})(typeof self !== "undefined" ? self : this, function () {
  "use strict";

  const SIDE = 28;
  const DIGIT = 20;
  const CENTRE = 14;
  const INK = 1;
  const LARGEST = 4096;

  function check(right, message) {
    if (!right) throw new RangeError(message);
  }

  function checkDrawing(pixels, rows, columns) {
    const side = (n) => Number.isInteger(n) && n >= 1 && n <= LARGEST;
    check(
      side(rows) && side(columns),
      `rows and columns must be whole numbers from 1 to ${LARGEST}, not ${rows} and ${columns}`,
    );
    check(
      pixels && pixels.length === rows * columns,
      `${rows} × ${columns} pixels are ${rows * columns} numbers, not ${pixels?.length ?? "none"}`,
    );
    let ink = false;
    for (let i = 0; i < pixels.length; i++) {
      check(
        Number.isFinite(pixels[i]) && pixels[i] >= 0 && pixels[i] <= 255,
        `pixels are numbers from 0 to 255, but pixel ${i} is ${pixels[i]}`,
      );
      ink = ink || pixels[i] >= INK;
    }
    check(ink, "the drawing is empty: draw a digit first");
  }

  /* For each of m cells along a side of n: [source cell, share] pairs whose shares add up to 1.
   */
  function shares(n, m) {
    return Array.from({ length: m }, (_, i) => {
      if (m > n) {
        const at = Math.min(Math.max(((i + 0.5) * n) / m - 0.5, 0), n - 1);
        const low = Math.floor(at);
        return at > low
          ? [
              [low, 1 - at + low],
              [low + 1, at - low],
            ]
          : [[low, 1]];
      }
      const start = (i * n) / m;
      const end = ((i + 1) * n) / m;
      const pairs = [];
      for (let j = Math.floor(start); j < Math.min(end, n); j++) {
        pairs.push([j, ((Math.min(end, j + 1) - Math.max(start, j)) * m) / n]);
      }
      return pairs;
    });
  }

  function resize(pixels, rows, columns, toRows, toColumns) {
    const across = shares(columns, toColumns);
    const narrow = new Float64Array(rows * toColumns);
    for (let i = 0; i < rows; i++) {
      across.forEach((pairs, j) => {
        for (const [from, share] of pairs) {
          narrow[i * toColumns + j] += share * pixels[i * columns + from];
        }
      });
    }
    const out = new Float32Array(toRows * toColumns);
    shares(rows, toRows).forEach((pairs, i) => {
      for (let j = 0; j < toColumns; j++) {
        out[i * toColumns + j] = pairs.reduce(
          (sum, [from, share]) => sum + share * narrow[from * toColumns + j],
          0,
        );
      }
    });
    return out.map((value) => Math.min(value, 255)); // of rounded sums
  }

  function boundingBox(pixels, rows, columns) {
    let top = rows;
    let left = columns;
    let bottom = -1;
    let right = -1;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        if (pixels[i * columns + j] >= INK) {
          [top, bottom] = [Math.min(top, i), i];
          [left, right] = [Math.min(left, j), Math.max(right, j)];
        }
      }
    }
    return { top, left, rows: bottom - top + 1, columns: right - left + 1 };
  }

  function toMnist(pixels, rows, columns) {
    checkDrawing(pixels, rows, columns);
    const box = boundingBox(pixels, rows, columns);
    const cut = new Float32Array(box.rows * box.columns);
    cut.forEach((_, i) => {
      cut[i] =
        pixels[(box.top + Math.floor(i / box.columns)) * columns + box.left + (i % box.columns)];
    });
    const [height, width] = [box.rows, box.columns].map((n) =>
      Math.max(1, Math.round((n * DIGIT) / Math.max(box.rows, box.columns))),
    );
    const scaled = {
      rows: height,
      columns: width,
      pixels: resize(cut, box.rows, box.columns, height, width),
    };
    const mass = { row: 0, column: 0 };
    const total = scaled.pixels.reduce((sum, value) => sum + value, 0);
    scaled.pixels.forEach((value, i) => {
      mass.row += (value * Math.floor(i / width)) / total;
      mass.column += (value * (i % width)) / total;
    });
    const offset = (centre, n) => Math.min(Math.max(Math.round(CENTRE - centre), 0), SIDE - n);
    const shift = { row: offset(mass.row, height), column: offset(mass.column, width) };
    const out = new Float32Array(SIDE * SIDE);
    scaled.pixels.forEach((value, i) => {
      out[(shift.row + Math.floor(i / width)) * SIDE + shift.column + (i % width)] = value;
    });
    return { pixels: out, box, scaled, mass, shift };
  }

  function plain(pixels, rows, columns) {
    checkDrawing(pixels, rows, columns);
    return { pixels: resize(pixels, rows, columns, SIDE, SIDE) };
  }

  return { toMnist, plain, resize };
});
