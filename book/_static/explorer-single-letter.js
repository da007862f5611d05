/* Long blocks of one bit: D over R with and without common randomness, as cdot_lib.theory.limited_randomness
   and single_letter have it. */
"use strict";

(() => {
  const [POINTS, ROUNDS, TIE] = [33, 8, 1e-13];

  const entr = (a) => (a > 0 ? -a * Math.log(a) : 0);
  const hB = (a) => (entr(a) + entr(1 - a)) / Math.LN2;

  /** I(X;W) in bits of two bits with these laws and this covariance, and its slope; log1p keeps the digits near 0. */
  function information(p, w, covariance) {
    const cells = [[(1 - p) * (1 - w), 1], [(1 - p) * w, -1], [p * (1 - w), -1], [p * w, 1]];
    let [bits, slope] = [0, 0];
    for (const [mass, sign] of cells) {
      const move = Math.max((sign * covariance) / mass, -1);
      const log = move > -1 ? Math.log1p(move) : -Infinity;
      bits += mass * ((move > -1 ? (1 + move) * log : 0) - move);
      slope += sign * log;
    }
    return { bits: Math.max(bits, 0) / Math.LN2, slope: slope / Math.LN2 };
  }

  /** The largest covariance of bits with these laws at so many bits: Newton's steps, kept in a bracket. */
  function covariance(p, w, bound) {
    const most = Math.min(p * (1 - w), w * (1 - p));
    if (information(p, w, most).bits <= bound) return most;
    if (bound <= 0) return 0;
    let [low, high] = [0, most];
    let at = Math.min(Math.sqrt(2 * Math.LN2 * bound * p * (1 - p) * w * (1 - w)), most / 2);
    for (let k = 0; k < 80; k += 1) {
      const { bits, slope } = information(p, w, at);
      if (bits > bound) high = at;
      else low = at;
      const step = at - (bits - bound) / slope;
      const next = step > low && step < high ? step : (low + high) / 2;
      if (Math.abs(next - at) <= 1e-15 * most) break;
      at = next;
    }
    return at;
  }

  const independent = (p, q) => p + q - 2 * p * q;
  const common = (p, q, bits) => Math.max(independent(p, q) - 2 * covariance(p, q, bits), 0);

  function oneLetter(p, q, bits) {
    const tilt = Math.min(bits / hB(p), q / p, (1 - q) / (1 - p), 1);
    return Math.max(independent(p, q) - 2 * p * (1 - p) * tilt, 0);
  }

  /** The best W with two letters: a grid of P(W = 1) that closes in on the best. */
  function limited(p, q, bits, shared, rounds = ROUNDS) {
    let [low, high] = [0, 1];
    let best;
    for (let round = 0; round < rounds; round += 1) {
      const tried = d3.range(1, POINTS + 1).map((k) => {
        const weight = low + ((high - low) * k) / (POINTS + 1);
        const [x, y] = [covariance(p, weight, bits), covariance(q, weight, bits + shared)];
        return { told: (x * y) / (weight * (1 - weight)), weight, x, y };
      });
      // At the transport cost many W are best: the first of them, as in the library.
      const top = d3.max(tried, ({ told }) => told) - TIE;
      best = tried.find(({ told }) => told >= top);
      const step = (high - low) / (POINTS + 1);
      [low, high] = [best.weight - step, best.weight + step];
    }
    const { weight, x, y, told } = best;
    const side = (mean, with_) => [mean - with_ / (1 - weight), mean + with_ / weight].map((c) => Math.min(Math.max(c, 0), 1));
    return { value: Math.max(independent(p, q) - 2 * told, 0), weight, a: side(p, x), b: side(q, y) };
  }

  function compute({ q_x: p, q_y: q, rate_bits: rate, common_bits: shared }) {
    const both = p * q + covariance(p, q, rate);
    return {
      common: common(p, q, rate),
      one: oneLetter(p, q, rate),
      none: limited(p, q, rate, 0).value,
      code: limited(p, q, rate, shared),
      joint: [
        [Math.max(1 - p - q + both, 0), Math.max(q - both, 0)],
        [Math.max(p - both, 0), both],
      ],
      bits: information(p, q, covariance(p, q, rate)).bits,
      enough: Math.max(hB(q) - rate, 0),
      least: Math.abs(p - q),
    };
  }

  const readout = ({ common: all, one, none, code, bits, enough, least }) => [
    `Long blocks: D = ${all.toFixed(4)} with common randomness, ${code.value.toFixed(4)} with R_c bits of it, ${none.toFixed(4)} with none.`,
    `One letter, any amount: D = ${one.toFixed(4)}. Optimal transport: ${least.toFixed(4)}.`,
    `The coupling has I(X;Y) = ${bits.toFixed(4)} bits. R_c = H(Y) - R = ${enough.toFixed(4)} bits a letter are enough.`,
  ];

  /* ---------------------------------------------------------------- the picture */

  const LOOKS = [
    ["one", "one letter, any R_c", "blue", "9 3 2 3", "diamond"],
    ["none", "R_c = 0", "orange", "7 4", "square"],
    ["limited", "R_c as set", "green", "2 3", "triangle"],
    ["common", "any R_c", "vermillion", null, "circle"],
  ];
  let kept = { key: "" };

  /** The four curves over R; kept, because R only moves the marks. Fewer rounds than the numbers: a pixel is wide. */
  function curves({ q_x: p, q_y: q, common_bits: shared }) {
    const key = [p, q, shared].join();
    if (kept.key !== key) {
      const rates = [...d3.range(0, 0.1, 0.01), ...d3.range(0.1, 1.001, 0.03)];
      const of = (value) => rates.map((rate) => ({ rate, value: value(rate) }));
      kept = {
        key,
        one: of((rate) => oneLetter(p, q, rate)),
        none: of((rate) => limited(p, q, rate, 0, 3).value),
        limited: of((rate) => limited(p, q, rate, shared, 3).value),
        common: of((rate) => common(p, q, rate)),
      };
    }
    return kept;
  }

  function plane(result, values, width, pen) {
    const lines = curves(values);
    const here = { one: result.one, none: result.none, limited: result.code.value, common: result.common };
    const marks = LOOKS.flatMap(([name, , color, dashes, symbol]) => [
      Plot.line(lines[name], { x: "rate", y: "value", stroke: pen.colors[color], strokeWidth: 2, strokeDasharray: dashes }),
      Plot.dot([{ rate: values.rate_bits, value: here[name] }], {
        x: "rate", y: "value", symbol, r: 5, fill: pen.colors[color], stroke: "currentColor",
      }),
    ]);
    const chart = pen.plot({
      width,
      marginLeft: 46,
      marginRight: 12,
      x: { domain: [0, 1], label: "R (bits a letter)", ticks: 5 },
      y: { domain: [0, independent(values.q_x, values.q_y)], label: "P(X ≠ Y)", ticks: 5, nice: true },
      marks: [...marks, Plot.ruleY([result.least], { stroke: "currentColor", strokeDasharray: "1 3" }), Plot.frame()],
    });
    const legend = Plot.legend({
      symbol: { domain: LOOKS.map(([, label]) => label), range: LOOKS.map(([, , , , symbol]) => symbol) },
      color: { domain: LOOKS.map(([, label]) => label), range: LOOKS.map(([, , color]) => pen.colors[color]) },
      fill: "color",
      style: { fontSize: "13px", background: "transparent" },
    });
    const box = document.createElement("div");
    box.append(chart, legend);
    return box;
  }

  function table({ joint }, width, pen) {
    const cells = [0, 1].flatMap((x) => [0, 1].map((y) => ({ x, y, share: joint[x][y] })));
    return pen.plot({
      width,
      height: Math.min(width + 12, 230),
      marginLeft: 34,
      marginTop: 8,
      x: { domain: [0, 1], label: "y" },
      y: { domain: [0, 1], label: "x" },
      marks: [
        Plot.cell(cells, { x: "y", y: "x", fill: pen.colors.sky, fillOpacity: (d) => 0.6 * d.share, stroke: "currentColor", inset: 1 }),
        Plot.text(cells, { x: "y", y: "x", text: (d) => d.share.toFixed(3), fill: "currentColor", fontSize: 14 }),
      ],
    });
  }

  function square({ code }, width, pen) {
    const { weight, a, b } = code;
    const letters = [0, 1].map((w) => ({ a: a[w], b: b[w], share: w ? weight : 1 - weight }));
    const axis = { domain: [0, 1], ticks: 3 };
    return pen.plot({
      width,
      height: Math.min(width + 26, 244),
      marginLeft: 40,
      marginTop: 28,
      marginRight: 14,
      x: { ...axis, label: "P(X = 1 | W)" },
      y: { ...axis, label: "P(Y = 1 | W)" },
      marks: [
        Plot.frame(),
        Plot.line([[0, 0], [1, 1]], { stroke: "currentColor", strokeOpacity: 0.5, strokeDasharray: "2 3" }),
        Plot.line(letters, { x: "a", y: "b", stroke: pen.colors.green, strokeWidth: 2 }),
        Plot.dot(letters, { x: "a", y: "b", r: (d) => 4 + 8 * d.share, fill: pen.colors.green, stroke: "currentColor" }),
      ],
      r: { type: "identity" },
    });
  }

  cdotExplorers.register("single-letter", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "Distortion over rate", share: 1.4, least: 250, draw: (width) => plane(result, values, width, pen) },
      { title: "P(X = x, Y = y)", share: 0.85, least: 150, draw: (width) => table(result, width, pen) },
      { title: "Letters of W", share: 0.85, least: 160, draw: (width) => square(result, width, pen) },
    ],
  });
})();
