/* Judges an answer as Python does: the rules and the words of course_utils/exercises.py for
   numbers, choices, several options and grids. Values are Python's: an int is a BigInt, a float a
   Number, a tuple a Tuple, None null, and the ... of a stub is DOTS. */
(function (root, make) {
  const judge = make();
  if (typeof module !== "undefined" && module.exports) module.exports = judge;
  else root.CourseJudge = judge;
})(typeof self !== "undefined" ? self : this, function () {
  "use strict";

  const DOTS = Symbol("...");
  class Tuple extends Array {}
  class Unfit extends Error {}
  const unfit = (message) => {
    throw new Unfit(message);
  };

  const ROUNDING = 1e-3; // share of a mistake that is no whole number by which an answer may differ
  const EXACT = 2 ** 53; // from here on a float loses digits of whole numbers
  const isNumber = (value) => typeof value === "bigint" || typeof value === "number";

  function typeOf(value) {
    if (value === null) return "NoneType";
    if (value === DOTS) return "ellipsis";
    if (Array.isArray(value)) return value instanceof Tuple ? "tuple" : "list";
    return { string: "str", boolean: "bool", bigint: "int", number: "float" }[typeof value];
  }

  /* How Python writes numbers: shortest digits, or six of them. */
  const special = (x) => (x > 0 ? "inf" : x < 0 ? "-inf" : "nan");
  function written(digits, exponent, negative, most) {
    const sign = negative ? "-" : "";
    if (exponent < -4 || exponent >= most) {
      const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
      const size = String(Math.abs(exponent)).padStart(2, "0");
      return `${sign}${digits[0]}${rest}e${exponent < 0 ? "-" : "+"}${size}`;
    }
    if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
    const padded = digits.padEnd(exponent + 1, "0");
    const rest = padded.slice(exponent + 1);
    return `${sign}${padded.slice(0, exponent + 1)}${rest ? `.${rest}` : ""}`;
  }
  const split = (text) => {
    const [digits, exponent] = text.replace("-", "").split("e");
    return [digits.replace(".", ""), Number(exponent)];
  };
  const isNegative = (x) => x < 0 || Object.is(x, -0);
  function pyFloat(x) {
    if (!Number.isFinite(x)) return special(x);
    const text = Math.abs(x).toExponential();
    const [, size] = text.split("e");
    const result = written(split(text)[0], Number(size), isNegative(x), 16);
    return /[.e]/.test(result) ? result : `${result}.0`;
  }
  function sixDigits(x) {
    if (!Number.isFinite(x)) return special(x);
    const size = Math.abs(x);
    let text = size.toExponential(5);
    const exact = size.toExponential(100);
    if (/^.{7}50*e/.test(exact)) {
      /* Half way between two: the even one. */
      const below = exact.replace(/^(.{7}).*e/, "$1e");
      if (Number(below[6]) % 2 === 0) text = below;
    }
    const [digits, exponent] = text.split("e");
    return written(
      digits.replace(".", "").replace(/0+$/, "") || "0",
      Number(exponent),
      isNegative(x),
      6,
    );
  }

  function pyString(text) {
    const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
    const named = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", [quote]: `\\${quote}` };
    const escape = (letter) => {
      if (named[letter]) return named[letter];
      if (letter === " " || !/[\p{C}\p{Z}]/u.test(letter)) return letter;
      const code = letter.codePointAt(0).toString(16);
      if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
      return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
    };
    return quote + [...text].map(escape).join("") + quote;
  }

  /* The middle of what is too long is left out: 28 characters, three points, 29. */
  const middleOut = (letters) =>
    letters.length > 60
      ? `${letters.slice(0, 28).join("")}...${letters.slice(-29).join("")}`
      : letters.join("");
  function short(value, level = 6) {
    if (typeof value === "bigint") {
      const bits = (value < 0n ? -value : value).toString(2).length;
      return bits < 1000 ? middleOut([...String(value)]) : `a number of ${bits} binary digits`;
    }
    if (typeof value === "string") {
      const letters = [...value];
      const text = pyString(letters.slice(0, 60).join(""));
      if ([...text].length <= 60) return text;
      const shortened = [...pyString([...letters.slice(0, 28), ...letters.slice(-29)].join(""))];
      return `${shortened.slice(0, 28).join("")}...${shortened.slice(-29).join("")}`;
    }
    if (Array.isArray(value)) {
      const [open, close] = value instanceof Tuple ? ["(", ")"] : ["[", "]"];
      if (level <= 0 && value.length) return `${open}...${close}`;
      const parts = [...value].slice(0, 12).map((part) => short(part, level - 1));
      if (value.length > 12) parts.push("...");
      const alone = value.length === 1 && open === "(" ? "," : "";
      return `${open}${parts.join(", ")}${alone}${close}`;
    }
    if (typeof value === "number") return pyFloat(value);
    if (value === DOTS) return "Ellipsis";
    return value === null ? "None" : value ? "True" : "False";
  }
  const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
  const words = (text) => text.split(BLANKS).filter(Boolean);

  /* A value as a learner would write it, in one short line. */
  const show = (value) =>
    words(typeof value === "number" ? sixDigits(value) : short(value)).join(" ");
  const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

  const untouched = (value) => value === DOTS || (Array.isArray(value) && value.some(untouched));

  /* One real, finite number: a whole one as a BigInt, any other as a Number. */
  function real(value) {
    if (!isNumber(value)) unfit(`expected one number, got ${typeOf(value)}.`);
    const size = Number(value);
    if (typeof value === "bigint") {
      return Number.isFinite(size)
        ? value
        : unfit("expected a number of ordinary size; this one is too large.");
    }
    if (!Number.isFinite(size)) unfit(`expected a finite number, got ${special(size)}.`);
    return Number.isInteger(size) ? BigInt(size) : size;
  }
  const away = (a, b) => {
    if (typeof a !== "bigint" || typeof b !== "bigint") return Math.abs(Number(a) - Number(b));
    return a > b ? a - b : b - a;
  };

  /* An array as its shape and its entries: whole numbers that a float would spoil stay BigInts. */
  function rectangle(given) {
    const problem = `expected an array of numbers, got ${typeOf(given)}.`;
    const shapeOf = (value) => {
      if (!Array.isArray(value)) return [];
      const shapes = [...value].map(shapeOf);
      if (
        shapes.some((one) => String(one) !== String(shapes[0]) || one.length !== shapes[0].length)
      ) {
        unfit(problem);
      }
      return [value.length, ...(shapes[0] ?? [])];
    };
    const shape = shapeOf(given);
    const entries = shape.length ? [...given].flat(Infinity) : [given];
    const wide = entries.some(
      (one) => typeof one === "bigint" && (one >= 2n ** 64n || one < -(2n ** 63n)),
    );
    if (entries.some((one) => typeof one === "string")) unfit(problem);
    const objects = wide || entries.some((one) => one === null || one === DOTS);
    if (objects && !shape.length) unfit(problem);
    if (entries.length && entries.every((one) => typeof one === "boolean")) {
      return { shape, entries, truth: true };
    }
    const floats = objects ? entries.map((one) => Number(real(one))) : entries.map(Number);
    const negative = entries.some((one) => one < 0);
    const whole =
      !objects &&
      entries.length > 0 &&
      entries.every((one) => typeof one !== "number") &&
      !(negative && entries.some((one) => one >= 2n ** 63n));
    const large = whole && floats.some((one) => Math.abs(one) >= EXACT);
    return { shape, floats, entries: large ? entries.map(BigInt) : floats };
  }
  const sameShape = (a, b) => a.length === b.length && a.every((side, axis) => side === b[axis]);

  /* What two equal choices have in common. */
  function key(value) {
    if (typeof value === "string") {
      const text = words(value.toLowerCase()).join(" ");
      return JSON.stringify(text.replace(/^[ ()]+|[ ()]+$/g, ""));
    }
    if (typeof value === "boolean") return String(value);
    if (Array.isArray(value) && value.length < 100) return `[${[...value].map(key).join(", ")}]`;
    return String(real(value));
  }

  /* Numbers in an exercise's data have lost their kind: whole ones are ints, which judges alike. */
  const fromData = (value) => {
    if (Array.isArray(value)) return value.map(fromData);
    return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
  };

  const startsLower = (text) => {
    const first = [...text][0] ?? "";
    return /\p{Lowercase}/u.test(first) && first !== first.toUpperCase();
  };
  const joined = (sentence, idea) =>
    sentence.endsWith(".") && startsLower(idea)
      ? `${sentence.slice(0, -1)}: ${idea}`
      : `${sentence} ${idea}`;

  /* The kinds of fields: how a value is read, how far it is from a target (null: too far to be it),
     what is said before and after. */
  const KINDS = {
    number: {
      read: (field, given) => real(given),
      distance(field, value, target, rounding) {
        const share = rounding * Math.abs(Number(target));
        const reach =
          typeof target === "bigint" ? field.tolerance : Math.max(field.tolerance, share);
        const distance = away(value, target);
        return distance <= reach ? distance : null;
      },
      said: (field, given) => `${field.label} ${show(given)}`,
    },
    choice: {
      read(field, given) {
        const options = `expected one of ${field.shown.join(", ")}.`;
        let found;
        try {
          found = key(given);
        } catch (error) {
          unfit(joined(options, field.idea));
        }
        const known = field.options.some((option) => key(fromData(option)) === found);
        return known ? found : unfit(joined(options, field.idea));
      },
      distance: (field, value, target) => (value === target ? 0 : null),
      said: (field, given) => `${field.label} ${show(given)}`,
    },
    grid: {
      read(field, given) {
        const values = rectangle(given);
        if (values.truth) unfit("expected numbers; True and False are none.");
        if (!values.floats.every(Number.isFinite)) unfit("expected finite numbers in every place.");
        return values;
      },
      distance(field, value, target, rounding) {
        if (!sameShape(value.shape, target.shape)) return null;
        let worst = 0;
        for (const [place, goal] of target.floats.entries()) {
          const distance = Math.abs(value.floats[place] - goal);
          const reach =
            goal % 1 === 0 ? field.tolerance : Math.max(field.tolerance, rounding * Math.abs(goal));
          if (distance > reach) return null;
          worst = Math.max(worst, distance);
        }
        return worst;
      },
      said: (field, given, value) =>
        value?.shape.length ? `${field.label}, shape ${shapeText(value.shape)}` : field.label,
      missed(field, value) {
        const target = KINDS.grid.read(field, fromData(field.answer));
        if (!sameShape(value.shape, target.shape)) {
          const [given, wanted] = [value.shape, target.shape].map(shapeText);
          return joined(`${field.label} has shape ${given}; expected ${wanted}.`, field.idea);
        }
        if (!field.reveal) return `${field.label}: ${field.idea}`;
        const distances = target.floats.map((goal, place) => Math.abs(value.floats[place] - goal));
        const worst = distances.indexOf(Math.max(...distances));
        let rest = worst;
        const indices = [...target.shape].reverse().map((side) => {
          const index = rest % side;
          rest = (rest - index) / side;
          return index;
        });
        const position = indices.length ? `[${indices.reverse().join(", ")}]` : "";
        const [found, wanted] = [value.entries[worst], target.entries[worst]];
        const write = show(found) === show(wanted) ? short : show;
        const sentence = `${field.label}${position} is ${write(found)}; expected ${write(wanted)}.`;
        return joined(sentence, field.idea);
      },
    },
  };

  function compared(field, given) {
    const kind = KINDS[field.kind];
    const told = (text, value) => `${kind.said(field, given, value)}: ${text}`;
    let value;
    try {
      value = kind.read(field, given);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return [{ right: false, text: told(error.message) }];
    }
    const from = (target, rounding) =>
      kind.distance(field, value, kind.read(field, fromData(target)), rounding);
    if (from(field.answer, 0) !== null) return [{ right: true, text: told("right.", value) }];
    let nearest = null;
    for (const [wrong, text] of field.mistakes) {
      const distance = from(wrong, ROUNDING);
      if (distance !== null && !(nearest && nearest.distance <= distance)) {
        nearest = { distance, text };
      }
    }
    if (nearest) return [{ right: false, text: told(nearest.text) }];
    return [{ right: false, text: kind.missed ? kind.missed(field, value) : told(field.idea) }];
  }

  /* Text that names options: single letters side by side, or words. */
  function namedInText(field, text) {
    const values = field.options.map((option) => option.value);
    const named = words(text.replaceAll(",", " "));
    if (values.every((one) => typeof one === "string" && [...one].length === 1)) {
      if ([...text].length < 100) return [...named.join("")];
    }
    if (values.some((one) => typeof one === "string" || typeof one === "boolean")) return named;
    return named.map((word) => {
      const value = readNumber(word);
      return value === null ? unfit(word) : Number(value);
    });
  }

  function several(field, given) {
    const keys = field.options.map((option) => key(fromData(option.value)));
    let named;
    try {
      const values = typeof given === "string" ? namedInText(field, given) : given;
      if (!Array.isArray(values)) unfit(field.idea);
      named = [...values].map((value) => [value, key(value)]);
    } catch (error) {
      return [{ right: false, text: `${field.label} ${show(given)}: ${field.idea}` }];
    }
    const foreign = named.find(([, found]) => !keys.includes(found));
    if (foreign) {
      const there = field.options.map((option) => option.text).join(", ");
      const text = `${field.label}: there is no ${show(foreign[0])}; there are ${there}.`;
      return [{ right: false, text }];
    }
    const chosen = new Set(named.map(([, found]) => found));
    return field.options.map((option, at) => {
      const inside = chosen.has(keys[at]);
      const right = inside === option.right;
      return { right, text: `${option.said[Number(inside)]}: ${right ? "right." : option.why}` };
    });
  }

  const judges = { number: compared, choice: compared, grid: compared, several };
  const fieldsOf = (exercise) => exercise.fields.filter((field) => judges[field.kind]);

  /* What is said of the answers, by name: null if one has not been attempted, or a list of
     {right, text} for each field that a page can judge. */
  function evaluate(exercise, answers) {
    const fields = fieldsOf(exercise);
    if (fields.some((field) => untouched(answers[field.name]))) return null;
    return fields.flatMap((field) => judges[field.kind](field, answers[field.name]));
  }

  /* Reading what was typed. */
  const NUMBER = /^[+-]?(\d[\d_]*\.?(\d[\d_]*)?|\.\d[\d_]*)(e[+-]?\d+)?$/i;
  const NAMED = { nan: NaN, inf: Infinity, infinity: Infinity };
  function readNumber(text) {
    const [, sign, name] = /^([+-]?)(.*)$/.exec(text.toLowerCase()) ?? [];
    if (name !== undefined && Object.hasOwn(NAMED, name)) {
      return sign === "-" ? -NAMED[name] : NAMED[name];
    }
    if (!NUMBER.test(text) || /__|_(?!\d)/.test(text)) return null;
    const plain = text.replaceAll("_", "");
    return /^[+-]?\d+$/.test(plain) ? BigInt(plain.replace("+", "")) : Number(plain);
  }
  function readFraction(text) {
    const parts = text.split("/");
    if (parts.length === 1) return readNumber(text);
    const [above, below] = parts.map((part) => readNumber(part.trim()));
    if (parts.length !== 2 || above === null || below === null || Number(below) === 0) return null;
    return Number(above) / Number(below);
  }

  /* Digits in groups, and commas that can only be one thing. */
  function readGrouped(text) {
    const groups = /^[+-]?\d{1,3}( \d{3})+(\.\d*)?$/.test(text);
    if (groups) return readNumber(text.replaceAll(" ", ""));
    if (/^[+-]?[1-9]\d{0,2}((,\d{3})+\.\d*|(,\d{3}){2,})$/.test(text)) {
      return readNumber(text.replaceAll(",", ""));
    }
    const decimal = /^[+-]?(\d*),(\d+)$/.exec(text);
    if (!decimal) return null;
    const [, whole, rest] = decimal;
    return rest.length !== 3 || whole === "" || whole.startsWith("0") || whole.length > 3
      ? readNumber(text.replace(",", "."))
      : null;
  }

  /* A list or tuple, nested or not; undefined if it is none. */
  function readArray(text) {
    const tokens = text.match(/[[\](),]|[^[\](),]+/g) ?? [];
    let at = 0;
    const next = () => {
      while (tokens[at] !== undefined && !tokens[at].trim()) at += 1;
      return tokens[at];
    };
    const failed = {};
    const sequence = (close, depth) => {
      const items = [];
      let commas = 0;
      while (next() !== close) {
        if (next() === undefined) throw failed;
        items.push(item(depth + 1));
        if (next() === ",") {
          at += 1;
          commas += 1;
        } else if (next() !== close) throw failed;
      }
      at += 1;
      return [items, commas];
    };
    const item = (depth) => {
      const token = next();
      if (token === undefined || depth > 20 || token === "," || /^[\])]$/.test(token)) throw failed;
      at += 1;
      if (token === "[") return sequence("]", depth)[0];
      if (token === "(") {
        const [items, commas] = sequence(")", depth);
        return items.length === 1 && !commas ? items[0] : Tuple.from(items);
      }
      const value = readScalar(token.trim());
      if (typeof value === "string") throw failed;
      return value;
    };
    try {
      const first = item(0);
      if (next() === undefined) return first;
      if (next() !== ",") return undefined;
      const items = [first];
      while (next() === ",") {
        at += 1;
        if (next() !== undefined) items.push(item(0));
      }
      return next() === undefined ? Tuple.from(items) : undefined;
    } catch (error) {
      if (error !== failed) throw error;
      return undefined;
    }
  }

  const CONSTANTS = { True: true, False: false, None: null, "...": DOTS, "…": DOTS };
  function readScalar(text) {
    if (Object.hasOwn(CONSTANTS, text)) return CONSTANTS[text];
    return readFraction(text) ?? text;
  }

  const plain = (text) =>
    text
      .slice(0, 2000)
      .replace(/[−–]/g, "-")
      .replace(/×/g, ",")
      .replace(/[\u00a0\u2007\u2009\u202f]/g, " ")
      .trim();

  /* What was typed, as Python would read it, also with a decimal comma or groups of digits; text
     that is neither number nor array stays text, and an empty field is DOTS. */
  function read(text) {
    const typed = plain(text);
    if (!typed) return DOTS;
    const value = readGrouped(typed) ?? readScalar(typed);
    if (typeof value !== "string") return value;
    return readArray(typed) ?? typed;
  }

  /* An array: as Python or NumPy writes it, or a row a line with blanks or commas between. */
  function readGrid(text) {
    const typed = plain(text).replace(/^(np\.)?array\((.*)\)$/s, "$2");
    if (!typed) return DOTS;
    const lines = typed.split(/[;\n]+/).filter((line) => line.trim());
    if (!/[[(]/.test(typed)) {
      const rows = lines.map((line) => words(line.replaceAll(",", " ")).map(readScalar));
      if (rows.flat().every((one) => typeof one !== "string")) {
        if (rows.length > 1) return rows;
        return rows[0].length === 1 && !typed.includes(",") ? rows[0][0] : rows[0];
      }
    }
    const commas = typed.replace(/([\d.\])])\s+(?=[-+\d.[(])/g, "$1, ");
    const value = readArray(typed) ?? readArray(commas);
    return value === undefined ? typed : value;
  }

  return {
    DOTS,
    Tuple,
    KINDS: Object.keys(judges),
    evaluate,
    fieldsOf,
    fromData,
    read,
    readGrid,
    show,
  };
});
