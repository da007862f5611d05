/* One bit: R(D), R(D, P) and R(D, 0), as cdot_lib.theory.rate_distortion and rate_perception have them. */
"use strict";

(() => {
  const PERCEPTION = {
    nothing: "nothing need be sent",
    free: "perception is free",
    held: "perception holds the output law",
  };

  const entr = (a) => (a > 0 ? -a * Math.log(a) : 0);
  const hB = (a) => (entr(a) + entr(1 - a)) / Math.LN2;
  const relEntr = (a, b) => (a > 0 ? a * Math.log(a / b) : 0);

  /** Shannon's R(D). */
  function shannon(coin, bound) {
    const rarer = Math.min(coin, 1 - coin);
    return hB(rarer) - hB(Math.min(bound, rarer));
  }

  /** P(X = x, Y = y) with marginals p, q and an error of D, or what independence has if that is less. */
  function cells(p, q, bound) {
    const both = (p + q - Math.min(bound, p + q - 2 * p * q)) / 2;
    return [[1 - p - q + both, q - both], [p - both, both]].map((row) => row.map((cell) => Math.max(cell, 0)));
  }

  /** R(D, P). */
  function real(coin, bound, near) {
    const p = Math.min(coin, 1 - coin);
    if (bound < p && bound * (1 - 2 * p) <= near * (1 - 2 * bound)) return shannon(p, bound);
    const q = Math.max(p - near, 0);
    const joint = cells(p, q, bound);
    const product = [[(1 - p) * (1 - q), (1 - p) * q], [p * (1 - q), p * q]];
    const nats = d3.sum([0, 1].flatMap((x) => [0, 1].map((y) => relEntr(joint[x][y], product[x][y]))));
    return Math.max(nats / Math.LN2, 0);
  }

  /** The output law of the best channel, and whether perception holds it. */
  function output(coin, bound, near) {
    const p = Math.min(coin, 1 - coin);
    const crossover = Math.min(bound, p);
    const held = crossover * (1 - 2 * p) > near * (1 - 2 * crossover);
    const rarer = crossover < 0.5 ? (p - crossover) / (1 - 2 * crossover) : 0.5;
    const q = held ? p - Math.min(near, p) : rarer;
    return { held, q: coin > 0.5 ? 1 - q : q };
  }

  const ones = (joint) => joint[0][1] + joint[1][1];

  function compute({ q_x: coin, distortion: bound, perception: near }) {
    const { held, q } = output(coin, bound, near);
    const joint = cells(coin, q, bound);
    const rate = real(coin, bound, near);
    return {
      rate,
      shannon: shannon(coin, bound),
      perfect: real(coin, bound, 0),
      held,
      joint,
      q: ones(joint),
      without: ones(cells(coin, output(coin, bound, 1).q, bound)),
    };
  }

  function readout(result) {
    const four = (number) => number.toFixed(4);
    const which = result.rate < 1e-12 ? "nothing" : result.held ? "held" : "free";
    return [
      `R(D, P) = ${four(result.rate)} bits: ${PERCEPTION[which]}.`,
      `R(D) = ${four(result.shannon)} bits for any law, R(D, 0) = ${four(result.perfect)} bits for that of the source.`,
      `P(Y = 1) = ${four(result.q)}, and ${four(result.without)} if any law will do.`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  const END = 0.6;

  function curves(result, { q_x: coin, distortion: bound, perception: near }, width, pen) {
    const grid = d3.range(0, END + 0.001, END / 200);
    const looks = [
      ["R(D), solid", pen.colors.blue, null, (d) => shannon(coin, d)],
      ["R(D, P), dashed", pen.colors.vermillion, "8 4", (d) => real(coin, d, near)],
      ["R(D, 0), dotted", pen.colors.green, "2 4", (d) => real(coin, d, 0)],
    ];
    const chart = pen.plot({
      width,
      marginLeft: 46,
      marginRight: 12,
      x: { domain: [0, END], label: "D", ticks: 6, grid: true },
      y: { domain: [0, 1], label: "rate (bits)", ticks: 5, grid: true },
      marks: [
        ...looks.map(([, stroke, strokeDasharray, rate]) =>
          Plot.line(grid, { x: (d) => d, y: rate, stroke, strokeWidth: 2.5, strokeDasharray }),
        ),
        Plot.dot([{ x: bound, y: result.rate }], { x: "x", y: "y", r: 7, fill: "white", stroke: "black", strokeWidth: 2 }),
      ],
    });
    const names = Plot.legend({
      color: { type: "ordinal", domain: looks.map(([name]) => name), range: looks.map(([, color]) => color) },
      style: { fontSize: "13px", background: "transparent" },
    });
    const box = document.createElement("div");
    box.append(chart, names);
    return box;
  }

  function laws(result, { q_x: coin, perception: near }, width, pen) {
    const names = ["X", "Y of R(D, P)", "Y of R(D)"];
    const bars = [coin, result.q, result.without].map((one, k) => ({ name: names[k], one }));
    return pen.plot({
      width,
      height: 190,
      marginLeft: 92,
      marginRight: 48,
      x: { domain: [0, 1], label: "probability of a one", ticks: 3 },
      y: { domain: names, label: null, tickSize: 0 },
      color: { domain: names, range: ["black", "orange", "blue"].map((name) => pen.colors[name]) },
      marks: [
        Plot.barX(bars, { x: "one", y: "name", fill: "name", stroke: "currentColor" }),
        Plot.ruleX([coin - near, coin + near].filter((x) => x > 0 && x < 1), { stroke: "currentColor", strokeDasharray: "4 3" }),
        Plot.text(bars, { x: 1, y: "name", text: (d) => d.one.toFixed(3), dx: 6, textAnchor: "start", fill: "currentColor" }),
        Plot.ruleX([0]),
      ],
    });
  }

  function table(result, width, pen) {
    const shares = [0, 1].flatMap((x) => [0, 1].map((y) => ({ x, y, share: result.joint[x][y] })));
    return pen.plot({
      width,
      height: Math.min(width + 12, 230),
      marginLeft: 34,
      marginTop: 8,
      x: { domain: [0, 1], label: "y" },
      y: { domain: [0, 1], label: "x" },
      marks: [
        Plot.cell(shares, { x: "y", y: "x", fill: pen.colors.sky, fillOpacity: (d) => 0.6 * d.share, stroke: "currentColor", inset: 1 }),
        Plot.text(shares, { x: "y", y: "x", text: (d) => d.share.toFixed(3), fill: "currentColor", fontSize: 14 }),
      ],
    });
  }

  cdotExplorers.register("rdp", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "Rate over distortion", share: 1.15, least: 240, draw: (width) => curves(result, values, width, pen) },
      { title: "Laws (P dashed)", share: 1, least: 200, draw: (width) => laws(result, values, width, pen) },
      { title: "P(X = x, Y = y)", share: 0.85, least: 150, draw: (width) => table(result, width, pen) },
    ],
  });
})();
