// Slack's mrkdwn to nodes. Entities are undone last, in text nodes only.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { person, store } from "./store.js";
import { full, slackDate } from "./time.js";

export function unescape(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

function plainText(text) { return emoji(unescape(text)); }

// A block of mrkdwn: fences, quotes, then lines.
export function mrkdwn(text) {
  const out = [];
  String(text).split(/```/).forEach((part, index, parts) => {
    const fenced = index % 2 === 1 && index < parts.length - 1;
    if (fenced) out.push(h("pre", { class: "fence", tabindex: "0" }, code(part.replace(/^\n/, ""))));
    else if (index % 2 === 1) out.push(...lines("```" + part));
    else if (part) out.push(...lines(index > 0 ? part.replace(/^\n/, "") : part));
  });
  return out;
}

// Inside code only tokens are shown by their text; nothing is styled.
function code(text) {
  return text.split(/(<[^<>\n]+>)/).map((piece) => (/^<[^<>\n]+>$/.test(piece) ? token(piece.slice(1, -1)) : unescape(piece)));
}

function lines(text) {
  const out = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = line.match(/^(?:&gt;|>)\s?(.*)$/);
    if (quoted) {
      if (!quote) out.push((quote = h("blockquote", {})));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1]));
      return;
    }
    if (index > 0 && !quote) out.push(h("br"));
    quote = null;
    out.push(...inline(line));
  });
  return out;
}

const STYLES = { "*": "strong", _: "em", "~": "s" };

export function inline(text) {
  const out = [];
  let plain = "";
  const flush = () => { if (plain) out.push(...plainText(plain)); plain = ""; };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === "<") {
      const end = text.indexOf(">", at);
      if (end > at) {
        flush();
        out.push(token(text.slice(at + 1, end)));
        at = end;
        continue;
      }
    }
    if (char === "`") {
      const end = text.indexOf("`", at + 1);
      if (end > at + 1) {
        flush();
        out.push(h("code", {}, code(text.slice(at + 1, end))));
        at = end;
        continue;
      }
    }
    if (STYLES[char] && !/\w/.test(text[at - 1] || "") && /\S/.test(text[at + 1] || "") && text[at + 1] !== char) {
      const end = closing(text, at, char);
      if (end > 0) {
        flush();
        out.push(h(STYLES[char], {}, inline(text.slice(at + 1, end))));
        at = end;
        continue;
      }
    }
    plain += char;
  }
  flush();
  return out;
}

function closing(text, start, char) {
  let depth = false;
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "<") depth = true;
    else if (text[at] === ">") depth = false;
    else if (!depth && text[at] === "`") {
      const end = text.indexOf("`", at + 1);
      if (end > 0) at = end;
    } else if (!depth && text[at] === char && /\S/.test(text[at - 1]) && !/\w/.test(text[at + 1] || "")) return at;
  }
  return -1;
}

function token(inner) {
  const [target, label] = split(inner, "|");
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelLink(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label);
  return anchor(unescape(target), label ? unescape(label) : undefined);
}

function split(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

export function mention(id) {
  const found = person(id);
  const mine = id === store.me ? " mention-me" : "";
  return h("span", { class: `mention${mine}`, title: found ? found.real_name : id }, `@${found ? found.name : id}`);
}

export function groupMention(id, label) {
  const found = store.groups.get(id);
  return h("span", { class: "mention" }, found ? `@${found.handle}` : label || `@${id}`);
}

export function channelLink(id, label) {
  const found = store.channels.get(id);
  if (!found) return h("span", { class: "mention" }, label ? `#${unescape(label)}` : "#private-channel");
  return h("a", { class: "mention", href: `#/${store.people.get(store.me).name}/${found.name}` }, `#${found.name}`);
}

function special(target, label) {
  if (target.startsWith("subteam^")) return groupMention(target.split("^")[1], label);
  if (target.startsWith("date^")) {
    const [, epoch, pattern, link] = target.split("^");
    return dateNode(Number(epoch), unescape(pattern || ""), link, unescape(label));
  }
  return h("span", { class: "mention mention-all" }, `@${label || target}`);
}

export function dateNode(epoch, pattern, link, fallback) {
  const text = slackDate(epoch, pattern);
  const made = h("time", text ? { title: full(epoch), datetime: new Date(epoch * 1000).toISOString() } : {}, text || fallback);
  return link ? anchor(unescape(link), made) : made;
}

export function anchor(target, label) {
  if (!/^(https?:|mailto:)/i.test(target)) return h("span", {}, label || target);
  return h("a", { href: target, target: "_blank", rel: "noreferrer noopener" }, label || target);
}
