// The recent past as a curve: gaps stay gaps, and what ran is drawn underneath.

import { h, s, say, words } from "/assets/elements.js";
import { fetchJSON } from "/assets/shell.js";
import { clockText, dayText, gapTitle, marks as markWords, pointTitle, unitText, valueText } from "/assets/words.js";

const left = 40, right = 10, top = 10, stripHeight = 12;
const hour = 3600e3;
/// What can be looked at, and how long the rows are: none for samples as they were read.
const choices = [[hour, "1 小时", null], [6 * hour, "6 小时", "1m"], [24 * hour, "24 小时", "1m"], [7 * 24 * hour, "7 天", "10m"]];
const lengths = { "1m": 60e3, "10m": 600e3 };

/// `curves` and `strips` are names of points; `strips` are truth values drawn as bars. `marks` are `{ value, word }`.
export function trend(present, { curves, strips = [], span = hour, marks = [], title, height = 190, titles = {} }) {
  const svg = s("svg", { class: "trend", role: "img" });
  const legend = h("p", { class: "legend" });
  const trouble = h("p", { class: "legend" });
  const spans = h("span", { class: "spans", role: "group", "aria-label": "时段 span" });
  const element = h("figure", { class: "trend-box" }, spans, h("figcaption", {}, title), svg, legend, trouble);
  const names = [...curves, ...strips];
  const rows = new Map(names.map((name) => [name, []]));
  const gaps = new Map(names.map((name) => [name, []]));
  const name = (full) => titles[full] ?? pointTitle(full.split("/")[2]);
  let [shown, , every] = choices.find(([length]) => length >= span) ?? choices[0];

  const load = async (full) => {
    const end = Math.floor(present.now), wanted = shown;
    const path = `/api/history?point=${full}&from=${end - shown}&to=${end}`;
    const answer = await fetchJSON(every ? `${path}&every=${every}` : `${path}&most=600`);
    if (wanted !== shown) return;
    const found = every ? answer.rows.filter((row) => row.good > 0).map(middle) : answer.rows.map(([time, value, quality]) => ({ time, value: quality === "good" ? value : null }));
    const newer = rows.get(full).filter((row) => row.isLive && row.time > (found.at(-1)?.time ?? 0));
    rows.set(full, [...found, ...newer]);
    // A gap that reaches to now ends with the next good reading.
    gaps.set(full, answer.gaps.map((gap) => ({ ...gap, isOpen: gap.to >= end - 1 })));
  };
  const middle = (row) => {
    const isSwitch = typeof row.last === "boolean";
    const time = Math.min(row.time + lengths[every] / 2, present.now);
    return { time, value: isSwitch ? row.last : row.mean, min: row.min, max: row.max, missing: row.missing };
  };
  const hear = (full) => {
    const state = present.state(full);
    if (state.age === null) return;
    const list = rows.get(full);
    const value = state.quality === "good" ? state.value : null;
    const time = state.quality === "good" ? state.time : present.now;
    if (list.at(-1)?.time >= time || (value === null && list.at(-1)?.value === null)) return;
    list.push({ time, value, isLive: true });
    for (const gap of gaps.get(full)) {
      if (gap.isOpen && value !== null && time >= gap.from) Object.assign(gap, { isOpen: false, to: Math.max(gap.to, time) });
    }
    while (list.length && list[0].time < present.now - shown) list.shift();
  };
  let drawn = 0;
  const draw = () => {
    if (!element.isConnected || performance.now() - drawn < 900) return;
    drawn = performance.now();
    const length = every ? lengths[every] : 0;
    paint(svg, { present, curves, strips, span: shown, marks, height, rows, gaps, name, length });
    svg.setAttribute("aria-label", curves.map((full) => `${name(full)} ${valueText(full.split("/")[2], present.state(full).value)}`).join(", "));
  };
  const loadAll = () => {
    say(trouble, "");
    for (const full of names) {
      load(full).then(() => { drawn = 0; draw(); }).catch(() => say(trouble, "历史暂不可读 history is not available"));
    }
  };
  for (const [length, words, step] of choices) {
    const button = h("button", { type: "button", "aria-pressed": String(length === shown) }, words);
    button.addEventListener("click", () => {
      [shown, every] = [length, step];
      for (const other of spans.children) other.setAttribute("aria-pressed", String(other === button));
      for (const full of names) { rows.set(full, []); gaps.set(full, []); }
      loadAll();
    });
    spans.append(button);
  }
  for (const full of names) present.watch([full], () => { hear(full); draw(); });
  loadAll();
  // Rows of minutes do not come by themselves.
  setInterval(() => { if (every && element.isConnected && !document.hidden) loadAll(); }, 60e3);
  if (curves.length > 1) {
    legend.append(...curves.flatMap((full, index) => [h("span", { class: `key key-${index}` }), name(full), "　"]));
  }
  return element;
}

