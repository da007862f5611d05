/* Trained codecs over rate: what was measured stands on the page (cdot_lib.interactive.rates). */
"use strict";

(() => {
  /** Of the curve of each kind of codec: colour, dashes, marker. */
  const LOOKS = [["blue", null, "circle"], ["vermillion", "7 5", "square"]];

  function summary(scores) {
    // Summed in order, as the library does, so that the last digit is the same.
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return { mean, least: Math.min(...scores), greatest: Math.max(...scores) };
  }

  function compute({ rate_bits: rate, which }, data) {
    const row = data.values[`${which}-${rate}`];
    if (!row) return { seeds: 0 };
    const scores = Object.fromEntries(data.metrics.map(([metric]) => [metric, summary(row[metric])]));
    return { seeds: row.accuracy.length, scores };
  }

  function readout({ seeds, scores }, { rate_bits: rate, which }, data) {
    if (!seeds) return [`At ${rate} bits no codec ${data.kinds[which]} was trained.`];
    const of = seeds === 1 ? "one seed" : `mean of ${seeds} seeds, and from the least to the greatest`;
    const lines = data.metrics.map(([metric, label, other, digits]) => {
      const { mean, least, greatest } = scores[metric];
      const spread = seeds > 1 ? ` (${least.toFixed(digits)} to ${greatest.toFixed(digits)})` : "";
      return `${label} ${mean.toFixed(digits)}${spread}; of the ${other} image itself ${data.levels[metric].toFixed(digits)}.`;
    });
    return [`${rate} bits, ${data.kinds[which]}: ${of}.`, ...lines];
  }

  /** The same test images, one row a source; on a narrow page in two halves, one below the other. */
  function images({ rate_bits: rate, which }, data, width) {
    const rows = [["X", "X-0"], [`${rate} bits`, `${which}-${rate}`], ["clean", "clean-0"]].filter(([, key]) => data.strips[key]);
    const halves = width < 560 ? 2 : 1;
    const { side } = data;
    const shown = data.columns / halves;
    const [left, gap] = [58, 10];
    const size = (width - left) / shown;
    const height = rows.length * size;
    const svg = d3.create("svg").attr("width", width).attr("height", halves * (height + gap));
    for (let half = 0; half < halves; half += 1) {
      rows.forEach(([label, key], k) => {
        const y = half * (height + gap) + k * size;
        const text = svg.append("text").attr("x", left - 8).attr("y", y + size / 2).attr("dy", "0.35em").attr("text-anchor", "end");
        text.attr("fill", "currentColor").attr("font-size", 13).text(label);
        const window = svg.append("svg").attr("x", left).attr("y", y).attr("width", width - left).attr("height", size);
        window.attr("viewBox", `${half * shown * side} 0 ${shown * side} ${side}`);
        const strip = window.append("image").attr("href", data.strips[key]).attr("width", data.columns * side).attr("height", side);
        strip.style("image-rendering", "pixelated");
      });
    }
    return svg.node();
  }

  function curve(which, metric, data) {
    return data.rates
      .filter((rate) => data.values[`${which}-${rate}`])
      .map((rate) => ({ rate, ...summary(data.values[`${which}-${rate}`][metric]) }));
  }

  function panel(metric, values, data, width, pen) {
    const marks = Object.keys(data.kinds).flatMap((which, k) => {
      const [color, dashes, symbol] = LOOKS[k];
      const points = curve(which, metric, data);
      const look = { x: "rate", stroke: pen.colors[color], strokeWidth: which === values.which ? 2.5 : 1.25 };
      return [
        Plot.line(points, { ...look, y: "mean", strokeDasharray: dashes }),
        Plot.ruleX(points, { ...look, y1: "least", y2: "greatest", marker: "none" }),
        Plot.dot(points, { ...look, y: "mean", symbol, r: 4, fill: pen.colors[color] }),
        Plot.dot(which === values.which ? points.filter(({ rate }) => rate === values.rate_bits) : [], {
          x: "rate", y: "mean", r: 9, stroke: "currentColor", strokeWidth: 2,
        }),
      ];
    });
    return pen.plot({
      width,
      height: 220,
      marginLeft: 48,
      marginRight: 12,
      x: { label: "rate (bits)", ticks: data.rates, tickFormat: (rate) => String(rate), inset: 10 },
      y: { label: null, grid: true, ticks: 5, inset: 8 },
      marks: [
        Plot.ruleY([data.levels[metric]], { stroke: "currentColor", strokeDasharray: "2 4" }),
        Plot.ruleX([values.rate_bits], { stroke: "currentColor", strokeOpacity: 0.5 }),
        ...marks,
      ],
    });
  }

  function legend(data, width, pen) {
    const kinds = Object.values(data.kinds);
    const each = Math.max(210, ...kinds.map((kind) => 56 + 7.5 * kind.length)); // a letter of 13 px takes 7.5 at most
    const beside = each * kinds.length <= width; // else one below the other
    const svg = d3.create("svg").attr("width", width).attr("height", beside ? 22 : 22 * kinds.length);
    kinds.forEach((kind, k) => {
      const [color, dashes, symbol] = LOOKS[k];
      const group = svg.append("g").attr("transform", beside ? `translate(${6 + k * each},11)` : `translate(6,${11 + 22 * k})`);
      const line = group.append("line").attr("x2", 34).attr("stroke", pen.colors[color]).attr("stroke-width", 2);
      if (dashes) line.attr("stroke-dasharray", dashes);
      const shape = symbol === "circle" ? d3.symbolCircle : d3.symbolSquare;
      group.append("path").attr("d", d3.symbol(shape, 60)()).attr("transform", "translate(17,0)").attr("fill", pen.colors[color]);
      group.append("text").attr("x", 42).attr("dy", "0.35em").attr("font-size", 13).attr("fill", "currentColor").text(kind);
    });
    return svg.node();
  }

  const ALONE = 1e6; // wider than any page: in a row of its own

  cdotExplorers.register("rates", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "The first test images", share: 1, least: ALONE, draw: (width) => images(values, data, width) },
      { title: "Over all rates (bars: over seeds)", share: 1, least: ALONE, draw: (width) => legend(data, width, pen) },
      ...data.metrics.map(([metric, label, other]) => ({
        title: `${label}\n(dotted: ${other === "clean" ? "clean" : "X"} itself)`,
        share: 1,
        least: 200,
        draw: (width) => panel(metric, values, data, width, pen),
      })),
    ],
  });
})();
