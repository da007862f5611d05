// What the explorers use of Observable Plot and D3, as two globals: a third less than all of both.
import { areaY, barX, cell, dot, frame, legend, line, link, plot, raster, rect, ruleX, ruleY, text } from "@observablehq/plot";
import { create, cross, max, range, sum, symbol, symbolCircle, symbolSquare } from "d3";

globalThis.Plot = { areaY, barX, cell, dot, frame, legend, line, link, plot, raster, rect, ruleX, ruleY, text };
globalThis.d3 = { create, cross, max, range, sum, symbol, symbolCircle, symbolSquare };
