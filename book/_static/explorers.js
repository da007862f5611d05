/* Explorers: pictures with sliders that need no kernel and no network.

   An explorer-<script>.js registers three functions under its name; everything else is here. The values of the controls
   come from the JSON that cdot_lib.interactive.Explorer put on the page. Classic scripts and inline
   data, because a page opened from a disk can load neither modules nor files.

     cdotExplorers.register("name", {
       compute(values, data) -> result         pure; tests compare it with the library
       readout(result, values, data) -> [line] the same lines as the library's readout
       panels(result, values, data, pen) -> [{title, share, least, draw(width) -> Element}]
     });

   A panel gets its share of the width, unless that is less than `least` pixels: then it wraps. */
"use strict";

(() => {
  const definitions = new Map();
  const started = [];

  /* ---------------------------------------------------------------- what the panels draw with */

  /** Observable Plot with the book's style: text at reading size, in the colour of the page. */
  const plot = (options) =>
    Plot.plot({
      marginBottom: 42,
      ...options,
      height: options.height ?? Math.round(0.8 * options.width),
      style: { fontSize: "13px", background: "transparent", color: "currentColor", overflow: "visible", ...options.style },
    });

  let patterns = 0;
  /** A mark that fills the frame with hatching: what no code can reach. */
  const hatching = () => (index, scales, values, dimensions) => {
    const { marginLeft, marginTop, marginRight, marginBottom, width, height } = dimensions;
    const id = `cdot-hatching-${(patterns += 1)}`;
    const group = d3.create("svg:g");
    const pattern = group.append("pattern").attr("id", id).attr("patternUnits", "userSpaceOnUse");
    pattern.attr("width", 8).attr("height", 8).attr("patternTransform", "rotate(45)");
    pattern.append("line").attr("y2", 8).attr("stroke", "currentColor").attr("stroke-width", 1.5).attr("stroke-opacity", 0.55);
    const frame = group.append("rect").attr("x", marginLeft).attr("y", marginTop).attr("fill", `url(#${id})`);
    frame.attr("width", width - marginLeft - marginRight).attr("height", height - marginTop - marginBottom);
    return group.node();
  };

  const fixed = (number, digits = 4) => number.toFixed(digits);

  /* ---------------------------------------------------------------- controls */

  let ids = 0;

  /** The decimals that a value needs: those of the step, or more where the start lies between steps. */
  const shown = (control, value) => {
    const decimals = (String(control.step ?? 1).split(".")[1] ?? "").length;
    const text = Math.abs(Number(value.toFixed(decimals)) - value) < 1e-12 ? value.toFixed(decimals) : value.toFixed(4);
    return control.unit ? `${text} ${control.unit}` : text;
  };

  function range(control, onInput) {
    const input = document.createElement("input");
    const output = document.createElement("output");
    const stops = control.values;
    input.type = "range";
    [input.min, input.max, input.step] = stops ? [0, stops.length - 1, 1] : [control.minimum, control.maximum, control.step];
    const say = (value) => {
      output.value = shown(control, value);
      input.setAttribute("aria-valuetext", output.value);
    };
    input.addEventListener("input", () => {
      const value = stops ? stops[Number(input.value)] : Number(input.value);
      say(value);
      onInput(value);
    });
    return {
      input,
      output,
      set(value) {
        input.value = stops ? stops.indexOf(value) : value;
        say(value);
      },
    };
  }

  function list(control, onInput) {
    const input = document.createElement("select");
    for (const [value, words] of control.options) input.add(new Option(words, value));
    input.addEventListener("input", () => onInput(input.value));
    return { input, output: null, set: (value) => (input.value = value) };
  }

  function row(control, onInput) {
    const built = (control.kind === "choice" ? list : range)(control, onInput);
    const line = document.createElement("div");
    const label = document.createElement("label");
    built.input.id = `cdot-control-${(ids += 1)}`;
    built.input.name = control.name;
    label.htmlFor = built.input.id;
    label.textContent = control.label;
    line.className = `cdot-control cdot-control-${control.kind}`;
    line.append(label, built.input);
    if (built.output) {
      built.output.htmlFor = built.input.id;
      line.append(built.output);
    }
    return { line, set: built.set };
  }

  /* ---------------------------------------------------------------- one explorer */

  /** Put panels into rows: as many beside each other as have the width that they need. */
  function rows(panels, width, gap) {
    const found = [[]];
    for (const panel of panels) {
      const tried = [...found.at(-1), panel];
      const total = d3.sum(tried, (p) => p.share);
      const room = width - gap * (tried.length - 1);
      if (tried.length > 1 && tried.some((p) => (room * p.share) / total < p.least)) found.push([panel]);
      else found[found.length - 1] = tried;
    }
    return found;
  }

  function start(root) {
    const definition = definitions.get(root.dataset.script);
    const { title, controls, colors, data, stamp } = JSON.parse(root.querySelector("script").textContent);
    const values = Object.fromEntries(controls.map((control) => [control.name, control.value]));
    const pen = { plot, hatching, fixed, colors };
    const make = (tag, name) => Object.assign(document.createElement(tag), { className: name });
    const form = make("div", "cdot-controls");
    const picture = make("div", "cdot-picture");
    const words = make("div", "cdot-readout");
    form.setAttribute("role", "group");
    form.setAttribute("aria-label", title);
    picture.setAttribute("role", "img");
    words.setAttribute("aria-live", "polite");

    let width = 0;
    let settled = 0;

    function draw() {
      const result = definition.compute(values, data);
      const gap = 16;
      const lines = definition.readout(result, values, data);
      picture.replaceChildren(
        ...rows(definition.panels(result, values, data, pen), width, gap).map((panels) => {
          const line = make("div", "cdot-panels");
          const total = d3.sum(panels, (panel) => panel.share);
          const room = width - gap * (panels.length - 1);
          for (const panel of panels) {
            const box = make("div", "cdot-panel");
            const size = Math.floor((room * panel.share) / total);
            const head = make("p", "cdot-panel-title");
            head.textContent = panel.title;
            box.style.width = `${size}px`;
            box.append(head, panel.draw(size));
            line.append(box);
          }
          return line;
        }),
      );
      // One picture with one description: Plot's labels of its parts would not be read, and are not allowed here.
      for (const part of picture.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
      picture.setAttribute("aria-label", `${title}. ${lines.join(" ")}`);
      words.replaceChildren(...lines.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
    }

    function changed(name, value) {
      values[name] = value;
      // A screen reader waits until the slider rests, and does not read every number on the way.
      words.setAttribute("aria-busy", "true");
      clearTimeout(settled);
      settled = setTimeout(() => words.setAttribute("aria-busy", "false"), 400);
      draw();
    }

    const built = controls.map((control) => ({ control, ...row(control, (value) => changed(control.name, value)) }));
    const reset = () => {
      for (const { control, set } of built) {
        values[control.name] = control.value;
        set(control.value);
      }
    };
    const again = Object.assign(make("button", "cdot-again"), { type: "button", textContent: "Back to the start" });
    again.addEventListener("click", () => {
      reset();
      draw();
    });
    form.append(...built.map(({ line }) => line), again);
    reset();
    const parts = [form, words, picture];
    if (stamp) parts.push(Object.assign(make("p", "cdot-stamp"), { textContent: stamp }));
    root.querySelector(".cdot-explorer-start").replaceWith(...parts);
    const fit = () => {
      const room = Math.floor(picture.clientWidth);
      if (room === width || room === 0) return; // 0: folded away, and unfolding it calls again
      width = room;
      draw();
    };
    fit();
    new ResizeObserver(fit).observe(picture);
    started.push({ name: root.dataset.explorer, definition, data });
  }

  window.cdotExplorers = {
    register: (name, definition) => definitions.set(name, definition),

    /** The result at some values, from the data of the first explorer of that name on the page. */
    compute(name, values) {
      const { definition, data } = started.find((explorer) => explorer.name === name);
      return definition.compute(values, data);
    },

    /** The lines of text at some values. */
    readout(name, values) {
      const { definition, data } = started.find((explorer) => explorer.name === name);
      return definition.readout(definition.compute(values, data), values, data);
    },
  };

  // This script is deferred, and so are those of the explorers, which come after it.
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".cdot-explorer").forEach(start));
})();
