// The pages' words: Chinese first, the field's English term beside it.

const points = {
  level: "液位", outflow: "出流量", "high-float": "高位浮球", "low-float": "低位浮球", "rain-rate": "雨强",
  run: "启动指令", running: "运行反馈", fault: "故障", selector: "转换开关", current: "电流", "run-hours": "运行时数",
  starts: "启动次数", "voltage-a": "A 相电压", "voltage-b": "B 相电压", "voltage-c": "C 相电压", power: "功率", energy: "电量",
  frequency: "频率", "moisture-15": "土壤水分 15 cm", "moisture-40": "土壤水分 40 cm", temperature: "温度", valve: "阀门指令",
  "valve-open": "阀门反馈", flow: "流量", pressure: "压力", volume: "累计水量", "air-temperature": "气温", humidity: "湿度",
  "wind-speed": "风速", radiation: "辐射", "rain-total": "累计雨量", latitude: "纬度", longitude: "经度", speed: "车速",
  heading: "航向", ignition: "点火", load: "载重", fill: "满溢度", follows: "按指令运行", inflow: "进水量", "measured-flow": "实测泵流量", "energy-per-volume": "千方水电耗", drained: "排水总量", "drained-gaps": "排水量缺口", battery: "电池",
};
const units = {
  Cel: "°C", "m3/h": "m³/h", m3: "m³", "kW.h": "kW·h", "W/m2": "W/m²", deg: "°", "[degF]": "°F", "L/s": "L/s",
};
const causes = {
  "comm-failure": "通信失败", stale: "过期", "out-of-range": "超量程", "sensor-fault": "传感器故障",
  substituted: "人工替代", "clock-untrusted": "时钟不可信",
};
export const lossReasons = { "memory-full": "内存满", "unknown-point": "未知点" };
export const deviceStates = { good: ["良好", "good", "✓"], suspect: ["可疑", "suspect", "?"], down: ["失联", "down", "✕"] };
const gapReasons = {
  "device-silent": "设备无声", "gateway-not-running": "网关未运行", "no-records": "无记录", "not-good": "无好值",
};
const switches = {
  run: ["停", "启"], running: ["已停", "运行"], fault: ["无故障", "故障"], valve: ["关", "开"], "valve-open": ["已关", "已开"],
  "high-float": ["未浸", "浸水"], "low-float": ["露出", "浸水"], ignition: ["熄火", "点火"], follows: ["不符", "相符"],
};
const selector = { 0: "停用", 1: "手动", 2: "自动" };
const digits = {
  level: 3, outflow: 1, current: 1, "run-hours": 1, power: 2, energy: 1, frequency: 2, latitude: 5, longitude: 5, speed: 0,
  heading: 0, load: 0, fill: 0, battery: 2, humidity: 1, radiation: 0, pressure: 0, volume: 2, starts: 0, selector: 0,
  "moisture-15": 1, "moisture-40": 1, temperature: 1, "air-temperature": 1, "wind-speed": 1, "rain-rate": 1, "rain-total": 1,
  flow: 1, "voltage-a": 1, "voltage-b": 1, "voltage-c": 1,
};
export const kinds = {
  decision: ["决策", "decision", "◆"], command: ["命令", "command", "▶"], alarm: ["报警", "alarm", "▲"],
  link: ["链路", "link", "⇄"], gateway: ["网关", "gateway", "●"],
};
export const marks = { start: ["启泵", "start"], stop: ["停泵", "stop"], lag: ["增泵", "lag"], high: ["高限", "high"], low: ["低限", "low"] };

/// By ISA-18.2's letter: a shape, the word, and the field's English one.
export const alarmStates = {
  A: ["✓", "正常", "normal"], B: ["▲", "未确认", "unacknowledged"], C: ["△", "已确认", "acknowledged"],
  D: ["▽", "已恢复，未确认", "returned to normal, unacknowledged"], E: ["◆", "锁存，未确认", "latched, unacknowledged"],
  F: ["◇", "锁存，已确认", "latched, acknowledged"], G: ["⏲", "搁置", "shelved"], H: ["⊘", "按设计抑制", "suppressed by design"],
  I: ["⊗", "停用", "out of service"],
};
export const alarmPriorities = { highest: ["■■", "最高"], high: ["■", "高"], medium: ["◪", "中"], low: ["□", "低"] };

export const pointTitle = (point) => points[point] ?? point;
export const unitText = (unit) => units[unit] ?? unit;
export const gapTitle = (why) => `${gapReasons[why] ?? causes[why] ?? ""} ${why}`.trim();
export const causeTitle = (cause) => causes[cause] ?? cause ?? "";

/// A value as a person reads it: enough digits to see it move, no more.
export function valueText(point, value) {
  if (value === null || value === undefined) return "—";
  if (typeof value === "boolean") return (switches[point] ?? ["否", "是"])[value ? 1 : 0];
  if (typeof value === "string") return value;
  if (point === "selector" && selector[value]) return selector[value];
  const places = digits[point] ?? (Number.isInteger(value) ? 0 : 1);
  return value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places, useGrouping: Math.abs(value) >= 10000 });
}

/// A span in the largest unit that tells it.
export function spanText(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds} 秒`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} 分`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} 小时`;
  return `${Math.floor(seconds / 86400)} 天`;
}

let zone = "Asia/Shanghai";
let clock, day;
export function setZone(name) {
  try {
    const make = (options) => new Intl.DateTimeFormat("zh-CN", { timeZone: name, hourCycle: "h23", ...options });
    clock = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    day = make({ month: "2-digit", day: "2-digit" });
    zone = name;
  } catch {
    if (name !== "UTC") setZone("UTC");
  }
}
setZone(zone);

export const clockText = (time) => clock.format(time);
export const dayText = (time) => day.format(time);
/// The time, with the day where it is another one than now's.
export const timeText = (time, now) => (day.format(time) === day.format(now) ? "" : `${day.format(time)} `) + clock.format(time);
