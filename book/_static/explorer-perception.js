/* Realism: the cheapest law of Y projected on what perception allows, as cdot_lib.theory.perception has it. X ~ N(0, 1). */
"use strict";

(() => {
  const SPENT = { w2: "W₂²", kl: "KL in nats" };
  const DECIDED_BY = {
    perception: "perception costs distortion",
    rate: "perception is free, the rate decides",
  };

  /** KL of N(mean, std^2) from N(0, 1) in nats; each logarithm where it keeps its digits. */
  function kl(mean, std) {
    const more = (std - 1) * (std + 1);
    const logs = std > 0.5 ? Math.log1p(Math.max(more, -0.75)) : 2 * Math.log(std);
    return 0.5 * (more - logs + mean ** 2);
  }

  /** Whether perception allows what is cheapest: mean 0 and deviation rho. */
  function isFree({ perception, mean_ref: meanRef, std_ref: stdRef, divergence: kind }, rho) {
    const [shift, spread] = [-meanRef / stdRef, rho / stdRef];
    if (kind === "kl") return kl(shift, spread) <= perception;
    return Math.hypot(shift, spread - 1) <= Math.sqrt(perception / stdRef ** 2);
  }

  /** The point of the disc nearest to (0, rho). */
  function onDisc({ perception, mean_ref: meanRef, std_ref: stdRef }, rho) {
    const distance = Math.hypot(meanRef, rho - stdRef);
    const share = Math.sqrt(perception) / distance;
    return { mean: meanRef * (1 - share), std: stdRef + share * (rho - stdRef) };
  }

  /** The point of the oval nearest to (0, rho): halve the path from the point itself, w = 0, to the reference, w = 1. */
  function onOval({ perception, mean_ref: meanRef, std_ref: stdRef }, rho) {
    const spread = rho / stdRef;
    const at = (w) => {
      const part = (1 - w) * (1 + w);
      const along = spread * part;
      return { mean: meanRef * (1 - part), std: 0.5 * stdRef * (along + Math.sqrt(along ** 2 + 4 * w ** 2)) };
    };
    let [low, high] = [0, 1];
    for (let middle = 0.5; middle !== low && middle !== high; middle = (low + high) / 2) {
      const { mean, std } = at(middle);
      if (kl((mean - meanRef) / stdRef, std / stdRef) > perception) low = middle;
      else high = middle;
    }
    return at(high);
  }

  function compute(values) {
    const { rate_bits: rate, perception, mean_ref: meanRef, std_ref: stdRef, divergence: kind } = values;
    const share = 2 ** (-2 * rate);
    const rho = Math.sqrt(1 - share);
    const free = isFree(values, rho);
    let best = { mean: meanRef, std: stdRef };
    if (free) best = { mean: 0, std: rho };
    else if (perception > 0) best = (kind === "w2" ? onDisc : onOval)(values, rho);
    const square = best.mean ** 2 + (rho - best.std) ** 2;
    return { ...best, value: share + square, share, square, correlation: rho, active: free ? "rate" : "perception" };
  }

  function readout(result, { divergence: kind }) {
    // Ties such as 2^(-5) go up, and no minus stands before a zero: as in the library.
    const four = (number) => (Math.abs(number + 1e-12) < 5e-5 ? 0 : number + 1e-12).toFixed(4);
    return [
      `D = ${four(result.value)}: ${DECIDED_BY[result.active]}.`,
      `Of it ${four(result.share)} is what the rate leaves unknown, and ${four(result.square)} the square of the distance to what ${SPENT[kind]} allows.`,
      `Best Y: mean ${four(result.mean)}, deviation ${four(result.std)}, correlation with X ${four(result.correlation)}.`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  const RATES = 3;

  /** The edge of what perception allows, as two lines over the deviation. */
  function edge({ perception, mean_ref: meanRef, std_ref: stdRef, divergence: kind }) {
    // The square of how far the mean may be from the reference's.
    const reach = (std) => (kind === "w2" ? perception - (std - stdRef) ** 2 : 2 * stdRef ** 2 * (perception - kl(0, std / stdRef)));
    const stds = d3.range(1, 801).map((k) => k / 200);
    const inside = stds.filter((std) => reach(std) >= 0);
    // Down one side and up the other; both end where the set does.
    const side = (sign) => inside.map((std) => ({ mean: meanRef + sign * Math.sqrt(reach(std)), std }));
    return [...side(-1), ...side(1).reverse()];
  }

  function plane(result, values, width, pen) {
    const { mean_ref: meanRef, std_ref: stdRef } = values;
    const outline = edge(values);
    const [left, right, top] = [Math.min(0, meanRef) - 0.9, Math.max(0, meanRef) + 0.9, Math.max(1, stdRef) + 0.9];
    // One scale for both axes, or the disc would be none.
    const [margins, sides] = [62, 44 + 20];
    const spots = [
      { mean: meanRef, std: stdRef, name: "reference", dy: -14 },
      { mean: 0, std: 1, name: "X", dy: -14 },
    ];
    const line = [{ mean: 0, std: result.correlation }, { mean: result.mean, std: result.std }];
    return pen.plot({
      width,
      height: Math.round(((width - sides) * top) / (right - left)) + margins,
      marginLeft: 44,
      marginRight: 20,
      marginTop: margins - 42,
      x: { domain: [left, right], label: "mean of Y", ticks: 3 },
      y: { domain: [0, top], label: "deviation of Y", ticks: 4 },
      marks: [
        Plot.frame(),
        Plot.line(outline, { x: "mean", y: "std", curve: "linear-closed", fill: pen.colors.sky, fillOpacity: 0.4, stroke: pen.colors.blue, strokeWidth: 1.5, clip: true }),
        Plot.line([{ mean: 0, std: 0 }, { mean: 0, std: 1 }], { x: "mean", y: "std", stroke: pen.colors.vermillion, strokeWidth: 2, strokeDasharray: "5 3" }),
        Plot.line(line, { x: "mean", y: "std", stroke: "currentColor", strokeWidth: 1.5 }),
        Plot.dot(spots.slice(0, 1), { x: "mean", y: "std", r: 7, symbol: "star", fill: pen.colors.blue, stroke: "currentColor" }),
        Plot.dot(spots.slice(1), { x: "mean", y: "std", r: 6, symbol: "cross", fill: pen.colors.vermillion }),
        Plot.dot(line.slice(0, 1), { x: "mean", y: "std", r: 5, fill: pen.colors.vermillion }),
        Plot.dot(line.slice(1), { x: "mean", y: "std", r: 6, symbol: "diamond", fill: "white", stroke: "black", strokeWidth: 2 }),
        Plot.text(spots, { x: "mean", y: "std", text: "name", dy: -16, fill: "currentColor" }),
      ],
    });
  }

  function curve(result, values, width, pen) {
    const points = d3.range(121).map((k) => {
      const perception = (k / 120) ** 2;
      return { perception, value: compute({ ...values, perception }).value };
    });
    return pen.plot({
      width,
      height: 240,
      marginLeft: 46,
      x: { domain: [0, 1], label: values.divergence === "w2" ? "P" : "P (nats)", ticks: 3 },
      y: { domain: [0, 1.05 * points[0].value], label: "D", ticks: 5 },
      marks: [
        Plot.ruleY([result.share], { stroke: "currentColor", strokeDasharray: "2 3" }),
        Plot.line(points, { x: "perception", y: "value", stroke: pen.colors.blue, strokeWidth: 2.5 }),
        Plot.dot([{ x: values.perception, y: result.value }], { x: "x", y: "y", r: 7, fill: "white", stroke: "black", strokeWidth: 2 }),
        Plot.ruleY([0]),
      ],
    });
  }

  const POINTS = 61;
  let field = { key: "" };

  /** D on a grid; kept, because R and P only move the mark. */
  function heat(values) {
    const key = [values.mean_ref, values.std_ref, values.divergence].join();
    if (field.key !== key) {
      const axis = d3.range(POINTS).map((k) => k / (POINTS - 1));
      const cells = axis.flatMap((perception) =>
        axis.map((part) => compute({ ...values, perception, rate_bits: RATES * part }).value),
      );
      field = { key, cells, top: d3.max(cells) };
    }
    return field;
  }

  function map(values, width, pen) {
    const { cells, top } = heat(values);
    const half = 0.5 / (POINTS - 1);
    const edges = { x1: -RATES * half, y1: -half, x2: RATES * (1 + half), y2: 1 + half };
    const color = { type: "sqrt", scheme: "cividis", domain: [0, top] };
    const { mean_ref: meanRef, std_ref: stdRef, divergence: kind } = values;
    const border = d3.range(1, 121).map((k) => {
      const rate = (RATES * k) / 120;
      const rho = Math.sqrt(1 - 2 ** (-2 * rate));
      const least = kind === "w2" ? meanRef ** 2 + (rho - stdRef) ** 2 : kl(meanRef / stdRef, rho / stdRef);
      return { rate, perception: least };
    });
    const chart = pen.plot({
      width,
      height: Math.min(Math.max(Math.round(0.8 * width), 210), 320),
      marginLeft: 46,
      marginRight: 10,
      x: { domain: [edges.x1, edges.x2], label: "R (bits)", ticks: 4 },
      y: { domain: [edges.y1, edges.y2], label: kind === "w2" ? "P" : "P (nats)", ticks: 5 },
      color,
      marks: [
        Plot.raster(cells, { width: POINTS, height: POINTS, ...edges, imageRendering: "pixelated" }),
        Plot.line(border, { x: "rate", y: "perception", stroke: "white", strokeWidth: 2, clip: true }),
        Plot.frame(),
        Plot.dot([{ x: values.rate_bits, y: values.perception }], { x: "x", y: "y", r: 7, fill: "white", stroke: "black", strokeWidth: 2 }),
      ],
    });
    const scale = Plot.legend({
      color: { ...color, label: "D (free above the line)" },
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

  cdotExplorers.register("perception", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "Allowed, and the nearest", share: 1.25, least: 225, draw: (width) => plane(result, values, width, pen) },
      { title: "D against P, this R", share: 0.95, least: 165, draw: (width) => curve(result, values, width, pen) },
      { title: "D(R, P)", share: 1.15, least: 200, draw: (width) => map(values, width, pen) },
    ],
  });
})();
