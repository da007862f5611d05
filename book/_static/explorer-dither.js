/* A dithered quantiser of a Gaussian, as cdot_lib.interactive.dither has it: entropies stand on the page. */
"use strict";

(() => {
  const END = 3;
  /** Of each system: colour, dashes, how its rate is written. */
  const LOOKS = {
    shared: ["blue", null, "H(Q|U)"],
    private: ["vermillion", "7 5", "H(Q)"],
    none: ["green", "9 4 2 4", "H(Q)"],
  };

  /** Halves go up, as in the library. */
  const nearest = (ratio) => Math.floor(ratio + 0.5);

  function compute({ step, place, x, dice }, data) {
    const u = dice === "none" ? 0 : place * step;
    const index = nearest((x + u) / step);
    const output = index * step - (dice === "shared" ? u : 0);
    const rho = Math.abs(x - step * nearest(x / step));
    const square = { shared: (step * step) / 12, private: rho * (step - rho), none: rho * rho };
    const at = data.steps.indexOf(step);
    const mse = data.errors[dice][at];
    return {
      u, index, output,
      error: output - x,
      square: square[dice],
      rate: data.rates[dice][at],
      given: data.given[at][data.places.indexOf(place)],
      mse,
      needed: -0.5 * Math.log2(mse),
    };
  }

  /** Zero for what prints as zero: no minus sign before it. */
  const clean = (number) => (Math.abs(number) < 5e-5 ? 0 : number);

  function readout(point, { step, x, dice }) {
    const four = (number) => clean(number).toFixed(4);
    const laws = {
      shared: `Over all dithers the error at this x is uniform on ±${four(step / 2)}, mean square ${four(point.square)}, whatever x is.`,
      private: `Over all dithers the error at this x is one of two numbers, mean 0, mean square ${four(point.square)}, which depends on x.`,
      none: `No dither: the error is a function of x, its square here ${four(point.square)}.`,
    };
    const here = dice === "shared" ? ` (${point.given.toFixed(4)} at this u)` : "";
    const lost = point.rate - point.needed;
    return [
      `x = ${clean(x).toFixed(2)}, u = ${four(point.u)}: index ${point.index}, output ${four(point.output)}, error ${four(point.error)}.`,
      laws[dice],
      `Rate ${LOOKS[dice][2]} = ${four(point.rate)} bits${here}; R(D) = ${four(point.needed)} bits at D = ${four(point.mse)}: ${four(lost)} bits are lost.`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  const mark = (x, y) => Plot.dot([{ x, y }], { x: "x", y: "y", r: 6, fill: "white", stroke: "black", strokeWidth: 2 });

  function stairs(point, { step, x, dice }, width, pen) {
    const [first, last] = [-END, END].map((end) => nearest((end + point.u) / step));
    const back = dice === "shared" ? point.u : 0;
    const treads = d3.range(first, last + 1).map((k) => ({
      x1: Math.max((k - 0.5) * step - point.u, -END),
      x2: Math.min((k + 0.5) * step - point.u, END),
      y: k * step - back,
    }));
    return pen.plot({
      width,
      height: 230,
      marginLeft: 34,
      marginRight: 10,
      clip: true,
      x: { domain: [-END, END], label: "x/σ", ticks: 5 },
      y: { domain: [-END - 1, END + 1], label: null, grid: true, ticks: 5 },
      marks: [
        Plot.line([[-END, -END], [END, END]], { stroke: "currentColor", strokeDasharray: "2 4" }),
        Plot.ruleY(treads, { x1: "x1", x2: "x2", y: "y", stroke: pen.colors[LOOKS[dice][0]], strokeWidth: 3, clip: true }),
        Plot.ruleX([x], { y1: x, y2: point.output, stroke: "currentColor", clip: true }),
        mark(x, point.output),
      ],
    });
  }

  /** The error at x in steps: between its jumps it is a line in u. */
  function law(point, { step, x, dice }, width, pen) {
    const input = x / step;
    const turn = nearest(input) + 0.5 - input;
    const pieces = [[-0.5, turn > 0.5 ? turn - 1 : turn], [turn > 0.5 ? turn - 1 : turn, 0.5]];
    const error = (u, middle) => nearest(input + (dice === "none" ? 0 : middle)) - (dice === "shared" ? u : 0) - input;
    const segments = pieces
      .filter(([from, to]) => to > from)
      .map(([from, to]) => ({ from, to, y1: error(from, (from + to) / 2), y2: error(to, (from + to) / 2) }));
    return pen.plot({
      width,
      height: 230,
      marginLeft: 40,
      marginRight: 10,
      x: { domain: [-0.5, 0.5], label: "u/Δ", ticks: 3 },
      y: { domain: [-1, 1], label: null, grid: true, ticks: 5 },
      marks: [
        Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
        Plot.link(segments, { x1: "from", x2: "to", y1: "y1", y2: "y2", stroke: pen.colors[LOOKS[dice][0]], strokeWidth: 3 }),
        mark(point.u / step, point.error / step),
      ],
    });
  }

  function rates(point, { dice }, data, width, pen) {
    const bound = d3.range(0, 61).map((k) => 0.005 ** (1 - k / 60)).map((d) => ({ d, rate: -0.5 * Math.log2(d) }));
    const curves = Object.entries(LOOKS).map(([name, [color, dashes]]) =>
      Plot.line(data.steps.map((_, k) => ({ d: data.errors[name][k], rate: data.rates[name][k] })), {
        x: "d", y: "rate", stroke: pen.colors[color], strokeWidth: name === dice ? 3 : 1.25, strokeDasharray: dashes,
      }),
    );
    return pen.plot({
      width,
      height: 230,
      marginLeft: 34,
      marginRight: 12,
      x: { type: "log", domain: [0.005, 1], label: "D/σ²", ticks: 3, tickFormat: "~g" },
      y: { domain: [0, 4.1], label: null, grid: true, ticks: 5 },
      marks: [
        Plot.line(bound, { x: "d", y: "rate", stroke: "currentColor" }),
        Plot.text([{ x: 0.012, y: 2.55, text: "R(D)" }], { x: "x", y: "y", text: "text", fill: "currentColor" }),
        ...curves,
        mark(point.mse, point.rate),
      ],
    });
  }

  cdotExplorers.register("dither", {
    compute,
    readout,
    panels: (point, values, data, pen) => [
      { title: "Output against input\n(dotted: equal)", share: 1, least: 195, draw: (width) => stairs(point, values, width, pen) },
      { title: "Error/Δ at this x,\nover all dithers u", share: 1, least: 195, draw: (width) => law(point, values, width, pen) },
      {
        title: "Rate against D (- -\nprivate, - · none)",
        share: 1,
        least: 195,
        draw: (width) => rates(point, values, data, width, pen),
      },
    ],
  });
})();
