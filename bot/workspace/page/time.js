// Times, always in the zone of the person one acts as.

import { me, now } from "./store.js";

function format(epoch, options) {
  const person = me();
  const given = { timeZone: person ? person.tz : "UTC", ...options };
  return new Intl.DateTimeFormat(person ? person.locale : "en-US", given).format(new Date(epoch * 1000));
}

export const clock = (epoch) => format(epoch, { hour: "numeric", minute: "2-digit" });
export const full = (epoch) => format(epoch, { dateStyle: "full", timeStyle: "medium" });

export function dayKey(epoch) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: me().tz }).format(new Date(epoch * 1000));
}

function pretty(epoch, otherwise) {
  const days = (Date.parse(dayKey(epoch)) - Date.parse(dayKey(now()))) / 86400000;
  if (days === 0) return "today";
  if (days === -1) return "yesterday";
  if (days === 1) return "tomorrow";
  return format(epoch, otherwise);
}

export function day(epoch) {
  const text = pretty(epoch, { weekday: "long", month: "long", day: "numeric" });
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const SHORT = { month: "short", day: "numeric", year: "numeric" };
const LONG = { weekday: "long", month: "long", day: "numeric", year: "numeric" };
const PLAIN = { month: "long", day: "numeric", year: "numeric" };

const FORMATS = {
  date_num: (at) => dayKey(at),
  date: (at) => format(at, PLAIN),
  date_short: (at) => format(at, SHORT),
  date_long: (at) => format(at, LONG),
  date_pretty: (at) => pretty(at, PLAIN),
  date_short_pretty: (at) => pretty(at, SHORT),
  date_long_pretty: (at) => pretty(at, LONG),
  time: (at) => clock(at),
  time_secs: (at) => format(at, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (at) => ago(at),
};

export function ago(epoch) {
  const seconds = now() - epoch;
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const words = new Intl.RelativeTimeFormat(me() ? me().locale : "en-US", { numeric: "auto" });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return words.format(-Math.round(seconds / size), unit);
  }
  return "just now";
}

// `<!date^epoch^{date} at {time}^link|fallback>`; null where the format is not Slack's.
export function slackDate(epoch, pattern) {
  if (!Number.isFinite(epoch)) return null;
  let known = true;
  const text = pattern.replace(/\{(\w+)\}/g, (all, name) => {
    if (!FORMATS[name]) known = false;
    return FORMATS[name] ? FORMATS[name](epoch) : all;
  });
  return known ? text.charAt(0).toUpperCase() + text.slice(1) : null;
}
