/* The digit network: every activation, Grad-CAM, and the sum behind any number.
   create(data), data as in digit-network.js, gives

     layers: [{name, kind, shape: [rows, columns, channels], …}]
     forward(pixels), 784 numbers 0…255, ink bright
       → {pixels, layers: [{name, kind, shape, values}], logits, probabilities}
     gradCam(result, classIndex)
       → {rows, columns, map, weights, upsampled: 28 × 28 numbers}, not scaled
     explain(result, layer, row, column, channel)
       → {kind, value, bias, terms: [{row, column, channel, value, weight, product}]}
       Layers count from 0; terms lie in the layer before. value is bias + products, or the largest
       product (maxpool), or 0 (relu).

   Arrays are row-major, channels last. Wrong input raises RangeError with a sentence to show. */
(function (root, make) {
  const model = make();
  if (typeof module !== "undefined" && module.exports) module.exports = model;
  else root.CourseDigitModel = model;
})(typeof self !== "undefined" ? self : this, function () {
  "use strict";

  function check(right, message) {
    if (!right) throw new RangeError(message);
  }

  function whole(name, value, end) {
    check(
      Number.isInteger(value) && value >= 0 && value < end,
      `the ${name} must be a whole number from 0 to ${end - 1}, not ${value}`,
    );
  }

  /* The array behind a base64 string. Browsers store the lowest byte first, as the file does. */
  function decode(text, type = "float32") {
    const types = { float32: Float32Array, int8: Int8Array, uint8: Uint8Array };
    return new types[type](Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  }

  function decodeKernel({ type, values, scale }) {
    const scales = scale ? decode(scale) : [1];
    return Float32Array.from(decode(values, type), (entry, i) => entry * scales[i % scales.length]);
  }

  /* A layer with its arrays decoded. A dense layer is a convolution whose window is all of its
       input. */
  function prepare(entry, input) {
    const { kind, kernel, factor = 1, bias } = entry;
    const [rows, columns, channels] = input;
    const size = kind === "dense" ? rows : entry.size || 1;
    const stride = kind === "maxpool" ? size : 1;
    const shape = [
      ...[rows, columns].map((n) => Math.floor((n - size) / stride) + 1),
      entry.filters || channels,
    ];
    return {
      ...entry,
      input,
      size,
      stride,
      shape,
      kernel: kernel && decodeKernel(kernel),
      factor: typeof factor === "string" ? decode(factor) : Array(channels).fill(factor),
      bias: bias ? decode(bias) : Array(shape[2]).fill(0),
    };
  }

  function convolve(
    x,
    { input: [, columns, channels], shape: [rows, width, filters], size, kernel, bias },
  ) {
    const out = new Float32Array(rows * width * filters);
    const sums = new Float64Array(filters);
    for (let to = 0; to < out.length; to += filters) {
      const cell = to / filters;
      const first = (Math.floor(cell / width) * columns + (cell % width)) * channels;
      sums.set(bias);
      for (let u = 0, w = 0; u < size; u++) {
        // Neighbours in a row lie side by side in memory.
        const from = first + u * columns * channels;
        for (let n = from; n < from + size * channels; n++, w += filters) {
          const value = x[n];
          if (value !== 0) for (let f = 0; f < filters; f++) sums[f] += value * kernel[w + f];
        }
      }
      out.set(sums, to);
    }
    return out;
  }

  /* All other layers work channel by channel, and all as a maximum: over a window, with 0, or of
       one number. */
  function largest(
    x,
    { kind, input: [, columns, channels], shape: [rows, width], size, factor, bias },
  ) {
    const out = new Float32Array(rows * width * channels).fill(kind === "relu" ? 0 : -Infinity);
    for (let i = 0; i < rows * size; i++) {
      for (let j = 0; j < width * size; j++) {
        const from = (i * columns + j) * channels;
        const to = (Math.floor(i / size) * width + Math.floor(j / size)) * channels;
        for (let c = 0; c < channels; c++) {
          out[to + c] = Math.max(out[to + c], x[from + c] * factor[c] + bias[c]);
        }
      }
    }
    return out;
  }

  function softmax(logits) {
    const most = Math.max(...logits);
    const powers = logits.map((z) => Math.exp(z - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  /* Bilinear. Cells are areas: the centres of the outer ones lie half a cell inside the border.
   */
  function enlarge(map, rows, columns, height, width) {
    const parts = (i, n, size) => {
      const at = Math.min(Math.max(((i + 0.5) * n) / size - 0.5, 0), n - 1);
      const low = Math.floor(at);
      return [
        [low, 1 - at + low],
        [Math.min(low + 1, n - 1), at - low],
      ];
    };
    return new Float32Array(height * width).map((_, i) => {
      const line = (r) =>
        parts(i % width, columns, width).reduce(
          (sum, [c, share]) => sum + share * map[r * columns + c],
          0,
        );
      return parts(Math.floor(i / width), rows, height).reduce(
        (sum, [r, share]) => sum + share * line(r),
        0,
      );
    });
  }

  function create(data) {
    const layers = [];
    const size = data.input[0] * data.input[1];
    data.layers.reduce(
      (shape, entry) => layers[layers.push(prepare(entry, shape)) - 1].shape,
      data.input,
    );

    function forward(pixels) {
      check(
        pixels && pixels.length === size,
        `a picture has ${size} pixels, not ${pixels ? pixels.length : "none"}`,
      );
      let values = Float32Array.from(pixels);
      const result = { pixels: values };
      const wrong = values.findIndex((value) => !(value >= 0 && value <= 255));
      check(wrong < 0, `pixels are numbers from 0 to 255, but pixel ${wrong} is ${pixels[wrong]}`);
      result.layers = layers.map((layer) => {
        values = (layer.kernel ? convolve : largest)(values, layer);
        return { name: layer.name, kind: layer.kind, shape: layer.shape, values };
      });
      return { ...result, logits: values, probabilities: softmax(values) };
    }

    /* A logit is a weighted sum of the last maps: its gradient there is the dense layer's weights
         for that class. */
    function gradCam(result, classIndex) {
      const {
        input: [rows, columns, channels],
        shape: [, , classes],
        kernel,
      } = layers[layers.length - 1];
      const cells = rows * columns;
      whole("class", classIndex, classes);
      const { values } = result.layers[layers.length - 2];
      const weights = new Float32Array(channels);
      const sums = new Float32Array(cells);
      values.forEach((_, i) => {
        weights[i % channels] += kernel[i * classes + classIndex] / cells;
      });
      values.forEach((value, i) => {
        sums[Math.floor(i / channels)] += weights[i % channels] * value;
      });
      const map = sums.map((sum) => Math.max(sum, 0));
      return {
        rows,
        columns,
        map,
        weights,
        upsampled: enlarge(map, rows, columns, ...data.input),
      };
    }

    function explain(result, number, ...cell) {
      whole("layer", number, layers.length);
      const { kind, input, shape, size, stride, kernel, factor, bias } = layers[number];
      const [, , channels] = input;
      const terms = [];
      ["row", "column", "channel"].forEach((name, axis) => whole(name, cell[axis], shape[axis]));
      const at = (array, [, width, depth], [i, j, k]) => array[(i * width + j) * depth + k];
      const filter = cell[2];
      for (let i = 0; i < size * size * channels; i++) {
        const channel = i % channels;
        const v = Math.floor(i / channels);
        // Only convolution and dense layers mix channels.
        if (!kernel && channel !== filter) continue;
        const row = cell[0] * stride + Math.floor(v / size);
        const column = cell[1] * stride + (v % size);
        const value = at(number ? result.layers[number - 1].values : result.pixels, input, [
          row,
          column,
          channel,
        ]);
        const weight = kernel ? kernel[i * shape[2] + filter] : factor[channel];
        terms.push({ row, column, channel, value, weight, product: value * weight });
      }
      return {
        kind,
        value: at(result.layers[number].values, shape, cell),
        bias: bias[filter],
        terms,
      };
    }

    return { layers, forward, gradCam, explain };
  }

  return { create, decode, enlarge, softmax };
});
