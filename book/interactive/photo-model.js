/* A network that knows ImageNet's classes, in the page: what it answers, where it looked, and how
   new classes are learnt from a few pictures. create(data), data as in photo-network.js, or
   creating(data), a generator that pauses after each layer, gives

     prepare({data, width, height}, size = 160, crop = 0.875)
       the square in the middle of a picture of red, green, blue and opacity, as a canvas has it,
       resized with antialiased bicubic interpolation: size · size · 3 numbers 0…255
     forward(pixels, size), pixels from prepare
       → {rows, columns, maps, embedding: 1280 numbers, logits: 1000}
     steps(pixels, size)
       the same as a generator, which pauses after each layer and says which share is done:
       for where no worker is allowed
     labels(logits, top = 5) → [{label, name, probability}], the most probable first
     cam(result, label) → rows · columns numbers whose mean, with the class's bias, is its logit

   and without a network

     similarity(a, b)                        the cosine of two embeddings
     nearest(query, examples)                [{index, similarity}], the most alike first
     nearestMean(query, examples, classes)   [{class, similarity}], the most alike first
     leaveOneOut(examples, classes)          for each example the class that the others give it, or
                                             null where it is the only one of its class
     direction(examples)                     of their mean, each of them scaled to length 1
     pull(result, direction)                 rows · columns numbers whose mean is the similarity

   source is the program itself as text, for a worker.

   Arrays are row-major, channels last. Wrong input raises RangeError with a sentence to show. */
