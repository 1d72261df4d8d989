// A rule tried on what is stored: what it would have done, when and why, and how that differs from what was done.

import { h, words } from "/assets/elements.js";
import { fetchJSON } from "/assets/shell.js";
import { clockText, dayText, spanText } from "/assets/words.js";

const spans = [["24h", "一天", "a day", 86_400_000], ["7d", "七天", "a week", 7 * 86_400_000]];
const most = 200;

/// Opens a sheet of its own over the page; it is gone once it is closed.
export function tryRule(rule) {
  const result = h("div", { class: "trial-result", role: "status" });
  const choices = spans.map(([key, chinese, english, span]) => {
    const button = h("button", { type: "button", "data-span": key }, words(chinese, english));
    button.addEventListener("click", () => run(rule, span, choices, result));
    return button;
  });
  const close = h("button", { type: "button", class: "close" }, words("关闭", "close"));
  const sheet = h(
    "dialog", { class: "trial" }, h("h2", {}, words("试算", "try on the past"), " ", h("code", {}, rule)),
    h("p", {}, words("只读取存下的数据，不会动任何设备。", "It reads what is stored and touches no device.")),
    h("p", { class: "choices" }, ...choices, close), result);
  close.addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
}

async function run(rule, span, choices, result) {
  for (const choice of choices) choice.disabled = true;
  result.replaceChildren(words("正在试算…", "trying"));
  try {
    const to = Date.now();
    paint(await fetchJSON(`/api/backtest?rule=${encodeURIComponent(rule)}&from=${to - span}&to=${to}`), result);
  } catch (error) {
    result.replaceChildren(h("p", { class: "alert" }, `✕ 试算失败 it could not be tried: ${error.message}`));
  }
  for (const choice of choices) choice.disabled = false;
}

function paint(report, result) {
  const cut = (list) => (list.length > most ? h("p", { class: "figures" }, `… 只列出前 ${most} 条，共 ${list.length} the first ${most} of ${list.length}`) : null);
  const rows = report.changes.slice(0, most).map((change) => h(
    "tr", {}, h("td", {}, time(change.time)), h("td", {}, change.point), h("td", {}, h("b", {}, change.want ?? "— 放手 lets go")), h("td", {}, change.why)));
  result.replaceChildren(...[
    h("p", { class: "figures" }, `样本 samples ${report.samples.toLocaleString("en-US")} · 变化 changes ${report.changes.length} · 决定相同 as they were ${report.same} · 当时没有 not made then ${report.onlyNow.length} · 不会再有 would not be made ${report.onlyThen.length}`),
    ...report.differences.map((difference) => h(
      "p", {}, `${difference.point}：`, difference.comparedSeconds > 0
        ? `与实际不同 apart from what was done ${spanText(difference.apartSeconds * 1000)} / ${spanText(difference.comparedSeconds * 1000)}`
        : "无可比较 nothing to compare")),
    h("h3", {}, words("它会做的", "what it would have done")),
    rows.length > 0
      ? h("table", {}, h("thead", {}, h("tr", {}, ...["时间 time", "点 point", "要 want", "原因 why"].map((text) => h("th", {}, text)))), h("tbody", {}, ...rows))
      : h("p", { class: "empty" }, words("什么也不做", "nothing")),
    cut(report.changes)].filter(Boolean));
}

const time = (text) => `${dayText(Date.parse(text))} ${clockText(Date.parse(text))}`;
