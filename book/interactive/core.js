/* The mathematics of the figures: small tensors, and the layers that work on them.

   A tensor is {shape, values}: row-major, channels last, like a NumPy array of the book. Every
   function returns a new one. Wrong input raises RangeError: a sentence that a figure can show. */
(function (root, make) {
  const core = make();
  if (typeof module !== "undefined" && module.exports) module.exports = core;
  else root.CourseCore = core;
})(typeof self !== "undefined" ? self : this, function () {
  "use strict";

  function whole(name, value, least) {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`);
    }
    return value;
  }

  const checkSizes = (...sizes) =>
    ["the size", "the kernel size", "the stride", "the dilation"].forEach((name, i) =>
      whole(name, sizes[i], 1),
    );

  /* A tensor of this shape; values may be an array, or left out for zeros. */
  function tensor(shape, values) {
    const size = shape.reduce((product, side) => product * whole("a side", side, 0), 1);
    const array = values === undefined ? new Float64Array(size) : Float64Array.from(values);
    if (array.length !== size) {
      throw new RangeError(
        `${array.length} values for the shape ${shape.join(" × ")}, which holds ${size}`,
      );
    }
    if (!array.every(Number.isFinite)) throw new RangeError("a value is not a finite number");
    return { shape, values: array };
  }

  /* Rows that padding adds on both sides: "valid", "same" as in Keras (an odd row goes to the
       end), or a number. */
  function padAmounts(n, k, { stride = 1, padding = "valid", dilation = 1 } = {}) {
    if (padding === "valid") return [0, 0];
    if (padding !== "same") return [whole("padding", padding, 0), padding];
    const total = Math.max((Math.ceil(n / stride) - 1) * stride + dilation * (k - 1) + 1 - n, 0);
    return [total >> 1, total - (total >> 1)];
  }

  /* Windows along one side. `exact` is the quotient before the floor; `unreached` are the rows of
       the input in no window. */
  function windows(n, k, options = {}) {
    const { stride = 1, dilation = 1 } = options;
    checkSizes(n, k, stride, dilation);
    const [before, after] = padAmounts(n, k, options);
    const span = dilation * (k - 1) + 1;
    const exact = (n + before + after - span) / stride;
    const size = Math.max(Math.floor(exact) + 1, 0);
    const starts = Array.from({ length: size }, (_, i) => i * stride - before);
    const seen = new Set(
      starts.flatMap((start) => Array.from({ length: k }, (_, u) => start + u * dilation)),
    );
    const unreached = Array.from({ length: n }, (_, i) => i).filter((i) => !seen.has(i));
    return { size, exact, span, before, after, starts, unreached };
  }

  function planes({ shape }, k, options) {
    const [rows, columns] = k.map((side, axis) => windows(shape[axis], side, options));
    if (!rows.size || !columns.size) {
      throw new RangeError(
        `a window of ${rows.span} × ${columns.span} does not fit into ${shape[0]} × ${shape[1]}`,
      );
    }
    return [rows, columns];
  }

  /* Cross-correlation: x (H, W, C), kernel (k, k, C, F), bias of F numbers or none → (H', W', F).
   */
  function conv2d(x, kernel, { bias, ...options } = {}) {
    const [height, width, channels] = x.shape;
    const [kh, kw, inner, filters] = kernel.shape;
    const d = options.dilation || 1;
    if (inner !== channels) {
      throw new RangeError(`the kernel expects ${inner} channels, the picture has ${channels}`);
    }
    const [rows, columns] = planes(x, [kh, kw], options);
    const out = tensor([rows.size, columns.size, filters]);
    for (let i = 0, at = 0; i < rows.size; i++) {
      for (let j = 0; j < columns.size; j++) {
        for (let f = 0; f < filters; f++) {
          let sum = bias ? bias[f] : 0;
          for (let u = 0; u < kh; u++) {
            for (let v = 0; v < kw; v++) {
              const row = rows.starts[i] + u * d;
              const column = columns.starts[j] + v * d;
              if (row < 0 || column < 0 || row >= height || column >= width) continue;
              for (let c = 0; c < channels; c++) {
                sum +=
                  x.values[(row * width + column) * channels + c] *
                  kernel.values[((u * kw + v) * channels + c) * filters + f];
              }
            }
          }
          out.values[at++] = sum;
        }
      }
    }
    return out;
  }

  /* Rows of a transposed convolution along one side, as in Keras, and how many are cut off
       `before` and after. A number as padding cuts as many rows off both sides; "valid" cuts none
       and never ends before the last stride does. */
  function stamps(n, k, { stride = 1, padding = "valid", dilation = 1 } = {}) {
    checkSizes(n, k, stride, dilation);
    const span = dilation * (k - 1) + 1;
    const full = (n - 1) * stride + span;
    const before =
      padding === "valid"
        ? 0
        : padding === "same"
          ? Math.max(span - stride, 0) >> 1
          : whole("padding", padding, 0);
    const size =
      padding === "valid"
        ? Math.max(full, n * stride)
        : padding === "same"
          ? n * stride
          : Math.max(full - 2 * before, 0);
    return { size, span, full, before, after: Math.max(full - before - size, 0) };
  }

  /* Transposed convolution: x (H, W, C), kernel (k, k, F, C) → (H', W', F). Each entry stamps the
       kernel. */
  function convTranspose2d(x, kernel, { bias, ...options } = {}) {
    const [height, width, channels] = x.shape;
    const [kh, kw, filters, inner] = kernel.shape;
    const { stride = 1, dilation = 1 } = options;
    if (inner !== channels) {
      throw new RangeError(`the kernel expects ${inner} channels, the picture has ${channels}`);
    }
    const rows = stamps(height, kh, options);
    const columns = stamps(width, kw, options);
    const out = tensor([rows.size, columns.size, filters]);
    if (!rows.size || !columns.size) {
      throw new RangeError(`padding ${options.padding} cuts everything off`);
    }
    if (bias) for (let at = 0; at < out.values.length; at += filters) out.values.set(bias, at);
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (let u = 0; u < kh; u++) {
          for (let v = 0; v < kw; v++) {
            const row = i * stride + u * dilation - rows.before;
            const column = j * stride + v * dilation - columns.before;
            if (row < 0 || column < 0 || row >= rows.size || column >= columns.size) continue;
            for (let f = 0; f < filters; f++) {
              for (let c = 0; c < channels; c++) {
                out.values[(row * columns.size + column) * filters + f] +=
                  x.values[(i * width + j) * channels + c] *
                  kernel.values[((u * kw + v) * filters + f) * channels + c];
              }
            }
          }
        }
      }
    }
    return out;
  }

  /* Max or average pooling; places outside the picture take no part, as in Keras. */
  function pool(x, size, { mode = "max", stride = size, ...rest } = {}) {
    const [height, width, channels] = x.shape;
    const [rows, columns] = planes(x, [size, size], { stride, ...rest });
    const out = tensor([rows.size, columns.size, channels]);
    const inside = (start, n) => [Math.max(start, 0), Math.min(start + size, n)];
    for (let i = 0, at = 0; i < rows.size; i++) {
      for (let j = 0; j < columns.size; j++) {
        for (let c = 0; c < channels; c++) {
          const [top, bottom] = inside(rows.starts[i], height);
          const [left, right] = inside(columns.starts[j], width);
          let best = -Infinity;
          let sum = 0;
          for (let r = top; r < bottom; r++) {
            for (let q = left; q < right; q++) {
              const value = x.values[(r * width + q) * channels + c];
              best = Math.max(best, value);
              sum += value;
            }
          }
          out.values[at++] = mode === "max" ? best : sum / ((bottom - top) * (right - left));
        }
      }
    }
    return out;
  }

  const relu = (x) =>
    tensor(
      x.shape,
      x.values.map((value) => Math.max(value, 0)),
    );

  return { tensor, padAmounts, windows, stamps, conv2d, convTranspose2d, pool, relu };
});
