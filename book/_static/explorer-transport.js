/* Transport at a price of information, as cdot_lib.interactive.transport has it: Sinkhorn on logarithms. */
"use strict";

(() => {
  const POINTS = 40;
  const SWEEPS = 200;
  const EVEN = 1e-3;
  const GRID = Array.from({ length: POINTS }, (_, k) => k / (POINTS - 1));
  const COST = GRID.map((x) => GRID.map((y) => (x - y) ** 2));
  const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

  /** A Gaussian bump of mass one, also where its top lies outside the grid. */
  function bump(centre, spread) {
    const exponents = GRID.map((x) => -(((x - centre) / spread) ** 2) / 2);
    const top = Math.max(...exponents);
    const weights = exponents.map((e) => Math.exp(e - top));
    const mass = total(weights);
    return weights.map((weight) => weight / mass);
  }

  function laws({ centre_x, spread_x, centre_y, spread_y, gap_y }) {
    const [left, right] = [-1, 1].map((side) => bump(centre_y + (side * gap_y) / 2, spread_y));
    const two = left.map((mass, k) => (mass + right[k]) / 2);
    return [bump(centre_x, spread_x), two].map((law) => law.map((mass) => (1 - EVEN) * mass + EVEN / POINTS));
  }

  /** The logarithm of a sum of exponentials, none of which may overflow. */
  function logSum(exponents) {
    let top = -Infinity;
    for (let k = 0; k < POINTS; k += 1) if (exponents[k] > top) top = exponents[k];
    let sum = 0;
    for (let k = 0; k < POINTS; k += 1) sum += Math.exp(exponents[k] - top);
    return top + Math.log(sum);
  }

  /** The coupling of sorting: pairs of places and the mass between them. */
  function sorted(p, q) {
    const pairs = [];
    let [i, j, left, right] = [0, 0, p[0], q[0]];
    while (i < POINTS && j < POINTS) {
      const mass = Math.min(left, right);
      pairs.push({ i, j, mass });
      left -= mass;
      right -= mass;
      if (left <= right) left = p[(i += 1)];
      else right = q[(j += 1)];
    }
    return pairs;
  }

  function compute(values) {
    const price = values.regulariser;
    const [p, q] = laws(values);
    const [logP, logQ] = [p, q].map((law) => law.map(Math.log));
    const f = new Array(POINTS).fill(0);
    const g = new Array(POINTS).fill(0);
    const terms = new Float64Array(POINTS);
    const exponent = (i, j) => (f[i] + g[j] - COST[i][j]) / price + logP[i] + logQ[j];
    const residual = [];
    const setRows = () => {
      for (let i = 0; i < POINTS; i += 1) {
        for (let j = 0; j < POINTS; j += 1) terms[j] = (g[j] - COST[i][j]) / price + logQ[j];
        f[i] = -price * logSum(terms);
      }
    };
    setRows();
    let last = f;
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      for (let j = 0; j < POINTS; j += 1) {
        for (let i = 0; i < POINTS; i += 1) terms[i] = (f[i] - COST[i][j]) / price + logP[i];
        g[j] = -price * logSum(terms);
      }
      last = f.slice();
      setRows();
      // The factor by which a row is off is the one by which the next sweep rescales it.
      residual.push(total(p.map((mass, i) => mass * Math.abs(Math.expm1((last[i] - f[i]) / price)))) / 2);
    }
    // The plan after the last sweep has the rows of before.
    f.splice(0, POINTS, ...last);
    const joint = GRID.map((_, i) => GRID.map((_, j) => Math.exp(exponent(i, j))));
    const rows = joint.map(total);
    let [cost, nats, free] = [0, 0, 0];
    for (let i = 0; i < POINTS; i += 1) {
      for (let j = 0; j < POINTS; j += 1) {
        cost += joint[i][j] * COST[i][j];
        nats += joint[i][j] * (exponent(i, j) - logQ[j] - Math.log(rows[i]));
        free += p[i] * q[j] * COST[i][j];
      }
    }
    const pairs = sorted(p, q);
    const floor = total(pairs.map(({ i, j, mass }) => mass * COST[i][j]));
    return { p, q, joint, residual, cost, rate: nats / Math.LN2, floor, free, pairs };
  }

  function readout({ cost, rate, floor, free, residual }) {
    const [middle, low, high] = [cost, floor, free].map((number) => number.toFixed(5));
    return [
      `Cost ${middle}, between transport ${low} and independence ${high}.`,
      `Rate I(X;Y) = ${rate.toFixed(4)} bits.`,
      `After ${SWEEPS} sweeps ${(100 * residual.at(-1)).toFixed(4)} % of the mass is in the wrong row.`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  function coupling({ joint, pairs }, width, pen) {
    const pixel = 0.5 / (POINTS - 1);
    // Rows of the raster are y, from below; the root brings small masses out.
    const cells = GRID.flatMap((_, j) => GRID.map((_, i) => Math.sqrt(joint[i][j])));
    const dots = pairs.filter(({ mass }) => mass > 1e-4).map(({ i, j }) => ({ x: GRID[i], y: GRID[j] }));
    return pen.plot({
      width,
      height: Math.round(0.95 * width),
      marginLeft: 44,
      marginRight: 10,
      x: { domain: [-pixel, 1 + pixel], label: "x", ticks: 5 },
      y: { domain: [-pixel, 1 + pixel], label: "y", ticks: 5 },
      color: { scheme: "cividis" },
      marks: [
        Plot.raster(cells, {
          width: POINTS, height: POINTS, x1: -pixel, y1: -pixel, x2: 1 + pixel, y2: 1 + pixel, imageRendering: "pixelated",
        }),
        Plot.frame(),
        Plot.dot(dots, { x: "x", y: "y", r: 2.5, fill: "white", stroke: "black", strokeWidth: 1 }),
      ],
    });
  }

  function curves({ p, q }, width, pen) {
    const line = (law, name) => law.map((mass, k) => ({ place: GRID[k], mass, name }));
    const top = Math.max(...p, ...q);
    const peak = (law) => law.indexOf(Math.max(...law));
    const names = [
      { place: GRID[peak(p)], mass: Math.max(...p), name: "X" },
      { place: GRID[peak(q)], mass: Math.max(...q), name: "Y" },
    ];
    return pen.plot({
      width,
      height: 230,
      marginLeft: 48,
      marginTop: 26,
      x: { domain: [0, 1], label: "place", ticks: 5 },
      y: { domain: [0, 1.08 * top], label: "mass", ticks: 4 },
      marks: [
        Plot.ruleY([0]),
        Plot.line(line(p, "X"), { x: "place", y: "mass", stroke: pen.colors.blue, strokeWidth: 2.5 }),
        Plot.line(line(q, "Y"), { x: "place", y: "mass", stroke: pen.colors.vermillion, strokeWidth: 2.5, strokeDasharray: "7 4" }),
        Plot.text(names, { x: "place", y: "mass", text: "name", dy: -8, fill: "currentColor", fontSize: 14 }),
      ],
    });
  }

  function progress({ residual }, width, pen) {
    const least = 1e-16;
    const rows = residual.map((mass, k) => ({ sweep: k + 1, mass: Math.max(mass, least) }));
    return pen.plot({
      width,
      height: 230,
      marginLeft: 52,
      marginTop: 26,
      x: { domain: [0, SWEEPS], label: "sweep", ticks: 4 },
      y: { type: "log", domain: [least, 1], label: "mass in the wrong row", ticks: 5, tickFormat: (mass) => (mass === 1 ? "1" : mass.toExponential(0)) },
      marks: [Plot.frame(), Plot.line(rows, { x: "sweep", y: "mass", stroke: pen.colors.green, strokeWidth: 2.5 })],
    });
  }

  cdotExplorers.register("transport", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "Coupling of X and Y (dots: sorting)", share: 1.1, least: 240, draw: (width) => coupling(result, width, pen) },
      { title: "The two laws", share: 1, least: 210, draw: (width) => curves(result, width, pen) },
      { title: "Sinkhorn, sweep by sweep", share: 1, least: 210, draw: (width) => progress(result, width, pen) },
    ],
  });
})();
