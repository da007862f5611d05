/* Two decoders of one message, mixed pixel by pixel (cdot_lib.interactive.blend). */
"use strict";

(() => {
  function compute({ w }, data) {
    const [distortion, sliced, accuracy] = data.rows[data.stops.indexOf(w)];
    return { distortion, sliced, accuracy, predicted: predicted(w, data) };
  }

  /** The distortion if the blurred picture is the conditional mean. */
  function predicted(w, data) {
    return data.rows[0][0] + w * w * data.way;
  }

  function readout({ distortion, sliced, accuracy, predicted: told }, { w }) {
    return [
      `Y is ${1 - w} times the blurred picture and ${w} times the realistic one.`,
      `E|X-Y|² ${distortion.toFixed(4)} a pixel; from the ends one would predict ${told.toFixed(4)}.`,
      `Sliced W2 to clean images ${sliced.toFixed(4)}, accuracy ${accuracy.toFixed(4)}.`,
    ];
  }

  /** The realistic picture lies over the blurred one with opacity w: that is the mixture. */
  function images({ w }, data, width) {
    const rows = [["X", [["X", 1]]], [`w = ${w}`, [["blur", 1], ["realistic", w]]], ["clean", [["clean", 1]]]];
    const halves = width < 560 ? 2 : 1;
    const shown = data.columns / halves;
    const [left, gap] = [64, 10];
    const size = (width - left) / shown;
    const height = rows.length * size;
    const svg = d3.create("svg").attr("width", width).attr("height", halves * (height + gap));
    for (let half = 0; half < halves; half += 1) {
      rows.forEach(([label, layers], k) => {
        const y = half * (height + gap) + k * size;
        const text = svg.append("text").attr("x", left - 8).attr("y", y + size / 2).attr("dy", "0.35em").attr("text-anchor", "end");
        text.attr("fill", "currentColor").attr("font-size", 13).text(label);
        const window = svg.append("svg").attr("x", left).attr("y", y).attr("width", width - left).attr("height", size);
        window.attr("viewBox", `${half * shown * data.side} 0 ${shown * data.side} ${data.side}`);
        for (const [name, opacity] of layers) {
          const strip = window.append("image").attr("href", data.strips[name]).attr("opacity", opacity);
          strip.attr("width", data.columns * data.side).attr("height", data.side).style("image-rendering", "pixelated");
        }
      });
    }
    return svg.node();
  }

  function curve(index, { w }, data, width, pen) {
    const points = data.stops.map((stop, k) => ({ w: stop, value: data.rows[k][index], predicted: predicted(stop, data) }));
    const told = index === 0 ? [Plot.line(points, { x: "w", y: "predicted", stroke: pen.colors.vermillion, strokeDasharray: "7 5" })] : [];
    return pen.plot({
      width,
      height: 220,
      marginLeft: 56,
      marginRight: 12,
      x: { label: "w", ticks: 5, inset: 10 },
      y: { label: null, grid: true, ticks: 5, inset: 8 },
      marks: [
        Plot.ruleX([w], { stroke: "currentColor", strokeOpacity: 0.5 }),
        ...told,
        Plot.line(points, { x: "w", y: "value", stroke: pen.colors.blue, strokeWidth: 2 }),
        Plot.dot(points, { x: "w", y: "value", r: 4, fill: pen.colors.blue }),
        Plot.dot(points.filter((point) => point.w === w), { x: "w", y: "value", r: 9, stroke: "currentColor", strokeWidth: 2 }),
      ],
    });
  }

  const ALONE = 1e6; // wider than any page: in a row of its own

  cdotExplorers.register("blend", {
    compute,
    readout,
    panels: (result, values, data, pen) => [
      { title: "The first test images", share: 1, least: ALONE, draw: (width) => images(values, data, width) },
      { title: "E|X-Y|² a pixel (dashed: predicted)", share: 1, least: 260, draw: (width) => curve(0, values, data, width, pen) },
      { title: "Sliced W2 to clean images", share: 1, least: 260, draw: (width) => curve(1, values, data, width, pen) },
    ],
  });
})();
