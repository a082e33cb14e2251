/* Runs the network of photo-model.js beside the page. start(model, data) promises

     run({image}) or run({pixels})   promises {pixels, rows, columns, maps, embedding, best}
     kind                            "worker", or "slices" where no worker is allowed: then the page
                                     computes itself, and pauses so often that it does not freeze

   image is {data, width, height} as a canvas has it, pixels those of a square of SIZE × SIZE; those
   that come back are whole numbers. best are ImageNet's five best names, each with label, name,
   probability, logit, bias and map: rows · columns numbers, whose mean and the bias add up to the
   logit. */
(function (root, make) {
  const engine = make(root);
  if (typeof module !== "undefined" && module.exports) module.exports = engine;
  else root.CoursePhotoEngine = engine;
})(typeof self !== "undefined" ? self : this, function (root) {
  "use strict";

  const SIZE = 160;
  const SLICE = 12; // milliseconds

  /* These two are the worker's too: they use what they are given, and no more. */
  function answer(network, pixels, { rows, columns, maps, embedding, logits }) {
    const best = network.labels(logits, 5).map((one) => ({
      ...one,
      logit: logits[one.label],
      bias: network.bias[one.label],
      map: network.cam({ rows, columns, maps }, one.label),
    }));
    return { pixels: Uint8ClampedArray.from(pixels), rows, columns, maps, embedding, best };
  }

  function serve(scope, model, size, reply) {
    let network = null;
    scope.onmessage = ({ data: { id, weights, image, pixels } }) => {
      try {
        if (weights) {
          network = model.create(weights);
          scope.postMessage({ id });
          return;
        }
        const square = pixels || model.prepare(image, size);
        scope.postMessage({ id, result: reply(network, square, network.forward(square, size)) });
      } catch (error) {
        scope.postMessage({ id, error: error.message });
      }
    };
  }

  function inWorker(model, weights) {
    const code =
      `"use strict";(${serve})(self,(${model.source})(),${SIZE},` +
      `${answer});self.postMessage({});`;
    const address = root.URL.createObjectURL(new root.Blob([code], { type: "text/javascript" }));
    return new Promise((resolve, reject) => {
      const worker = new root.Worker(address);
      const waiting = new Map();
      let count = 0;
      const ask = (job) =>
        new Promise((done, fail) => {
          waiting.set(++count, { done, fail });
          worker.postMessage({ ...job, id: count });
        });
      worker.onerror = (event) => {
        event.preventDefault();
        const error = new Error(event.message || "the worker stopped");
        reject(error);
        for (const { fail } of waiting.values()) fail(error);
        waiting.clear();
      };
      worker.onmessage = ({ data: { id, result, error } }) => {
        root.URL.revokeObjectURL(address);
        if (!id) {
          const engine = { kind: "worker", run: ask, stop: () => worker.terminate() };
          ask({ weights }).then(() => resolve(engine), reject);
          return;
        }
        const { done, fail } = waiting.get(id);
        waiting.delete(id);
        if (error === undefined) done(result);
        else fail(new Error(error));
      };
    });
  }

  /* What a generator returns, with pauses for the page. */
  async function inSlices(running) {
    let until = root.performance.now() + SLICE;
    for (;;) {
      const step = running.next();
      if (step.done) return step.value;
      if (root.performance.now() < until) continue;
      await new Promise((done) => root.setTimeout(done));
      until = root.performance.now() + SLICE;
    }
  }

  async function onPage(model, weights) {
    const network = await inSlices(model.creating(weights));
    const work = async ({ image, pixels }) => {
      const square = pixels || model.prepare(image, SIZE);
      return answer(network, square, await inSlices(network.steps(square, SIZE)));
    };
    let last = Promise.resolve();
    const run = (job) => {
      const next = last.then(() => work(job));
      last = next.catch(() => {});
      return next;
    };
    return { kind: "slices", run, stop: () => {} };
  }

  async function start(model, weights) {
    if (root.Worker) {
      try {
        return await inWorker(model, weights);
      } catch {
        // A page may forbid workers.
      }
    }
    return onPage(model, weights);
  }

  return { start, SIZE };
});
