/* Dithered codecs of N(0, 1) at a price of rate, as cdot_lib.interactive.price has it; what needs an integral is data. */
"use strict";

(() => {
  /** Rate and distortion of each step, and at last of sending nothing. */
  function codes({ rates, errors, distances }, perception) {
    const near = Math.sqrt(perception);
    const cost = (error, distance) => {
      const far = Math.max(0, distance - near);
      return error + far * far;
    };
    return {
      rates: [...rates, 0],
      errors: [...errors.map((error, k) => cost(error, distances[k])), cost(1, 1)],
    };
  }

  /** D(R, P) of long blocks, over the correlation that the rate allows. */
  function blocksAt(rho, perception) {
    const share = 1 - rho * rho;
    const far = Math.max(0, 1 - Math.sqrt(perception) - rho);
    return { rate: Math.max(-0.5 * Math.log2(share), 0), error: share + far * far };
  }

  /** Where that has the slope -price. */
  function blocks(price, perception) {
    const least = 1 - Math.sqrt(perception);
    const exchange = price / (2 * Math.LN2);
    const free = Math.sqrt(Math.max(1 - exchange, 0));
    if (free >= least) return blocksAt(free, perception);
    const half = (0.5 * exchange) / least;
    return blocksAt(Math.sqrt(half * half + 1) - half, perception);
  }

  /** R(D, P) of long blocks. */
  function needed(error, perception) {
    const least = Math.max(1 - Math.sqrt(perception), 0);
    if (least === 0 || 1 - error >= least * least) return Math.max(-0.5 * Math.log2(error), 0);
    const rho = Math.min(Math.max((1 + least * least - error) / (2 * least), 0), 1);
    return Math.max(-0.5 * Math.log2(1 - rho * rho), 0);
  }

  function compute({ price, perception, step }, data) {
    const { rates, errors } = codes(data, perception);
    const costs = errors.map((error, k) => error + price * rates[k]);
    const code = (k) => ({ step: data.steps[k] ?? null, rate: rates[k], error: errors[k], cost: costs[k] });
    const long = blocks(price, perception);
    const own = code(data.steps.indexOf(step));
    return {
      rates,
      errors,
      costs,
      own: { ...own, needed: needed(own.error, perception) },
      best: code(costs.indexOf(Math.min(...costs))),
      blocks: { ...long, cost: long.error + price * long.rate },
    };
  }

  function readout({ own, best, blocks: long }, values, { loss }) {
    const four = (number) => number.toFixed(4);
    const line = ({ rate, error, cost }) => `${four(rate)} bits, D = ${four(error)}, D + λR = ${four(cost)}.`;
    const which = best.step === null ? "sending nothing" : `step ${best.step.toFixed(3)}`;
    return [
      `Your codec: ${line(own)}`,
      `The price picks ${which}: ${line(best)}`,
      `Long blocks at this price: ${line(long)}`,
      `For your D and P they need ${four(own.needed)} bits: you lose ${four(own.rate - own.needed)} bits (small steps: ${four(loss)}).`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  const MOST = 3.6;
  const tall = (width) => Math.round(Math.min(Math.max(0.9 * width, 230), 300));
  const solid = (pen) => ({ stroke: pen.colors.blue, strokeWidth: 2.5 });
  const dashed = (pen) => ({ stroke: pen.colors.vermillion, strokeWidth: 2.5, strokeDasharray: "8 4" });
  const thin = { stroke: "currentColor", strokeWidth: 1.2, strokeDasharray: "2 3" };
  const own = (x, y) => Plot.dot([{ x, y }], { x: "x", y: "y", r: 7, fill: "white", stroke: "black", strokeWidth: 2 });
  const picked = (x, y, pen) =>
    Plot.dot([{ x, y }], { x: "x", y: "y", r: 7, symbol: "diamond", fill: pen.colors.vermillion, stroke: "currentColor", strokeWidth: 1.5 });

  function plane(result, { price, perception }, width, pen) {
    const { rates, errors, own: mine, best, blocks: long } = result;
    const curve = d3.range(0, 1, 0.005).map((rho) => blocksAt(rho, perception));
    const top = 1.05 * errors.at(-1);
    // The line on which D + λR is as at the point that it touches.
    const tangent = ({ cost }) => {
      const end = Math.min(MOST, cost / price);
      return Plot.line([{ x: 0, y: cost }, { x: end, y: cost - price * end }], { x: "x", y: "y", ...thin });
    };
    const chart = pen.plot({
      width,
      height: tall(width),
      marginLeft: 46,
      marginRight: 12,
      x: { domain: [0, MOST], label: "R (bits)", ticks: 4, grid: true },
      y: { domain: [0, top], label: "D", ticks: 5, grid: true },
      marks: [
        tangent(long),
        tangent(best),
        Plot.line(curve, { x: "rate", y: "error", clip: true, ...solid(pen) }),
        Plot.line(rates, { x: (rate) => rate, y: errors, ...dashed(pen) }),
        Plot.line([mine.needed, mine.rate], { x: (rate) => rate, y: [mine.error, mine.error], stroke: "currentColor", strokeWidth: 2 }),
        Plot.dot([long], { x: "rate", y: "error", r: 5, symbol: "square", fill: pen.colors.blue, stroke: "currentColor" }),
        picked(best.rate, best.error, pen),
        own(mine.rate, mine.error),
      ],
    });
    const names = Plot.legend({
      color: { type: "ordinal", domain: ["long blocks, solid", "dithered, dashed"], range: [pen.colors.blue, pen.colors.vermillion] },
      style: { fontSize: "13px", background: "transparent" },
    });
    const box = document.createElement("div");
    box.append(chart, names);
    return box;
  }

  function bowl({ costs, own: mine, best }, { steps }, width, pen) {
    const nothing = costs.at(-1);
    return pen.plot({
      width,
      height: tall(width),
      marginLeft: 46,
      marginRight: 12,
      x: { type: "log", domain: [steps[0], steps.at(-1)], label: "Δ/σ", ticks: [0.5, 1, 2, 5, 10], tickFormat: String },
      y: { domain: [0, 1.05 * Math.max(...costs)], label: "D + λR", ticks: 5, grid: true },
      marks: [
        Plot.ruleY([nothing], { stroke: "currentColor", strokeDasharray: "5 3" }),
        Plot.text([nothing], { x: steps[0], y: (y) => y, text: () => "sending nothing", dx: 4, dy: 10, textAnchor: "start", fill: "currentColor" }),
        Plot.line(steps, { x: (step) => step, y: costs.slice(0, -1), ...dashed(pen) }),
        ...(best.step === null ? [] : [picked(best.step, best.cost, pen)]),
        own(mine.step, mine.cost),
      ],
    });
  }

  function gap({ rates, errors, own: mine }, { perception }, { loss }, width, pen) {
    const lost = rates.slice(0, -1).map((rate, k) => ({ rate, bits: rate - needed(errors[k], perception) }));
    return pen.plot({
      width,
      height: tall(width),
      marginLeft: 46,
      marginRight: 12,
      x: { domain: [0, MOST], label: "R (bits)", ticks: 4 },
      y: { domain: [0, 0.28], label: "bits", ticks: 4, grid: true },
      marks: [
        Plot.ruleY([loss], { stroke: "currentColor", strokeDasharray: "5 3" }),
        Plot.text([loss], { x: MOST, y: loss, text: (y) => y.toFixed(4), dy: -9, textAnchor: "end", fill: "currentColor" }),
        Plot.line(lost, { x: "rate", y: "bits", ...dashed(pen) }),
        own(mine.rate, mine.rate - mine.needed),
      ],
    });
  }

  cdotExplorers.register("price", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "Distortion over rate", share: 1.25, least: 225, draw: (width) => plane(result, values, width, pen) },
      { title: "Cost over the step", share: 1, least: 175, draw: (width) => bowl(result, data, width, pen) },
      { title: "Beyond long blocks", share: 1, least: 175, draw: (width) => gap(result, values, data, width, pen) },
    ],
  });
})();
