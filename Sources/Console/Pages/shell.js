// What every page has: the head, the banner when the gateway is silent, the line of what is abnormal, the log.

import { alarmBar } from "/assets/alarmbar.js";
import { h, say, words } from "/assets/elements.js";
import { deviceLine, ledger } from "/assets/ledger.js";
import { tryRule } from "/assets/trial.js";
import { Present } from "/assets/present.js";
import { standing, symbols } from "/assets/reading.js";
import { causeTitle, clockText, kinds, pointTitle, setZone, spanText, timeText } from "/assets/words.js";

const trades = [["water", "排水", "Water"], ["agriculture", "农业", "Agriculture"], ["sanitation", "环卫", "Sanitation"], ["alarms", "报警", "Alarms"]];

/// Fetches what does not change, builds the page with `build(present, sites, status)`, and goes live.
export async function open(build) {
  const trade = document.body.dataset.trade;
  const { present, site } = await load();
  const sites = site.sites.filter((place) => place.trade === trade);
  const status = await fetchJSON("/api/status").catch(() => ({ rules: [] }));
  head(present, site, trade);
  const page = document.getElementById("page");
  page.replaceChildren(abnormalLine(present, sites));
  if (sites.length === 0) page.append(h("p", { class: "empty" }, words("本县没有这类站点。", "no site of this trade")));
  build(present, sites, status, page);
  page.append(h("div", { class: "papers" }, log(present, sites, trade), rules(present, status, trade)), ledger());
  present.start();
  // The device that a link from another page means was not there yet when the browser looked for it.
  if (location.hash) location.replace(location.hash);
}

/// The county's tree, and a present that is not live yet.
export async function load() {
  const site = await patiently(() => fetchJSON("/api/site"));
  setZone(site.zone);
  return { present: new Present(site), site };
}

