/* Two Gaussian components and one rate. Of R bits the strong one gets t and the weak one R - t, so the problem
   has one unknown: cdot_lib.solvers.gaussian_vector finds the same with two prices and a cubic for each. */
"use strict";

(() => {
  const SLACK = 1e-9;
  const H = 0.5 * Math.log2(2 * Math.PI * Math.E); // h(S)
  const STRONG = 2;
  const MAX_C = 2.2;

  const square = (bits) => -Math.expm1(-2 * Math.LN2 * bits);
  const correlation = (bits) => Math.sqrt(square(bits));
  const lossOf = (told) => (told < 1 ? H + 0.5 * Math.log2(1 - told) : -Infinity);

  function law({ std_weak: weak, told, weak_part: part, rate_bits: rate }) {
    return { k: [STRONG ** 2, weak ** 2], w: [told * (1 - part), told * part], independent: 2 * (STRONG ** 2 + weak ** 2), rate };
  }

  const toldAt = ({ w, rate }, t) => w[0] * square(t) + w[1] * square(rate - t);
  const distortion = ({ k, independent, rate }, t) => independent - 2 * (k[0] * correlation(t) + k[1] * correlation(rate - t));

  /** The split that tells most of the label: w 2^(-2r) is even, as far as the rate goes. */
  function bestForLabel({ w, rate }) {
    if (w[1] === 0) return rate;
    if (w[0] === 0) return 0;
    return Math.min(Math.max(0.5 * (rate + 0.5 * Math.log2(w[0] / w[1])), 0), rate);
  }

  /** The split without a class bound: D is convex in it, so halve towards where its slope changes sign. */
  function bestForPicture(two) {
    const slope = (t, k) => (k * (1 - square(t))) / correlation(t);
    let [low, high] = [0, two.rate];
    for (let step = 0; step < 100; step += 1) {
      const t = 0.5 * (low + high);
      if (slope(t, two.k[0]) > slope(two.rate - t, two.k[1])) low = t;
      else high = t;
    }
    return 0.5 * (low + high);
  }

  /** The splits at which the label is told `needed` at least: what stays unknown is a/v + b v in v = 4^t, hence a quadratic. */
  function allowed(two, needed) {
    const peak = bestForLabel(two);
    const [a, b, c] = [two.w[0], two.w[1] * 4 ** -two.rate, two.w[0] + two.w[1] - needed];
    const ends = [0, two.rate];
    // The roots of b v^2 - c v + a = 0, the small one without cancellation.
    const root = Math.sqrt(Math.max(c ** 2 - 4 * a * b, 0));
    const cuts = [(2 * a) / (c + root), b > 0 ? (c + root) / (2 * b) : Infinity].map((v) => 0.5 * Math.log2(v));
    const inside = (t) => Math.min(Math.max(t, ends[0]), ends[1]);
    return [Math.min(inside(cuts[0]), peak), Math.max(inside(cuts[1]), peak)];
  }

  function split(two, classBits) {
    const needed = 1 - 2 ** (2 * Math.min(classBits - H, 0));
    const free = bestForPicture(two);
    if (needed <= 0 || toldAt(two, free) >= needed) return free;
    const [from, to] = allowed(two, needed);
    return Math.min(Math.max(free, from), to);
  }

  function compute(values) {
    const two = law(values);
    const least = lossOf(toldAt(two, bestForLabel(two)));
    const free = distortion(two, bestForPicture(two));
    if (least > values.class_bits + SLACK) return { feasible: false, least, free };
    const t = split(two, values.class_bits);
    return {
      feasible: true,
      least,
      free,
      value: distortion(two, t),
      bits: [t, two.rate - t],
      correlations: [correlation(t), correlation(two.rate - t)],
      class_bits: lossOf(toldAt(two, t)),
    };
  }

  function readout(result) {
    const least = result.least.toFixed(4);
    if (!result.feasible) return [`Infeasible: h(S|Y) is ${least} bits or more, however the rate is divided.`];
    const [strong, weak] = result.bits.map((bits) => bits.toFixed(4));
    return [
      `D = ${result.value.toFixed(4)}; without a class bound ${result.free.toFixed(4)}.`,
      `Strong ${strong} bits, weak ${weak} bits.`,
      `h(S|Y) = ${result.class_bits.toFixed(4)} bits, of ${least} bits at least.`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  const tall = (width) => Math.min(Math.max(0.8 * width, 220), 300);

  function bend(result, values, width, pen) {
    const two = law(values);
    const from = Math.max(result.least, 0);
    const points = d3.range(81).map((k) => {
      const x = from + Math.max(MAX_C - from, 0) * (k / 80) ** 2;
      return { x, y: distortion(two, split(two, x)) };
    });
    const wall = [{ x1: 0, x2: Math.min(from, MAX_C) }];
    const mark = result.feasible ? [{ x: values.class_bits, y: result.value }] : [];
    return pen.plot({
      width,
      height: tall(width),
      marginLeft: 40,
      marginRight: 10,
      x: { domain: [0, MAX_C], label: "C (bits)", ticks: 5 },
      y: { domain: [0, 1.05 * two.independent], label: "D", ticks: 5 },
      marks: [
        pen.hatching(),
        // The page's own ground covers the hatching where there are codes.
        Plot.rect([{ x1: wall[0].x2, x2: MAX_C, y1: 0, y2: 1.05 * two.independent }], { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "var(--pst-color-background, white)" }),
        Plot.ruleX([values.class_bits], { stroke: "currentColor", strokeDasharray: "2,3" }),
        Plot.line(from < MAX_C ? points : [], { x: "x", y: "y", stroke: pen.colors.sky, strokeWidth: 3 }),
        Plot.dot(mark, { x: "x", y: "y", r: 7, fill: "white", stroke: "black", strokeWidth: 2 }),
        Plot.frame(),
      ],
    });
  }

  function bars(result, values, width, pen) {
    const names = ["strong", "weak"];
    const rows = names.map((name, i) => ({ name, bits: result.feasible ? result.bits[i] : 0 }));
    return pen.plot({
      width,
      height: tall(width),
      marginLeft: 58,
      marginRight: 40,
      x: { domain: [0, Math.max(values.rate_bits, 0.1)], label: "bits", ticks: 3 },
      y: { domain: names, label: null, tickSize: 0 },
      color: { domain: names, range: [pen.colors.blue, pen.colors.orange] },
      marks: [
        Plot.barX(rows, { x: "bits", y: "name", fill: "name", stroke: "currentColor" }),
        Plot.text(rows, { x: "bits", y: "name", text: (d) => (result.feasible ? d.bits.toFixed(2) : "–"), dx: 5, textAnchor: "start", fill: "currentColor" }),
        Plot.ruleX([0]),
      ],
    });
  }

  function plane(result, values, width, pen) {
    const two = law(values);
    const N = 121;
    const grid = d3.range(N).map((i) => i / (N - 1));
    const cost = (x, y) => two.independent - 2 * (two.k[0] * x + two.k[1] * y);
    const bits = (x) => -0.5 * Math.log2(1 - x ** 2);
    const cells = grid.flatMap((y) => grid.map((x) => (bits(x) + bits(y) <= two.rate ? cost(x, y) : NaN)));
    const edge = d3.range(121).map((i) => ({ x: correlation((two.rate * i) / 120), y: correlation((two.rate * (120 - i)) / 120) }));
    const mark = result.feasible ? [{ x: result.correlations[0], y: result.correlations[1] }] : [];
    return pen.plot({
      width,
      height: tall(width),
      marginLeft: 40,
      marginRight: 10,
      x: { domain: [0, 1], label: "correlation, strong", ticks: 5 },
      y: { domain: [0, 1], label: "correlation, weak", ticks: 5 },
      color: { scheme: "cividis", domain: [0, two.independent] },
      marks: [
        Plot.raster(cells, { width: N, height: N, x1: 0, y1: 0, x2: 1, y2: 1, imageRendering: "pixelated" }),
        Plot.line(edge, { x: "x", y: "y", stroke: "currentColor", strokeWidth: 2 }),
        Plot.dot(mark, { x: "x", y: "y", r: 7, fill: "white", stroke: "black", strokeWidth: 2 }),
        Plot.frame(),
      ],
    });
  }

  cdotExplorers.register("vector", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "D against C", share: 1.2, least: 200, draw: (width) => bend(result, values, width, pen) },
      { title: "The rate, divided", share: 0.9, least: 160, draw: (width) => bars(result, values, width, pen) },
      { title: "What R allows", share: 1.1, least: 185, draw: (width) => plane(result, values, width, pen) },
    ],
  });
})();