(function (root, make) {
  const model = { ...make(), source: String(make) };
  if (typeof module !== "undefined" && module.exports) module.exports = model;
  else root.CoursePhotoModel = model;
})(typeof self !== "undefined" ? self : this, function () {
  "use strict";

  const LEAST = 32;
  const MOST = 512;
  const WINDOW = 2; // pixels on each side that cubic interpolation looks at
  const SHARPNESS = -0.5; // of the cubic kernel, as Pillow has it

  function check(right, message) {
    if (!right) throw new RangeError(message);
  }

  /* What a generator returns in the end. */
  function finished(running) {
    let step = running.next();
    while (!step.done) step = running.next();
    return step.value;
  }

  function checkSize(size) {
    check(
      Number.isInteger(size) && size >= LEAST && size <= MOST,
      `the size must be a whole number from ${LEAST} to ${MOST}, not ${size}`,
    );
  }

  /* The array behind a base64 string. Browsers store the lowest byte first, as the file does. */
  function decode(text, type = "float32") {
    const types = { float32: Float32Array, int8: Int8Array, int16: Int16Array };
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
    return new types[type](bytes.buffer);
  }

  function decodeKernel({ type, values, scale }, filters) {
    const entries = decode(values, type);
    const scales = decode(scale);
    const kernel = new Float32Array(entries.length);
    for (let from = 0; from < kernel.length; from += filters) {
      for (let f = 0; f < filters; f++) kernel[from + f] = entries[from + f] * scales[f];
    }
    return kernel;
  }

  /* Four filters side by side for each channel: what the product below reads in one go. */
  function inFours(kernel, channels, filters) {
    const packed = new Float32Array(kernel.length);
    for (let f = 0, to = 0; f < filters; f += 4) {
      for (let c = 0; c < channels; c++, to += 4) {
        for (let i = 0; i < 4; i++) packed[to + i] = kernel[c * filters + f + i];
      }
    }
    return packed;
  }

  /* A convolution of 1 × 1 is the product of a matrix (places, channels) and a matrix (channels,
     filters). Sixteen sums are kept at a time: four places of four filters. */
  function pointwise(x, { channels, filters, kernel, bias, relu6 }) {
    const places = x.length / channels;
    const out = new Float32Array(places * filters);
    const last = places - 1;
    const top = relu6 ? 6 : Infinity;
    const low = relu6 ? 0 : -Infinity;
    const bound = (value) => Math.min(Math.max(value, low), top);
    for (let p = 0; p < places; p += 4) {
      // A place beyond the last is the last once more.
      const a = p * channels;
      const b = Math.min(p + 1, last) * channels;
      const c = Math.min(p + 2, last) * channels;
      const d = Math.min(p + 3, last) * channels;
      for (let f = 0; f < filters; f += 4) {
        let [a0, a1, a2, a3] = [bias[f], bias[f + 1], bias[f + 2], bias[f + 3]];
        let [b0, b1, b2, b3] = [a0, a1, a2, a3];
        let [c0, c1, c2, c3] = [a0, a1, a2, a3];
        let [d0, d1, d2, d3] = [a0, a1, a2, a3];
        for (let i = 0, k = f * channels; i < channels; i++, k += 4) {
          const k0 = kernel[k];
          const k1 = kernel[k + 1];
          const k2 = kernel[k + 2];
          const k3 = kernel[k + 3];
          const xa = x[a + i];
          const xb = x[b + i];
          const xc = x[c + i];
          const xd = x[d + i];
          a0 += xa * k0;
          a1 += xa * k1;
          a2 += xa * k2;
          a3 += xa * k3;
          b0 += xb * k0;
          b1 += xb * k1;
          b2 += xb * k2;
          b3 += xb * k3;
          c0 += xc * k0;
          c1 += xc * k1;
          c2 += xc * k2;
          c3 += xc * k3;
          d0 += xd * k0;
          d1 += xd * k1;
          d2 += xd * k2;
          d3 += xd * k3;
        }
        const sums = [
          [a0, a1, a2, a3],
          [b0, b1, b2, b3],
          [c0, c1, c2, c3],
          [d0, d1, d2, d3],
        ];
        for (let place = Math.min(3, last - p); place >= 0; place--) {
          const to = (p + place) * filters + f;
          for (let i = 0; i < 4; i++) out[to + i] = bound(sums[place][i]);
        }
      }
    }
    return out;
  }

  /* Where each window of a side begins, with zeros around as in Keras's "same": an odd one goes to
     the end. */
  function windows(side, size, stride) {
    const count = Math.ceil(side / stride);
    const padding = Math.max((count - 1) * stride + size - side, 0);
    return { count, before: padding >> 1 };
  }

  /* One filter a channel. */
  function depthwise(x, rows, columns, { channels, size, stride, kernel, bias }) {
    const { count: height, before: above } = windows(rows, size, stride);
    const { count: width, before: left } = windows(columns, size, stride);
    const out = new Float32Array(height * width * channels);
    for (let i = 0, to = 0; i < height; i++) {
      for (let j = 0; j < width; j++, to += channels) {
        for (let c = 0; c < channels; c++) out[to + c] = bias[c];
        for (let u = 0; u < size; u++) {
          const row = i * stride - above + u;
          if (row < 0 || row >= rows) continue;
          for (let v = 0; v < size; v++) {
            const column = j * stride - left + v;
            if (column < 0 || column >= columns) continue;
            const from = (row * columns + column) * channels;
            const weight = (u * size + v) * channels;
            for (let c = 0; c < channels; c++) out[to + c] += x[from + c] * kernel[weight + c];
          }
        }
        for (let c = 0; c < channels; c++) out[to + c] = Math.min(Math.max(out[to + c], 0), 6);
      }
    }
    return { values: out, rows: height, columns: width };
  }

  /* The windows of the first layer, one below the other: then it is a product of matrices too. */
  function unfold(x, rows, columns, { size, stride, channels }) {
    const { count: height, before: above } = windows(rows, size, stride);
    const { count: width, before: left } = windows(columns, size, stride);
    const inner = channels / (size * size);
    const out = new Float32Array(height * width * channels);
    for (let i = 0, to = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (let u = 0; u < size; u++) {
          for (let v = 0; v < size; v++, to += inner) {
            const [row, column] = [i * stride - above + u, j * stride - left + v];
            if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
            const from = (row * columns + column) * inner;
            for (let c = 0; c < inner; c++) out[to + c] = x[from + c];
          }
        }
      }
    }
    return { values: out, rows: height, columns: width };
  }

  /* A layer with its arrays decoded; the first one as a product of matrices. */
  function ready(entry) {
    const { kind, filters, size } = entry;
    const channels = kind === "conv" ? entry.channels * size * size : entry.channels;
    const kernel = decodeKernel(entry.kernel, filters);
    return {
      ...entry,
      channels,
      kernel:
        kind === "depthwise" || kind === "dense" ? kernel : inFours(kernel, channels, filters),
      bias: decode(entry.bias),
    };
  }

  function mean(maps, channels) {
    const sums = new Float64Array(channels);
    for (let from = 0; from < maps.length; from += channels) {
      for (let c = 0; c < channels; c++) sums[c] += maps[from + c];
    }
    return Float32Array.from(sums, (sum) => (sum * channels) / maps.length);
  }

  /* --- pictures --------------------------------------------------------------------------- */

  function cubic(x) {
    const t = Math.abs(x);
    if (t < 1) return ((SHARPNESS + 2) * t - (SHARPNESS + 3)) * t * t + 1;
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * SHARPNESS : 0;
  }

  /* For each of `count` pixels the weights of those that it is made of, between `start` and
     `start` + `length` of a side. Where many become one, the kernel is as many times as wide. */
  function shares(side, start, length, count) {
    const scale = length / count;
    const wide = Math.max(scale, 1);
    return Array.from({ length: count }, (_, i) => {
      const centre = start + (i + 0.5) * scale;
      const first = Math.max(Math.floor(centre - WINDOW * wide + 0.5), 0);
      const end = Math.min(Math.floor(centre + WINDOW * wide + 0.5), side);
      const weights = Array.from({ length: end - first }, (_, k) =>
        cubic((first + k - centre + 0.5) / wide),
      );
      const sum = weights.reduce((a, b) => a + b, 0);
      return { first, weights: weights.map((weight) => weight / sum) };
    });
  }

  function prepare({ data, width, height }, size = 160, crop = 0.875) {
    checkSize(size);
    check(width > 0 && height > 0 && data.length === width * height * 4, "this is no picture");
    check(crop > 0 && crop <= 1, `the crop must be a share from 0 to 1, not ${crop}`);
    const side = crop * Math.min(width, height);
    const across = shares(width, (width - side) / 2, side, size);
    const down = shares(height, (height - side) / 2, side, size);
    const [top, end] = [down[0].first, down[size - 1].first + down[size - 1].weights.length];
    const narrow = new Float32Array((end - top) * size * 3);
    for (let row = top, to = 0; row < end; row++) {
      for (const { first, weights } of across) {
        for (let c = 0; c < 3; c++, to++) {
          let sum = 0;
          weights.forEach((weight, k) => {
            const at = (row * width + first + k) * 4;
            const opacity = data[at + 3] / 255; // on white
            sum += weight * (data[at + c] * opacity + 255 * (1 - opacity));
          });
          narrow[to] = sum;
        }
      }
    }
    const pixels = new Float32Array(size * size * 3);
    down.forEach(({ first, weights }, row) => {
      for (let i = 0; i < size * 3; i++) {
        let sum = 0;
        weights.forEach((weight, k) => {
          sum += weight * narrow[(first - top + k) * size * 3 + i];
        });
        pixels[row * size * 3 + i] = Math.min(Math.max(sum, 0), 255);
      }
    });
    return pixels;
  }

  /* --- the network ------------------------------------------------------------------------ */

  function* creating(data) {
    const layers = [];
    for (const entry of data.layers) {
      layers.push(ready(entry));
      yield layers.length / data.layers.length;
    }
    const dense = layers[layers.length - 1];
    const { channels, filters } = dense;

    function* steps(pixels, size) {
      checkSize(size);
      check(
        pixels.length === size * size * 3,
        `${pixels.length} numbers are no picture of ${size} × ${size} pixels in colour`,
      );
      let now = { rows: size, columns: size };
      now.values = Float32Array.from(pixels, (value) => (value - 127) / 128);
      let kept = null;
      for (let i = 0; i < layers.length - 1; i++) {
        const layer = layers[i];
        if (layer.keep) kept = now.values;
        if (layer.kind === "depthwise") now = depthwise(now.values, now.rows, now.columns, layer);
        else {
          if (layer.kind === "conv") now = unfold(now.values, now.rows, now.columns, layer);
          now = { ...now, values: pointwise(now.values, layer) };
        }
        if (layer.add) for (let n = 0; n < kept.length; n++) now.values[n] += kept[n];
        yield (i + 1) / layers.length;
      }
      const { rows, columns, values: maps } = now;
      const embedding = mean(maps, channels);
      const logits = Float64Array.from(dense.bias);
      for (let c = 0; c < channels; c++) {
        const from = c * filters;
        for (let k = 0; k < filters; k++) logits[k] += embedding[c] * dense.kernel[from + k];
      }
      return { rows, columns, maps, embedding, logits: Float32Array.from(logits) };
    }

    const forward = (pixels, size) => finished(steps(pixels, size));

    function labels(logits, top = 5) {
      const most = logits.reduce((a, b) => Math.max(a, b));
      const powers = Array.from(logits, (z) => Math.exp(z - most));
      const sum = powers.reduce((a, b) => a + b);
      return powers
        .map((power, label) => ({ label, name: data.names[label], probability: power / sum }))
        .sort((a, b) => b.probability - a.probability || a.label - b.label)
        .slice(0, top);
    }

    function cam({ rows, columns, maps }, label) {
      check(
        Number.isInteger(label) && label >= 0 && label < filters,
        `the class must be a whole number from 0 to ${filters - 1}, not ${label}`,
      );
      return Float32Array.from({ length: rows * columns }, (_, place) => {
        let sum = 0;
        for (let c = 0; c < channels; c++) {
          sum += maps[place * channels + c] * dense.kernel[c * filters + label];
        }
        return sum;
      });
    }

    return { names: data.names, bias: dense.bias, forward, steps, labels, cam };
  }

  const create = (data) => finished(creating(data));

  /* --- classes learnt from examples ------------------------------------------------------- */

  function unit(vector) {
    const length = Math.hypot(...vector);
    check(length > 0, "an embedding of zeros has no direction");
    return Float64Array.from(vector, (value) => value / length);
  }

  function dot(a, b) {
    check(
      a.length === b.length,
      `embeddings of ${a.length} and ${b.length} numbers do not compare`,
    );
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  const similarity = (a, b) => dot(unit(a), unit(b));

  function nearest(query, examples) {
    return examples
      .map((example, index) => ({ index, similarity: similarity(query, example) }))
      .sort((a, b) => b.similarity - a.similarity || a.index - b.index);
  }

  /* The mean of a class's directions, and how much alike the query and that mean are. */
  function nearestMean(query, examples, classes) {
    check(
      examples.length === classes.length && examples.length > 0,
      `${examples.length} examples have ${classes.length} classes`,
    );
    const sums = new Map();
    examples.forEach((example, i) => {
      const sum = sums.get(classes[i]) || new Float64Array(example.length);
      const direction = unit(example);
      for (let n = 0; n < sum.length; n++) sum[n] += direction[n];
      sums.set(classes[i], sum);
    });
    return [...sums]
      .map(([name, sum]) => ({ class: name, similarity: similarity(query, sum) }))
      .sort((a, b) => b.similarity - a.similarity);
  }

  function leaveOneOut(examples, classes) {
    return examples.map((example, left) => {
      if (classes.filter((one) => one === classes[left]).length < 2) return null;
      const others = (list) => list.filter((_, i) => i !== left);
      return nearestMean(example, others(examples), others(classes))[0].class;
    });
  }

  function direction(examples) {
    const sum = new Float64Array(examples[0].length);
    for (const example of examples) unit(example).forEach((value, n) => (sum[n] += value));
    return unit(sum);
  }

  /* An embedding is the mean of the places of its maps. */
  function pull({ rows, columns, maps, embedding }, way) {
    const length = Math.hypot(...embedding);
    return Float64Array.from({ length: rows * columns }, (_, place) => {
      const from = place * way.length;
      return dot(maps.subarray(from, from + way.length), way) / length;
    });
  }

  return {
    ...{ create, creating, prepare },
    ...{ similarity, nearest, nearestMean, leaveOneOut, direction, pull },
  };
});
