// The present as the gateway tells it, and how far it may be believed: a value grows old here exactly as it does there, and
// when the gateway falls silent nothing on the page may look alive.

const SILENCE = 12000; // the gateway pulses every 5 s

export class Present {
  constructor(site) {
    this.site = site;
    this.states = new Map();
    this.limits = new Map();
    this.watchers = new Map();
    this.everything = new Set();
    this.hearers = { event: [], missed: [], live: [], alarms: [] };
    this.isLive = false;
    this.lastHeard = -Infinity;
    this.clockOffset = 0;
    for (const place of site.sites) {
      for (const device of place.devices) {
        for (const point of device.points) this.limits.set(`${place.name}/${device.name}/${point.name}`, point);
      }
    }
  }

  /// The gateway's wall clock.
  get now() { return Date.now() + this.clockOffset; }

  description(name) { return this.limits.get(name); }

  /// A point's state at this instant: `quality`, `cause`, `value`, `age` in ms, `time`, `lastGood`.
  state(name) {
    const held = this.states.get(name);
    const limit = this.limits.get(name);
    if (!held || held.quality === "unread") return { quality: "unread", value: null, unit: limit?.unit ?? "", age: null };
    const age = held.age + (performance.now() - held.arrived);
    const isOld = limit && age > limit.maximumAge && held.quality !== "bad";
    const isStale = isOld || held.cause === "stale";
    return { ...held, age, isStale, quality: isStale ? "uncertain" : held.quality, cause: isStale ? "stale" : held.cause };
  }

  /// Calls `paint` whenever one of the points changes, and every second since all of them age.
  watch(names, paint) {
    for (const name of names) {
      if (!this.watchers.has(name)) this.watchers.set(name, new Set());
      this.watchers.get(name).add(paint);
    }
    this.everything.add(paint);
    paint();
  }

  hear(kind, hearer) { this.hearers[kind].push(hearer); }

  start() {
    this.open();
    setInterval(() => this.tick(), 1000);
  }

  open() {
    this.stream?.close();
    const stream = new EventSource("/live");
    this.stream = stream;
    stream.addEventListener("points", (message) => this.take(JSON.parse(message.data)));
    stream.addEventListener("event", (message) => this.tell("event", JSON.parse(message.data)));
    stream.addEventListener("alarms", (message) => this.tell("alarms", JSON.parse(message.data)));
    stream.addEventListener("missed", () => this.tell("missed"));
    stream.addEventListener("pulse", (message) => this.heard(JSON.parse(message.data)));
    stream.onerror = () => this.setLive(false);
  }

  take(frame) {
    this.heard(frame);
    const paints = new Set();
    for (const state of frame.points) {
      this.states.set(state.point, { ...state, arrived: performance.now() });
      for (const paint of this.watchers.get(state.point) ?? []) paints.add(paint);
    }
    for (const paint of paints) paint();
  }

  heard(frame) {
    this.lastHeard = performance.now();
    this.lastHeardTime = frame.time;
    this.clockOffset = frame.time - Date.now();
    this.setLive(true);
  }

  tick() {
    const silence = performance.now() - this.lastHeard;
    if (silence > SILENCE) {
      this.setLive(false);
      // A connection may be dead without knowing it, or have been refused for good.
      if (this.stream.readyState === EventSource.CLOSED || (this.stream.readyState === EventSource.OPEN && silence > 2 * SILENCE)) {
        this.lastHeard = performance.now() - SILENCE;
        this.open();
      }
    }
    for (const paint of this.everything) paint();
    this.tell("live", this.isLive);
  }

  setLive(isLive) {
    if (this.isLive === isLive && document.body.dataset.live !== "joining") return;
    if (!isLive && document.body.dataset.live === "joining" && this.lastHeard === -Infinity) document.body.dataset.live = "lost";
    this.isLive = isLive;
    document.body.dataset.live = isLive ? "live" : "lost";
    this.tell("live", isLive);
  }

  tell(kind, news) {
    for (const hearer of this.hearers[kind]) hearer(news);
  }
}
