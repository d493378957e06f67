// What this page knows of the workspace, and how it asks for more.

export const store = {
  me: "", bot: "", team: "", people: new Map(), groups: new Map(), channels: new Map(),
  messages: new Map(), commands: [], shortcuts: [], views: [], home: null, violations: [],
  app: { name: "", about: {} }, skew: 0,
};

const listeners = new Set();
let source = null;

export function listen(listener) { listeners.add(listener); }
function tell(change) { for (const listener of listeners) listener(change); }

export function me() { return store.people.get(store.me); }
export function person(id) { return store.people.get(id); }
export function now() { return Date.now() / 1000 + store.skew; }

export function list(channel) { return store.messages.get(channel) || []; }

function put(item) {
  const found = list(item.channel).slice();
  const at = found.findIndex((one) => one.body.ts === item.body.ts && one.private === item.private);
  const fresh = at < 0;
  if (fresh) found.push(item); else found[at] = item;
  found.sort((a, b) => (a.body.ts < b.body.ts ? -1 : 1));
  store.messages.set(item.channel, found);
  return fresh;
}

let ticket = 0, whole = "";

// Fetch everything as `user` sees it: "new", "same" as before, "" where that failed, null where a
// later load has overtaken this one.
export async function load(user) {
  const mine = (ticket += 1);
  const response = await fetch(`/page/api/state?as=${encodeURIComponent(user)}`);
  if (!response.ok) return "";
  const state = await response.json();
  if (mine !== ticket) return null;
  const text = JSON.stringify({ ...state, now: 0 });
  if (text === whole) return "same";
  whole = text;
  Object.assign(store, {
    me: state.me, bot: state.bot, team: state.team, commands: state.commands,
    shortcuts: state.shortcuts, views: state.views, home: state.home, app: state.app,
    violations: state.violations, skew: state.now - Date.now() / 1000,
    people: new Map(state.people.map((one) => [one.id, one])),
    groups: new Map(state.groups.map((one) => [one.id, one])),
    channels: new Map(state.channels.map((one) => [one.id, one])),
    messages: new Map(),
  });
  for (const item of state.messages) put(item);
  return "new";
}

export function unfollow() {
  if (source) source.close();
  source = null;
}

export function follow(user) {
  unfollow();
  const mine = (source = new EventSource(`/page/api/live?as=${encodeURIComponent(user)}`));
  // Changes that come while the whole is fetched are kept back, or the older whole would undo them.
  let held = null;
  mine.addEventListener("ready", async () => {
    held = [];
    const loaded = await load(user);
    if (source !== mine) return;
    const waiting = held;
    held = null;
    tell({ type: loaded === "new" ? "all" : "back" });
    for (const change of waiting) take(change);
  });
  mine.onmessage = (event) => {
    const change = JSON.parse(event.data);
    if (held) held.push(change);
    else take(change);
  };
  mine.onerror = () => tell({ type: "lost" });
}

function take(change) {
  if (change.type === "message") change.fresh = put(change);
  if (change.type === "message_deleted") {
    const left = list(change.channel).filter((one) => one.body.ts !== change.body.ts);
    store.messages.set(change.channel, left);
  }
  whole = "";
  if (change.type === "channel") store.channels.set(change.channel.id, change.channel);
  if (change.type === "views") store.views = change.views;
  if (change.type === "home") store.home = change.home;
  if (change.type === "violation") store.violations.push(change);
  if (change.type === "clock") store.skew = change.now - Date.now() / 1000;
  tell(change);
}

export async function act(what, body = {}) {
  const response = await fetch("/page/api/act", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Workspace": "1" },
    body: JSON.stringify({ as: store.me, do: what, ...body }),
  });
  const answer = await response.json().catch(() => ({ error: "The workspace did not answer." }));
  if (answer.error) tell({ type: "notice", text: sentence(answer.error) });
  return answer;
}

export async function upload(channel, file, text, threadTs) {
  const form = new FormData();
  form.append("as", store.me);
  form.append("channel", channel);
  form.append("text", text);
  if (threadTs) form.append("thread_ts", threadTs);
  form.append("file", file);
  await fetch("/page/api/upload", { method: "POST", headers: { "X-Workspace": "1" }, body: form });
}

export function fileUrl(file, download = false) {
  return `/page/api/file/${file.id}?as=${store.me}${download ? "&download=1" : ""}`;
}

function sentence(text) { return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : "."); }
