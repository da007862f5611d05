/* One bit: D over (R, C), as cdot_lib.theory.bernoulli has it; the names are the same there. */
"use strict";

(() => {
  const SLACK = 1e-12;
  const MAPS = ["identity", "zero", "one", "not"];
  const DECIDED_BY = {
    rate: "decided by the rate: more rate would buy agreement",
    class: "decided by the class bound: the label costs distortion",
    transport: "the optimal transport cost |p - q|: no bound is in the way",
  };

  const entr = (a) => (a > 0 ? -a * Math.log(a) : 0);
  const hB = (a) => (entr(a) + entr(1 - a)) / Math.LN2;
  const xor = (a, b) => a + b - 2 * a * b;
  const within = (a, low, high) => Math.min(Math.max(a, low), high);

  /** What depends on the coins alone. */
  function coins({ q_x: p, q_y: q, q_s1: s }) {
    return {
      p, q, s,
      hX: hB(p), hS: hB(s), hR: hB(xor(p, s)),
      tiltMax: Math.min(q / p, (1 - q) / (1 - p)),
      tiltMin: -Math.min(q / (1 - p), (1 - q) / p),
      turnoverMax: Math.min(1, Math.min(q, 1 - q) / Math.min(p, 1 - p)),
    };
  }

  /** H(S|Y) at a tilt. */
  function lossGivenY({ p, q, s }, tilt) {
    const lift = p * (1 - p) * tilt;
    const given1 = within(p + lift / q, 0, 1);
    const given0 = within(p - lift / (1 - q), 0, 1);
    return q * hB(xor(given1, s)) + (1 - q) * hB(xor(given0, s));
  }

  /** The tilt nearest 0, between 0 and `end`, at which H(S|Y) <= C; NaN if there is none. */
  function tiltOfLoss(coin, end, bound) {
    if (lossGivenY(coin, 0) <= bound) return 0;
    if (lossGivenY(coin, end) > bound) return NaN;
    let [outer, inner] = [end, 0];
    // H(S|Y) falls from 0 towards either end: halve until the two are neighbours among the floats.
    for (let middle = outer / 2; middle !== outer && middle !== inner; middle = (outer + inner) / 2) {
      if (lossGivenY(coin, middle) <= bound) outer = middle;
      else inner = middle;
    }
    return outer;
  }

  /** What the class bound asks for, whatever the rate. */
  function asked(coin, given, classBits) {
    const bound = classBits + SLACK;
    if (given === "y") return { agree: tiltOfLoss(coin, coin.tiltMax, bound), oppose: tiltOfLoss(coin, coin.tiltMin, bound) };
    const [gain, missing] = [coin.hR - coin.hS, coin.hR - bound];
    // A label of pure noise has gain 0, which makes it Infinity: no turnover is enough.
    return { least: missing <= 0 ? 0 : missing / gain };
  }

  /** The largest tilt at a turnover: all identity, until the marginal asks for "not". */
  function bestTilt({ p, q }, turnover) {
    const skew = Math.abs(1 - 2 * p);
    const room = 2 * (p <= 0.5 ? 1 - q : q) - turnover;
    return skew > 0 ? Math.min(turnover, room / skew) : turnover;
  }

  /** Turnover, tilt and what decides them; null where there is no code. */
  function codec(coin, given, rateBits, { least, agree, oppose }) {
    const { tiltMax, turnoverMax } = coin;
    const paid = Math.min(rateBits / coin.hX, 1);
    if (given === "yu") {
      const cap = Math.min(paid, turnoverMax);
      if (!(least <= cap + SLACK)) return null;
      const turnover = Math.min(Math.max(tiltMax, least), cap);
      const active = least > tiltMax + SLACK ? "class" : cap < tiltMax - SLACK ? "rate" : "transport";
      return { turnover, tilt: bestTilt(coin, turnover), active };
    }
    if (agree <= paid + SLACK) {
      const tilt = Math.min(paid, tiltMax);
      return { turnover: tilt, tilt, active: tilt < tiltMax - SLACK ? "rate" : "transport" };
    }
    if (!(-oppose <= paid + SLACK)) return null;
    const tilt = Math.max(oppose, -paid);
    return { turnover: -tilt, tilt, active: "class" };
  }

  const distortion = ({ p, q }, tilt) => Math.max(p + q - 2 * p * q - 2 * p * (1 - p) * tilt, 0);

  /** The least class loss that any codec has at a rate. */
  function leastClassBits(coin, given, rateBits) {
    const paid = Math.min(rateBits / coin.hX, 1);
    const turnover = Math.min(paid, coin.turnoverMax);
    if (given === "yu") return turnover * coin.hS + (1 - turnover) * coin.hR;
    return Math.min(lossGivenY(coin, Math.min(paid, coin.tiltMax)), lossGivenY(coin, Math.max(-paid, coin.tiltMin)));
  }

  function compute(values) {
    const { rate_bits: rateBits, class_bits: classBits, given } = values;
    const coin = coins(values);
    const best = codec(coin, given, rateBits, asked(coin, given, classBits));
    if (!best) {
      const [here, ever] = [rateBits, Infinity].map((bits) => leastClassBits(coin, given, bits));
      return { feasible: false, active: "infeasible", here, ever };
    }
    const { turnover, tilt, active } = best;
    const [identity, opposite] = [(turnover + tilt) / 2, (turnover - tilt) / 2];
    const one = coin.q - identity * coin.p - opposite * (1 - coin.p);
    const weights = [identity, 1 - turnover - one, one, opposite].map((weight) => Math.max(weight, 0));
    const [a, b, c, d] = weights;
    return {
      feasible: true,
      active,
      value: distortion(coin, tilt),
      weights,
      joint: [
        [(1 - coin.p) * (a + b), (1 - coin.p) * (c + d)],
        [coin.p * (b + d), coin.p * (a + c)],
      ],
      rate: turnover * coin.hX,
      known: turnover * coin.hS + (1 - turnover) * coin.hR,
      unknown: lossGivenY(coin, tilt),
    };
  }

  function readout(result, { given }) {
    const bits = (number) => `${number.toFixed(4)} bits`;
    if (!result.feasible) {
      const loss = given === "yu" ? "H(S|Y,U)" : "H(S|Y)";
      return [`Infeasible: no code meets both bounds. At this rate ${loss} is ${bits(result.here)} or more, at any rate ${bits(result.ever)} or more.`];
    }
    const weights = MAPS.map((name, k) => `${name} ${result.weights[k].toFixed(4)}`).join(", ");
    return [
      `D = ${result.value.toFixed(4)}, ${DECIDED_BY[result.active]}.`,
      `Weights: ${weights}.`,
      `Spent: rate ${bits(result.rate)}, H(S|Y,U) = ${bits(result.known)}, H(S|Y) = ${bits(result.unknown)}.`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  const POINTS = 81;
  let field = { key: "" };

  /** D on a grid over the unit square; kept, because R and C only move the mark. */
  function heat(values) {
    const key = [values.q_x, values.q_y, values.q_s1, values.given].join();
    if (field.key !== key) {
      const coin = coins(values);
      const axis = d3.range(POINTS).map((k) => k / (POINTS - 1));
      const cells = axis.flatMap((classBits) => {
        const terms = asked(coin, values.given, classBits);
        return axis.map((rateBits) => {
          const best = codec(coin, values.given, rateBits, terms);
          return best ? distortion(coin, best.tilt) : NaN;
        });
      });
      field = { key, cells, floor: Math.abs(coin.p - coin.q), top: d3.max(cells) };
    }
    return field;
  }

  function plane(values, width, pen) {
    const { cells, floor, top } = heat(values);
    const pixel = 0.5 / (POINTS - 1);
    const edges = { x1: -pixel, y1: -pixel, x2: 1 + pixel, y2: 1 + pixel };
    const color = { scheme: "cividis", domain: [floor, Math.max(top ?? floor, floor + 1e-9)] };
    const mark = [{ x: values.rate_bits, y: values.class_bits }];
    const chart = pen.plot({
      width,
      marginLeft: 46,
      marginRight: 10,
      x: { domain: [-pixel, 1 + pixel], label: "R (bits)", ticks: 5 },
      y: { domain: [-pixel, 1 + pixel], label: "C (bits)", ticks: 5 },
      color,
      marks: [
        pen.hatching(),
        Plot.raster(cells, { width: POINTS, height: POINTS, ...edges, imageRendering: "pixelated" }),
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

  function bars(result, width, pen) {
    const weights = MAPS.map((map, k) => ({ map, weight: result.feasible ? result.weights[k] : 0 }));
    const fills = ["blue", "sky", "orange", "vermillion"].map((name) => pen.colors[name]);
    return pen.plot({
      width,
      height: 200,
      marginLeft: 60,
      marginRight: 36,
      x: { domain: [0, 1], label: "weight", ticks: 3 },
      y: { domain: MAPS, label: null, tickSize: 0 },
      color: { domain: MAPS, range: fills },
      marks: [
        Plot.barX(weights, { x: "weight", y: "map", fill: "map", stroke: "currentColor" }),
        Plot.text(weights, {
          x: "weight", y: "map", text: (d) => (result.feasible ? d.weight.toFixed(2) : "–"), dx: 5, textAnchor: "start", fill: "currentColor",
        }),
        Plot.ruleX([0]),
      ],
    });
  }

  function table(result, width, pen) {
    const cells = [0, 1].flatMap((x) => [0, 1].map((y) => ({ x, y, share: result.feasible ? result.joint[x][y] : NaN })));
    return pen.plot({
      width,
      height: Math.min(width + 12, 230),
      marginLeft: 34,
      marginTop: 8,
      x: { domain: [0, 1], label: "y" },
      y: { domain: [0, 1], label: "x" },
      marks: [
        Plot.cell(cells, { x: "y", y: "x", fill: pen.colors.sky, fillOpacity: (d) => 0.6 * (d.share || 0), stroke: "currentColor", inset: 1 }),
        Plot.text(cells, { x: "y", y: "x", text: (d) => (result.feasible ? d.share.toFixed(3) : "–"), fill: "currentColor", fontSize: 14 }),
      ],
    });
  }

  cdotExplorers.register("bernoulli", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: `D(R, C) for ${values.given === "yu" ? "H(S|Y,U)" : "H(S|Y)"} ≤ C`, share: 1.25, least: 240, draw: (width) => plane(values, width, pen) },
      { title: "Weights of the maps", share: 1, least: 190, draw: (width) => bars(result, width, pen) },
      { title: "P(X = x, Y = y)", share: 0.85, least: 150, draw: (width) => table(result, width, pen) },
    ],
  });
})();
