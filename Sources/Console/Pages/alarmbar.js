// One line of alarms on every page: the most urgent that nobody has acknowledged, and how many stand how.

import { h, say } from "/assets/elements.js";
import { alarmPriorities, alarmStates, pointTitle, timeText } from "/assets/words.js";

export function alarmBar(present) {
  const text = h("span", { class: "first" });
  const counts = h("span", { class: "counts" });
  const bar = h("a", { id: "alarm-bar", href: "/alarms", role: "status", "aria-label": "报警 alarms" }, text, counts);
  const titles = new Map(present.site.sites.flatMap((site) => site.devices.map((device) => [`${site.name}/${device.name}`, device.title])));
  let line = null;
  const paint = () => {
    const first = present.isLive && line?.first;
    bar.dataset.look = !present.isLive || !line ? "unknown" : first ? "calling" : line.standing > 0 ? "standing" : "calm";
    bar.dataset.priority = first ? first.priority : "";
    if (!present.isLive || !line) {
      say(text, "? 报警状态未知 alarms unknown");
      say(counts, "");
      return;
    }
    if (first) {
      const [sign, chinese] = alarmPriorities[first.priority] ?? ["●", first.priority];
      const [site, device, point] = first.point.split("/");
      const where = [titles.get(`${site}/${device}`), pointTitle(point)].filter(Boolean).join(" ");
      say(text, `${sign} ${chinese} · ${first.about} ${where} · ${(alarmStates[first.state] ?? ["?", first.state])[1]}${first.since ? ` · ${timeText(first.since, present.now)}` : ""}`);
    } else {
      say(text, line.standing > 0 ? "△ 报警都已确认 all alarms acknowledged" : "✓ 无报警 no alarms");
    }
    const parts = [
      [line.unacknowledged, "未确认"], [line.standing, "存在"], [line.shelved, "搁置"], [line.suppressed, "抑制"], [line.outOfService, "停用"],
    ].filter(([count]) => count > 0).map(([count, word]) => `${word} ${count}`);
    say(counts, (line.isFlood ? "▲▲ 报警泛滥 flood · " : "") + parts.join(" · "));
  };
  present.hear("alarms", (news) => { line = news; paint(); });
  present.hear("live", paint);
  paint();
  return bar;
}
