// Emoji by name. Those that carry a severity are drawn, so that they look alike on every machine.


const SVG = "http://www.w3.org/2000/svg";

export const EMOJI = {
  heavy_check_mark: "✔️", question: "❓", exclamation: "❗", bell: "🔔", no_bell: "🔕", hourglass_flowing_sand: "⏳",
  hourglass: "⌛", mag: "🔍", gear: "⚙️", wrench: "🔧", memo: "📝", clipboard: "📋", calendar: "📅",
  chart_with_upwards_trend: "📈", bar_chart: "📊", rocket: "🚀", tada: "🎉", eyes: "👀", link: "🔗",
  lock: "🔒", unlock: "🔓", key: "🔑", arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️",
  arrow_down: "⬇️", arrows_counterclockwise: "🔄", repeat: "🔁", heavy_plus_sign: "➕",
  heavy_minus_sign: "➖", wastebasket: "🗑️", zzz: "💤", wave: "👋", thumbsup: "👍", "+1": "👍",
  thumbsdown: "👎", "-1": "👎", bulb: "💡", fire: "🔥", construction: "🚧", no_entry_sign: "🚫",
  desktop_computer: "🖥️", globe_with_meridians: "🌐", electric_plug: "🔌", package: "📦", clock3: "🕒",
  alarm_clock: "⏰", speech_balloon: "💬", pushpin: "📌", small_blue_diamond: "🔹", small_orange_diamond: "🔸",
  heavy_exclamation_mark: "❗", grey_question: "❔", stopwatch: "⏱️", busts_in_silhouette: "👥",
  bust_in_silhouette: "👤", hammer_and_wrench: "🛠️", satellite_antenna: "📡", twisted_rightwards_arrows: "🔀",
  leftwards_arrow_with_hook: "↩️", arrow_right_hook: "↪️", pencil2: "✏️", page_facing_up: "📄", house: "🏠",
  robot_face: "🤖", sos: "🆘", hand: "✋", raised_hand: "✋", art: "🎨",
};

const ROUND = "M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15z";
// name -> [glyph it stands for, [path, fill, stroke] ...]
const DRAWN = {
  white_check_mark: ["✅", ["M3 3h14v14H3z", "#2e9e5b"], ["m6 10 3 3 5-6", null, "#fff"]],
  x: ["❌", ["M4.500 4.500l11 11M15.500 4.500l-11 11", null, "#d63552"]],
  warning: ["⚠️", ["M10 2.500 1.500 17.500h17z", "#f0b429"], ["M10 8v4.500M10 15v.010", null, "#3b2a00"]],
  rotating_light: ["🚨", ["M5.500 14V9.500a4.500 4.500 0 0 1 9 0V14z", "#e0344f"], ["M4 17h12M10 1.500V3M3.500 4l1 1M16.500 4l-1 1", null, "#c2273f"]],
  information_source: ["ℹ️", ["M3 3h14v14H3z", "#2f7fd1"], ["M10 9v5M10 6v.010", null, "#fff"]],
  no_entry: ["⛔", [ROUND, "#d63552"], ["M6.500 10h7", null, "#fff"]],
  large_green_circle: ["🟢", [ROUND, "#2e9e5b"]], large_yellow_circle: ["🟡", [ROUND, "#f2c230"]],
  large_orange_circle: ["🟠", [ROUND, "#ee8a28"]], red_circle: ["🔴", [ROUND, "#d63552"]],
  large_blue_circle: ["🔵", [ROUND, "#2f7fd1"]], white_circle: ["⚪", [ROUND, "#e6e8ea"]], black_circle: ["⚫", [ROUND, "#3a3d42"]],
};
const BY_GLYPH = Object.fromEntries(Object.entries(DRAWN).flatMap(([name, [glyph]]) => [[glyph, name], [glyph.replace("\uFE0F", ""), name]]));

export function emojiNode(name) {
  const drawn = DRAWN[name];
  if (!drawn) return document.createTextNode(EMOJI[name] || `:${name}:`);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "emoji");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name.replace(/_/g, " "));
  for (const [path, fill, stroke] of drawn.slice(1)) {
    const one = document.createElementNS(SVG, "path");
    one.setAttribute("d", path);
    one.setAttribute("fill", fill || "none");
    if (stroke) one.setAttribute("stroke", stroke);
    svg.append(one);
  }
  return svg;
}

const PATTERN = new RegExp(`(:[a-z0-9_+-]+:|${Object.keys(BY_GLYPH).sort((a, b) => b.length - a.length).join("|")})`, "u");

// Text with its emoji as nodes.
export function emoji(text) {
  return String(text).split(PATTERN).filter(Boolean).map((piece) => {
    const name = BY_GLYPH[piece] || (/^:[a-z0-9_+-]+:$/.test(piece) ? piece.slice(1, -1) : null);
    return name && (DRAWN[name] || EMOJI[name]) ? emojiNode(name) : document.createTextNode(piece);
  });
}

// The same where only text can stand.
export function emojiText(text) {
  return String(text).replace(/:([a-z0-9_+-]+):/g, (all, name) => EMOJI[name] || (DRAWN[name] ? DRAWN[name][0] : all));
}
