// The ledger: what became of every sample that was read, and whether it adds up.

import { h, say, words } from "/assets/elements.js";
import { fetchJSON } from "/assets/shell.js";
import { clockText, deviceStates, lossReasons } from "/assets/words.js";

const number = (value) => value.toLocaleString("en-US");

/// The accounts of all destinations, fetched anew every few seconds.
export function ledger() {
  const verdict = h("p", { class: "verdict", role: "status" });
  const sum = h("p", { class: "sum" });
  const accounts = h("div", { class: "accounts" });
  const told = h("p", { class: "figures" });
  const section = h(
    "section", { class: "panel ledger", id: "ledger" }, h("h2", {}, words("账目：每个样本的去向", "ledger: where every sample went")),
    verdict, sum, accounts, told);
  const paint = (answer) => {
    section.dataset.balanced = answer.isBalanced;
    verdict.replaceChildren(...(answer.isBalanced
      ? ["✓ ", words("平账", "it balances")]
      : ["✕ ", words("不平", "it does not balance"), ...answer.discrepancies.map((text) => h("span", { class: "why" }, text))]));
    const lost = Object.entries(answer.lost).filter(([, count]) => count > 0);
    const why = lost.map(([reason, count]) => `${lossReasons[reason] ?? reason} ${reason} ${number(count)}`).join("，");
    sum.replaceChildren(
      ...figure("采得", "produced", answer.produced), h("span", {}, "="), ...figure("已存", "stored", answer.stored), h("span", {}, "+"),
      ...figure("丢失", "lost", lost.reduce((all, [, count]) => all + count, 0), why));
    accounts.replaceChildren(...answer.destinations.map(account));
    if (answer.destinations.length === 0) accounts.append(h("p", { class: "empty" }, words("没有去向", "no destinations")));
    say(told, `截至 as of ${clockText(answer.time)}`);
    section.dataset.old = false;
  };
  const load = () => fetchJSON("/api/ledger").then(paint).catch(() => {
    section.dataset.old = true;
    say(told, `${told.textContent.split(" ✕")[0]} ✕ 账目暂不可读 the ledger cannot be read now`);
  });
  load();
  setInterval(() => { if (!document.hidden) load(); }, 5000);
  return section;
}

function figure(chinese, english, value, why) {
  const look = why !== undefined && value > 0 ? "loss" : null;
  return [h("span", { class: "part", "data-look": look }, words(chinese, english), " ", h("b", {}, number(value)), why ? h("small", {}, ` (${why})`) : null)];
}

function account(to) {
  const dropped = [[to.refused, "对方拒收 refused"], [to.unreadable, "不可读 unreadable"]].filter(([count]) => count > 0);
  const part = (chinese, english, value, look, why) => h(
    "div", { class: "part", "data-look": value > 0 ? look : null }, h("dt", {}, words(chinese, english)),
    h("dd", {}, h("b", {}, number(value)), why ? h("small", {}, ` ${why}`) : null));
  return h(
    "article", { class: "account", "data-balanced": String(to.isBalanced) },
    h("h3", {}, to.name, " ", h("span", { class: "balance" }, to.isBalanced ? "✓ 平" : "✕ 不平 does not balance")),
    h(
      "dl", {}, part("采得", "produced", to.produced), part("已送达", "acknowledged", to.acknowledged), part("待送", "pending", to.pending),
      part("过期", "expired", to.expired, "loss"),
      part("丢弃", "dropped", to.dropped, "loss", dropped.map(([count, word]) => `${word} ${number(count)}`).join("，")),
      part("存前丢失", "lost before storing", to.lost, "loss")));
}

/// One line on how the polled devices answer: those that do not, by name.
export function deviceLine(gateway, titles) {
  const devices = gateway.devices ?? [];
  if (devices.length === 0) return null;
  const groups = ["good", "suspect", "down"].map((state) => [state, devices.filter((device) => device.state === state)]);
  const parts = groups.filter(([, members]) => members.length > 0).map(([state, members]) => {
    const [chinese, english, symbol] = deviceStates[state];
    const names = state === "good" ? "" : `：${members.slice(0, 6).map((device) => titles.get(device.name) ?? device.name).join("、")}${members.length > 6 ? " …" : ""}`;
    return h("span", { class: "device-state", "data-look": state }, `${symbol} ${chinese} `, h("small", {}, english), ` ${members.length}${names}`);
  });
  return h("p", { class: "device-line" }, ...parts);
}
