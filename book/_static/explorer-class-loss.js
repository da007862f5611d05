/* What an output tells of its label, and what one reader makes of it: closed forms, the same as
   cdot_lib.interactive.class_loss; a test compares them. */
"use strict";

(() => {
  const TIE = 1e-12;
  const entr = (a) => (a > 0 ? -a * Math.log2(a) : 0);
  const entropy = (law) => d3.sum(law, entr);
  const column = (table, y) => table.map((row) => row[y]);

  /** Move the entries of a row `by` places on, the last ones to the front. */
  const roll = (row, by) => row.map((_, k) => row[(k - by + row.length) % row.length]);

  /** p(s, y) and q(s|y). */
  function tables({ labels, prior, noise, lean, outputs, trust }) {
    const count = Number(labels);
    const row = count === 2 ? [1 - noise, noise] : [1 - noise, noise * lean, noise * (1 - lean)];
    const moved = outputs === "further" ? 1 : 0;
    const places = d3.range(count);
    const joint = places.map((s) => roll(row, s + moved).map((w) => (s === 0 ? prior : (1 - prior) / (count - 1)) * w));
    const beliefs = places.map((s) => places.map((y) => (s === y ? trust : (1 - trust) / (count - 1))));
    return { count, places, joint, beliefs };
  }

  /** The most class loss that an error rate allows. */
  const fanoBits = (error, count) => entr(error) + entr(1 - error) + error * Math.log2(count - 1);

  /** The least error rate that a class loss allows: Fano, read backwards by halving. */
  function fanoError(bits, count) {
    let [low, high] = [0, 1 - 1 / count];
    if (bits >= fanoBits(high, count)) return high;
    for (let middle = high / 2; middle !== low && middle !== high; middle = (low + high) / 2) {
      if (fanoBits(middle, count) < bits) low = middle;
      else high = middle;
    }
    return high;
  }

  /** The largest least error rate at a class loss: straight lines between k equally likely labels. */
  function errorCeiling(bits, count) {
    for (let k = 1; k < count; k += 1) {
      const [left, right] = [Math.log2(k), Math.log2(k + 1)];
      if (bits <= right) return 1 - 1 / k + ((bits - left) / (right - left)) * (1 / k - 1 / (k + 1));
    }
    return 1 - 1 / count;
  }

  function compute(values) {
    const { count, places, joint, beliefs } = tables(values);
    const pY = places.map((y) => d3.sum(column(joint, y)));
    const cells = d3.cross(places, places);
    const total = (term) => d3.sum(cells, ([s, y]) => (joint[s][y] > 0 ? joint[s][y] * term(s, y) : 0));
    const posterior = (s, y) => joint[s][y] / pY[y];
    const loss = Math.min(Math.max(total((s, y) => -Math.log2(posterior(s, y))), 0), Math.log2(count));
    const paid = total((s, y) => -Math.log2(beliefs[s][y]));
    const excess = Math.max(total((s, y) => Math.log2(posterior(s, y) / beliefs[s][y])), 0);
    const right = (y) => {
      const most = d3.max(column(beliefs, y));
      const named = places.filter((s) => beliefs[s][y] >= most - TIE);
      return d3.sum(named, (s) => joint[s][y]) / named.length;
    };
    const unsure = d3.sum(places, (y) => pY[y] * entropy(column(beliefs, y)));
    const mean = places.map((s) => d3.sum(places, (y) => pY[y] * beliefs[s][y]));
    return {
      count,
      joint,
      beliefs,
      label: entropy(joint.map((row) => d3.sum(row))),
      loss,
      paid,
      excess,
      best: Math.max(1 - d3.sum(places, (y) => d3.max(column(joint, y))), 0),
      own: Math.max(1 - d3.sum(places, right), 0),
      fano: fanoError(loss, count),
      ceiling: errorCeiling(loss, count),
      unsure,
      score: Math.max(entropy(mean) - unsure, 0),
    };
  }

  function readout(found) {
    const say = (name) => found[name].toFixed(4);
    return [
      `Class loss H(S|Y) = ${say("loss")} bits, of H(S) = ${say("label")}. The reader pays ${say("paid")} bits, ${say("excess")} more than it must.`,
      `The best guess errs with probability ${say("best")}; from H(S|Y) alone: between ${say("fano")} and ${say("ceiling")}. The reader errs with ${say("own")}.`,
      `Label-free score ${say("score")} bits; mean entropy of the beliefs ${say("unsure")} bits.`,
    ];
  }

  /* ---------------------------------------------------------------- the picture */

  function table({ count, joint }, width, pen) {
    const places = d3.range(count);
    const cells = d3.cross(places, places).map(([s, y]) => ({ s, y, share: joint[s][y] }));
    return pen.plot({
      width,
      height: Math.min(width + 12, 250),
      marginLeft: 34,
      marginTop: 8,
      x: { domain: places, label: "y" },
      y: { domain: places, label: "s" },
      marks: [
        Plot.cell(cells, { x: "y", y: "s", fill: pen.colors.sky, fillOpacity: (d) => 0.8 * d.share, stroke: "currentColor", inset: 1 }),
        Plot.text(cells, { x: "y", y: "s", text: (d) => d.share.toFixed(3), fill: "currentColor", fontSize: 14 }),
      ],
    });
  }

  function bars(found, width, pen) {
    const rows = [
      ["H(S)", found.label, "purple"],
      ["H(S|Y)", found.loss, "blue"],
      ["cross entropy", found.paid, "orange"],
      ["mean entropy", found.unsure, "green"],
      ["score", found.score, "sky"],
    ].map(([name, bits, color]) => ({ name, bits, fill: pen.colors[color] }));
    return pen.plot({
      width,
      height: 240,
      marginLeft: 106,
      marginRight: 40,
      x: { domain: [0, Math.max(2, found.paid)], label: "bits", ticks: 3 },
      y: { domain: rows.map((d) => d.name), label: null, tickSize: 0 },
      marks: [
        Plot.barX(rows, { x: "bits", y: "name", fill: "fill", stroke: "currentColor" }),
        Plot.text(rows, { x: "bits", y: "name", text: (d) => d.bits.toFixed(2), dx: 5, textAnchor: "start", fill: "currentColor" }),
        Plot.ruleX([0]),
      ],
    });
  }

  function plane(found, width, pen) {
    const { count } = found;
    const most = Math.log2(count);
    const errors = d3.range(101).map((k) => (k / 100) * (1 - 1 / count));
    const floor = errors.map((error) => [fanoBits(error, count), error]);
    const corners = d3.range(1, count + 1).map((k) => [Math.log2(k), 1 - 1 / k]);
    const wedge = d3.range(101).map((k) => (k / 100) * most);
    const area = wedge.map((bits) => ({ bits, low: fanoError(bits, count), high: errorCeiling(bits, count) }));
    return pen.plot({
      width,
      height: 260,
      marginLeft: 40,
      x: { domain: [0, Math.max(2, 1.08 * found.paid)], label: "bits", ticks: 4 },
      y: { domain: [0, 1], label: "error rate", ticks: 4 },
      marks: [
        Plot.areaY(area, { x: "bits", y1: "low", y2: "high", fill: pen.colors.sky, fillOpacity: 0.25 }),
        Plot.line(floor, { stroke: pen.colors.blue, strokeWidth: 2 }),
        Plot.line(corners, { stroke: pen.colors.vermillion, strokeWidth: 2, strokeDasharray: "6 3" }),
        Plot.dot([found], { x: "loss", y: "best", r: 6, fill: "currentColor" }),
        Plot.dot([found], { x: "paid", y: "own", r: 7, symbol: "diamond", fill: pen.colors.orange, stroke: "currentColor" }),
      ],
    });
  }

  cdotExplorers.register("class-loss", {
    compute,
    readout,
    panels: (found, values, data, pen) => [
      { title: "P(S = s, Y = y)", share: 0.8, least: 160, draw: (width) => table(found, width, pen) },
      { title: "Bits", share: 1.1, least: 250, draw: (width) => bars(found, width, pen) },
      { title: "Best guess ● between Fano (line) and ceiling (dashed); reader ◆", share: 1.1, least: 230, draw: (width) => plane(found, width, pen) },
    ],
  });
})();
