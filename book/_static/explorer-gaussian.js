/* One Gaussian: D over (R, C) and its wall, as cdot_lib.theory.gaussian has it; X and S have deviation one. */
"use strict";

(() => {
  const SLACK = 1e-12;
  const H = 0.5 * Math.log2(2 * Math.PI * Math.E); // h(S) and h(X)
  const CASES = ["infeasible", "its class case", "its rate case", "its last case"];
  const [MAX_R, MIN_C, MAX_C] = [3, 1.1, 2.2];

  /** The share of the variance of X that R bits leave unknown. */
  const unknown = (rateBits) => 2 ** (-2 * rateBits);
  const correlation = (rateBits) => Math.sqrt(-Math.expm1(-2 * Math.LN2 * rateBits));
  const noise = (relation) => (1 - relation) * (1 + relation);
  const leastLoss = (relation, rateBits) => H + 0.5 * Math.log2(noise(relation) + relation ** 2 * unknown(rateBits));

  /** 1 - rho is 2^(-2R) / (1 + rho), which keeps its digits at high rates. */
  const distortion = ({ std_y: sY, shift }, rateBits) =>
    shift ** 2 + (1 - sY) ** 2 + (2 * sY * unknown(rateBits)) / (1 + correlation(rateBits));

  /** The rate at which C can be met (0 where more than all of S may stay open); Infinity if none is enough. */
  function rateNeeded(relation, classBits) {
    const open = 2 ** (2 * (classBits + 0.5 * SLACK - H));
    const left = (open - noise(relation)) / relation ** 2;
    return left > 0 ? Math.max(-0.5 * Math.log2(Math.min(left, 1)), 0) : Infinity;
  }

  /** Theorem 4 as printed, with all powers of 2. */
  function asPrinted({ std_y: sY, shift, relation }, rateBits, classBits) {
    const border = H + 0.5 * Math.log2(1 - relation ** 2 * (1 - unknown(rateBits)));
    const last = classBits > H && rateBits > H;
    const within = classBits <= border ? 1 : 2;
    const some = classBits < H + 0.5 * Math.log2(1 - relation ** 2) ? 0 : within;
    const kind = last ? 3 : some;
    const told = kind === 1 ? Math.sqrt(Math.max(1 - 2 ** (2 * (classBits - H)), 0)) / relation : Math.sqrt(1 - unknown(rateBits));
    const value = shift ** 2 + 1 + sY ** 2 - 2 * sY * told;
    return { kind, value: [null, value, value, 0][kind] };
  }

  function compute(values) {
    const { relation, rate_bits: rateBits, class_bits: classBits } = values;
    const least = leastLoss(relation, rateBits);
    const feasible = least <= classBits + SLACK;
    const needed = rateNeeded(relation, classBits);
    return {
      feasible,
      value: feasible ? distortion(values, rateBits) : null,
      correlation: feasible ? correlation(rateBits) : 0,
      least,
      needed: Number.isFinite(needed) ? needed : null,
      printed: asPrinted(values, rateBits, classBits),
    };
  }

  function readout({ feasible, value, correlation: rho, least, needed, printed }) {
    const name = CASES[printed.kind];
    const paper = printed.kind ? `D = ${printed.value.toFixed(4)}, ${name}` : name;
    const last = `Theorem 4 as printed, all powers of 2: ${paper}.`;
    if (feasible) {
      return [
        `D = ${value.toFixed(4)}, decided by the rate; the class bound has no say.`,
        `Correlation of X and Y ${rho.toFixed(4)}, h(S|Y) = ${least.toFixed(4)} bits.`,
        last,
      ];
    }
    return [
      `Infeasible: at this rate h(S|Y) is ${least.toFixed(4)} bits or more.`,
      needed === null ? "No rate is enough to meet this bound." : `It takes ${needed.toFixed(4)} bits of rate to meet this bound.`,
      last,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  const POINTS = 81;
  const tall = (width) => Math.min(Math.max(0.8 * width, 220), 300);

  function plane(values, width, pen) {
    const share = d3.range(POINTS).map((k) => k / (POINTS - 1));
    const columns = share.map((s) => ({ least: leastLoss(values.relation, s * MAX_R), value: distortion(values, s * MAX_R) }));
    const cells = share.flatMap((s) => columns.map(({ least, value }) => (least <= MIN_C + s * (MAX_C - MIN_C) + SLACK ? value : NaN)));
    const [dr, dc] = [MAX_R, MAX_C - MIN_C].map((room) => (0.5 * room) / (POINTS - 1));
    const color = { scheme: "cividis", domain: [values.shift ** 2 + (1 - values.std_y) ** 2, values.shift ** 2 + 1 + values.std_y ** 2] };
    const mark = [{ x: values.rate_bits, y: values.class_bits }];
    const chart = pen.plot({
      width,
      height: tall(width),
      marginLeft: 46,
      marginRight: 10,
      x: { domain: [-dr, MAX_R + dr], label: "R (bits)", ticks: 4 },
      y: { domain: [MIN_C - dc, MAX_C + dc], label: "C (bits)", ticks: 5 },
      color,
      marks: [
        pen.hatching(),
        Plot.raster(cells, { width: POINTS, height: POINTS, x1: -dr, y1: MIN_C - dc, x2: MAX_R + dr, y2: MAX_C + dc, imageRendering: "pixelated" }),
        Plot.frame(),
        Plot.dot(mark, { x: "x", y: "y", r: 7, fill: "white", stroke: "black", strokeWidth: 2 }),
      ],
    });
    const scale = Plot.legend({
      color: { ...color, label: "D (hatched: no code)" },
      width,
      marginLeft: 20,
      marginRight: 20,
      ticks: 4,
      style: { fontSize: "13px", background: "transparent" },
    });
    const box = document.createElement("div");
    box.append(chart, scale);
    return box;
  }

  function curve(values, width, pen) {
    const rates = d3.range(151).map((k) => (k * MAX_R) / 150);
    const points = rates.map((x) => ({
      x,
      y: leastLoss(values.relation, x) <= values.class_bits + SLACK ? distortion(values, x) : NaN,
      printed: asPrinted(values, x, values.class_bits).value ?? NaN,
    }));
    return pen.plot({
      width,
      height: tall(width),
      marginLeft: 44,
      marginRight: 10,
      x: { domain: [0, MAX_R], label: "R (bits)", ticks: 4 },
      y: { domain: [0, 1.08 * (values.shift ** 2 + 1 + values.std_y ** 2)], label: "D", ticks: 5 },
      marks: [
        Plot.ruleX([values.rate_bits], { stroke: "currentColor", strokeDasharray: "2,3" }),
        Plot.line(points, { x: "x", y: "printed", stroke: pen.colors.vermillion, strokeWidth: 2, strokeDasharray: "6,4" }),
        Plot.line(points, { x: "x", y: "y", stroke: pen.colors.sky, strokeWidth: 3.5 }),
        Plot.frame(),
      ],
    });
  }

  function law(values, { feasible, correlation: rho }, width, pen) {
    const turn = d3.range(121).map((k) => (2 * Math.PI * k) / 120);
    const outlines = [1, 2].flatMap((radius) =>
      turn.map((t) => ({
        radius,
        x: values.shift + radius * Math.cos(t),
        y: values.std_y * radius * (rho * Math.cos(t) + Math.sqrt(1 - rho ** 2) * Math.sin(t)),
      })),
    );
    return pen.plot({
      width,
      height: tall(width),
      marginLeft: 36,
      marginRight: 10,
      x: { domain: [-4.2, 4.2], label: "x", ticks: 5 },
      y: { domain: [-4.2, 4.2], label: "y", ticks: 5 },
      marks: [
        feasible ? Plot.line(outlines, { x: "x", y: "y", z: "radius", stroke: pen.colors.sky, strokeWidth: 2.5 }) : pen.hatching(),
        Plot.frame(),
      ],
    });
  }

  cdotExplorers.register("gaussian", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "D(R, C)", share: 1.2, least: 200, draw: (width) => plane(values, width, pen) },
      { title: "D at this C", share: 1.1, least: 180, draw: (width) => curve(values, width, pen) },
      { title: "The coupling", share: 1, least: 165, draw: (width) => law(values, result, width, pen) },
    ],
  });
})();