export async function fetchJSON(path) {
  const answer = await fetch(path);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

async function patiently(ask) {
  for (;;) {
    try { return await ask(); } catch { document.body.dataset.live = "lost"; }
    await new Promise((done) => setTimeout(done, 3000));
  }
}

export function head(present, site, trade) {
  const state = h("span", { class: "live", role: "status" });
  const tabs = trades.map(([name, chinese, english]) =>
    h("a", { href: `/${name}`, "aria-current": name === trade ? "page" : null }, words(chinese, english)));
  document.getElementById("head").replaceChildren(
    h("strong", {}, site.county), h("nav", { "aria-label": "行业 trades" }, ...tabs), state, alarmBar(present));
  const lost = document.getElementById("lost");
  present.hear("live", (isLive) => {
    say(state, isLive ? `● 实时 live ${clockText(present.now)}` : "✕ 断开 lost");
    if (isLive) return;
    const since = present.lastHeardTime;
    const told = since ? `页面停在 ${timeText(since, present.now)}，${spanText(present.now - since)}前。` : "";
    say(lost, `✕ 与网关失去联系。${told}以下都是旧值，不可据此操作。Connection lost: everything below is old.`);
  });
}

/// One line that says whether anything on the page needs a person, device by device.
function abnormalLine(present, sites) {
  const element = h("section", { class: "abnormal-line", "aria-live": "polite", "aria-label": "异常 abnormal" });
  const devices = sites.flatMap((site) => site.devices.map((device) => ({ site, device })));
  const names = devices.flatMap(({ site, device }) => device.points.map((point) => `${site.name}/${device.name}/${point.name}`));
  let shown = "";
  const paint = () => {
    const found = devices.map(({ site, device }) => trouble(present, site, device)).filter(Boolean);
    const key = JSON.stringify(found);
    if (key === shown) return;
    shown = key;
    element.dataset.count = found.length;
    if (found.length === 0) {
      element.replaceChildren(h("span", { class: "calm" }, "✓ ", words("全部正常", `all ${devices.length} devices normal`)));
      return;
    }
    found.sort((one, other) => severity.indexOf(other.look) - severity.indexOf(one.look));
    const chips = found.slice(0, 8).map(({ look, symbol, title, text, id }) =>
      h("a", { href: `#${id}`, class: "chip", "data-look": look }, `${symbol} ${title}：${text}`));
    element.replaceChildren(
      h("strong", {}, words(`${found.length} 台异常`, `${found.length} of ${devices.length} abnormal`)), ...chips,
      ...(found.length > 8 ? [h("span", {}, `… 另 ${found.length - 8} 台`)] : []));
  };
  present.watch(names, paint);
  return element;
}

const severity = ["unread", "stale", "uncertain", "fault", "bad"];

/// What is most wrong with a device, in a few words; null if nothing is.
function trouble(present, site, device) {
  const id = `${site.name}/${device.name}`;
  let found = null;
  // What is derived is as good as what it is made of, and that is looked at itself.
  for (const point of device.points.filter((point) => !point.isDerived)) {
    const state = present.state(`${id}/${point.name}`);
    const { look, word } = standing(state);
    if (look === "good") {
      const isFault = (point.name === "fault" || point.name === "high-float") && state.value === true;
      if (isFault) found = { look: "fault", symbol: "▲", title: device.title, text: pointTitle(point.name), id };
      continue;
    }
    if (found && severity.indexOf(found.look) >= severity.indexOf(look)) continue;
    const why = look === "bad" || look === "uncertain" ? ` ${causeTitle(state.cause)}` : "";
    const which = look === "stale" || look === "unread" ? "" : `${pointTitle(point.name)} `;
    found = { look, symbol: symbols[look], title: device.title, text: `${which}${word}${why}`, id };
  }
  return found;
}

function log(present, sites, trade) {
  const list = h("ol", { class: "log" });
  const section = h("section", { class: "panel" }, h("h2", {}, words("日志：做了什么，为什么", "log: what was done, and why")), list);
  const starts = [...sites.map((site) => site.name), trade];
  const isOurs = (event) =>
    event.kind === "gateway" || [event.subject, event.origin].some((name) => starts.some((start) => name === start || name.startsWith(`${start}/`)));
  const line = (event) => {
    const [chinese, english, symbol] = kinds[event.kind] ?? [event.kind, "", "·"];
    return h(
      "li", { "data-kind": event.kind },
      h("time", { datetime: new Date(event.time).toISOString() }, timeText(event.time, present.now)),
      h("span", { class: "kind" }, symbol, " ", words(chinese, english)),
      h("span", { class: "text" }, event.text, " ", h("small", {}, `${event.subject} · ${event.origin}`)));
  };
  const load = async () => {
    const { events } = await fetchJSON("/api/events?limit=200");
    const ours = events.filter(isOurs).slice(0, 40);
    list.replaceChildren(...(ours.length ? ours.map(line) : [h("li", { class: "empty" }, words("还没有记录", "nothing yet"))]));
  };
  load().catch(() => list.replaceChildren(h("li", {}, words("日志暂不可读", "the log cannot be read now"))));
  present.hear("event", (event) => {
    if (!isOurs(event)) return;
    list.querySelector(".empty")?.remove();
    list.prepend(line(event));
    while (list.children.length > 40) list.lastChild.remove();
  });
  present.hear("missed", () => load().catch(() => {}));
  return section;
}

function rules(present, status, trade) {
  const list = h("dl", { class: "rules" });
  const paint = (answer) => {
    const ours = answer.rules.filter((rule) => rule.trade === trade);
    // Only what differs is drawn anew, so that a button keeps the focus.
    const shown = JSON.stringify(ours);
    if (list.dataset.shown === shown) return;
    list.dataset.shown = shown;
    list.replaceChildren(...ours.flatMap((rule) => [
      h("dt", {}, rule.name, " ", h("button", { type: "button", "data-try": rule.name }, "试算 ", h("small", { lang: "en" }, "try it"))),
      h("dd", {}, h("strong", {}, rule.state), h("br"), h("small", {}, rule.about))]));
    if (ours.length === 0) list.append(h("dd", {}, words("没有规则", "no rules")));
  };
  const figures = h("p", { class: "figures" });
  const states = h("div", {});
  const titles = new Map(present.site.sites.flatMap((site) => site.devices.map((device) => [`${site.name}/${device.name}`, device.title])));
  const county = (answer) => {
    const gateway = answer.gateway;
    if (!gateway) return;
    const receivers = gateway.destinations.map((to) =>
      `${to.name} 已送 ${to.acknowledged.toLocaleString("en-US")}，待送 ${to.pending.toLocaleString("en-US")}${to.failingSince ? `，✕ 中断 ${spanText(answer.time - to.failingSince)}` : ""}`);
    const trouble = gateway.storeTrouble && h("p", { class: "alert", role: "alert" },
      `✕ 存储写不进去已 ${spanText(answer.time - gateway.storeTrouble.since)}，读数暂存内存。The store takes no commits: ${gateway.storeTrouble.reason}`);
    states.replaceChildren(...[trouble, deviceLine(gateway, titles)].filter(Boolean));
    const traffic = gateway.traffic;
    const asked = traffic ? [`请求 requests ${traffic.requests.toLocaleString("en-US")}`, `错过 missed ${traffic.missedTicks.toLocaleString("en-US")}`, `报文 messages ${traffic.messages.toLocaleString("en-US")}`] : [];
    say(figures, [`已存 stored ${gateway.stored.toLocaleString("en-US")}`, `丢失 lost ${gateway.lost}`, ...asked, ...receivers].join(" · "));
  };
  list.addEventListener("click", (event) => {
    const rule = event.target.closest("[data-try]")?.dataset.try;
    if (rule) tryRule(rule);
  });
  paint(status);
  county(status);
  setInterval(() => fetchJSON("/api/status").then((answer) => { paint(answer); county(answer); }).catch(() => {}), 5000);
  return h(
    "section", { class: "panel" }, h("h2", {}, words("规则", "rules")), list, h("h2", {}, words("网关", "gateway")), states, figures);
}