function paint(svg, { present, curves, strips, span, marks, height, rows, gaps, name, length }) {
  const width = Math.max(240, Math.round(svg.parentNode.getBoundingClientRect().width) || 600);
  const total = height + strips.length * (stripHeight + 4) + 18;
  svg.setAttribute("viewBox", `0 0 ${width} ${total}`);
  svg.setAttribute("height", total);
  const end = present.now, start = end - span;
  const x = (time) => left + ((time - start) / span) * (width - left - right);
  const [low, high] = bounds(curves.flatMap((full) => rows.get(full)), marks, start);
  const y = (value) => top + (1 - (value - low) / (high - low)) * (height - top);
  const parts = [];
  for (const value of ticks(low, high)) {
    parts.push(s("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" }));
    parts.push(s("text", { x: left - 6, y: y(value) + 4, class: "tick", "text-anchor": "end" }, String(+value.toFixed(3))));
  }
  const between = span > 48 * hour ? 24 * hour : span > 4 * hour ? Math.max(hour, span / 6) : span / 4;
  for (let time = Math.ceil(start / between) * between; time <= end; time += between) {
    parts.push(s("line", { x1: x(time), x2: x(time), y1: top, y2: height, class: "grid" }));
    if (x(time) > width - 26) continue;
    parts.push(s("text", { x: x(time), y: total - 4, class: "tick", "text-anchor": "middle" }, span > 48 * hour ? dayText(time) : clockText(time).slice(0, 5)));
  }
  // Where the first curve's point was silent: a hole, and why where there is room for the words.
  for (const gap of gaps.get(curves[0])) {
    const from = x(Math.max(gap.from, start)), to = x(Math.min(gap.isOpen ? end : gap.to, end));
    if (to <= from) continue;
    const text = gapTitle(gap.why);
    parts.push(s("rect", { x: from, y: top, width: Math.max(1, to - from), height: height - top, class: "hole" }, s("title", {}, text)));
    if (to - from > text.length * 8) parts.push(s("text", { x: (from + to) / 2, y: height - 8, class: "hole-text", "text-anchor": "middle" }, text));
  }
  for (const mark of marks) {
    parts.push(s("line", { x1: left, x2: width - right, y1: y(mark.value), y2: y(mark.value), class: "mark" }));
    const [chinese, english] = markWords[mark.word] ?? [mark.word, ""];
    parts.push(s("text", { x: width - right - 2, y: y(mark.value) - 4, class: "mark-text", "text-anchor": "end" }, `${chinese} ${english} ${mark.value}`));
  }
  curves.forEach((full, index) => {
    const maximumAge = present.description(full)?.maximumAge ?? 10000;
    const far = Math.max(3 * maximumAge, span / 150, 3 * length);
    if (length) parts.push(s("path", { d: band(rows.get(full), x, y, start, far, gaps.get(full)), class: `band band-${index}` }));
    parts.push(s("path", { d: path(rows.get(full), x, y, start, far, gaps.get(full)), class: `curve curve-${index}` }));
  });
  const unit = unitText(present.description(curves[0])?.unit ?? "");
  parts.push(s("text", { x: 2, y: 10, class: "tick" }, unit));
  strips.forEach((full, index) => {
    const line = height + 6 + index * (stripHeight + 4);
    parts.push(s("rect", { x: left, y: line, width: width - left - right, height: stripHeight, class: "strip-off" }));
    parts.push(...runs(rows.get(full), start, end).map(([from, to]) =>
      s("rect", { x: x(from), y: line, width: Math.max(1, x(to) - x(from)), height: stripHeight, class: "strip-on" })));
    parts.push(s("text", { x: left - 6, y: line + 10, class: "tick", "text-anchor": "end" }, name(full)));
  });
  svg.replaceChildren(...parts);
}

function bounds(rows, marks, start) {
  const numbers = [...rows.filter((row) => row.time >= start && typeof row.value === "number").flatMap((row) => [row.value, row.min ?? row.value, row.max ?? row.value]), ...marks.map((mark) => mark.value)];
  if (numbers.length === 0) return [0, 1];
  const low = Math.min(...numbers), high = Math.max(...numbers);
  const room = Math.max((high - low) * 0.12, Math.abs(high) * 0.02, 0.05);
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

function ticks(low, high) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) values.push(value);
  return values;
}

/// Stretches of numbers that belong together: none goes over a gap.
function stretches(rows, start, far, gaps) {
  const found = [];
  let last = null;
  for (const row of rows) {
    if (row.time < start) continue;
    if (typeof row.value !== "number") { last = null; continue; }
    const isApart = last === null || row.time - last > far || gaps.some((gap) => !gap.isOpen && gap.from < row.time && gap.to > last);
    if (isApart) found.push([]);
    found.at(-1).push(row);
    last = row.time;
  }
  return found;
}

function path(rows, x, y, start, far, gaps) {
  const line = (row, index) => `${index === 0 ? "M" : "L"}${x(row.time).toFixed(1)} ${y(row.value).toFixed(1)}`;
  return stretches(rows, start, far, gaps).map((stretch) => stretch.map(line).join("")).join("");
}

/// From the least to the greatest of every row.
function band(rows, x, y, start, far, gaps) {
  const known = rows.filter((row) => typeof row.min === "number");
  return stretches(known, start, far, gaps).map((stretch) => {
    const upper = stretch.map((row) => `${x(row.time).toFixed(1)} ${y(row.max).toFixed(1)}`);
    const lower = stretch.toReversed().map((row) => `${x(row.time).toFixed(1)} ${y(row.min).toFixed(1)}`);
    return `M${[...upper, ...lower].join("L")}Z`;
  }).join("");
}

function runs(rows, start, end) {
  const found = [];
  let from = null;
  for (const row of rows) {
    const time = Math.max(row.time, start);
    if (row.value === true && from === null) from = time;
    if (row.value !== true && from !== null) { found.push([from, time]); from = null; }
  }
  if (from !== null) found.push([from, end]);
  return found;
}
