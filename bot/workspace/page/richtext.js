// rich_text blocks and cells, and the CommonMark subset of markdown blocks.

import { h } from "./dom.js";
import { emoji, emojiNode } from "./emoji.js";
import { anchor, channelLink, dateNode, groupMention, mention } from "./mrkdwn.js";

function styled(node, style = {}) {
  const wrap = { code: "code", bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark" };
  return Object.entries(wrap).reduce((inner, [key, tag]) => (style[key] ? h(tag, {}, inner) : inner), node);
}

function part(one) {
  const make = {
    text: () => document.createTextNode(one.text),
    link: () => anchor(one.url, one.text || one.url),
    emoji: () => emojiNode(one.name),
    user: () => mention(one.user_id),
    usergroup: () => groupMention(one.usergroup_id),
    channel: () => channelLink(one.channel_id),
    broadcast: () => h("span", { class: "mention mention-all" }, `@${one.range}`),
    color: () => h("span", {}, one.value),
    team: () => h("span", {}, one.team_id),
    date: () => dateNode(one.timestamp, one.format, one.url, one.fallback),
  }[one.type];
  return make ? styled(make(), one.style) : null;
}

function element(one) {
  if (one.type === "rich_text_list") {
    const tag = one.style === "ordered" ? "ol" : "ul";
    const props = { class: `indent-${one.indent || 0}`, start: one.offset ? one.offset + 1 : undefined };
    return h(tag, props, one.elements.map((item) => h("li", {}, item.elements.map(part))));
  }
  if (one.type === "rich_text_preformatted") return h("pre", { class: "fence", tabindex: "0" }, one.elements.map(part));
  if (one.type === "rich_text_quote") return h("blockquote", {}, one.elements.map(part));
  return h("div", { class: "rich-section" }, one.elements.map(part));
}

export function richText(block) {
  return h("div", { class: "rich" }, block.elements.map(element));
}

// Headings, lists, quotes, fences, tables, bold, italic, code and links.
export function markdown(text) {
  const out = [];
  const lines = String(text).split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    const heading = line.match(/^(#{1,4})\s+(.*)$/);
    if (/^```/.test(line)) {
      const end = lines.findIndex((other, index) => index > at && /^```/.test(other));
      const stop = end < 0 ? lines.length : end;
      out.push(h("pre", { class: "fence", tabindex: "0" }, lines.slice(at + 1, stop).join("\n")));
      at = stop;
    } else if (heading) out.push(h(`h${heading[1].length + 2}`, { class: "md-heading" }, spans(heading[2])));
    else if (/^\s*[-*]\s+/.test(line) || /^\s*\d+\.\s+/.test(line)) {
      const ordered = /^\s*\d+\./.test(line);
      const items = [];
      const rule = ordered ? /^\s*\d+\.\s+/ : /^\s*[-*]\s+/;
      while (at < lines.length && rule.test(lines[at])) items.push(h("li", {}, spans(lines[at++].replace(rule, ""))));
      at -= 1;
      out.push(h(ordered ? "ol" : "ul", {}, items));
    } else if (/^>\s?/.test(line)) out.push(h("blockquote", {}, spans(line.replace(/^>\s?/, ""))));
    else if (/^\|.*\|$/.test(line) && /^\|[\s:|-]+\|$/.test(lines[at + 1] || "")) {
      const cells = (row) => row.slice(1, -1).split("|").map((cell) => cell.trim());
      const head = h("tr", {}, cells(line).map((cell) => h("th", { scope: "col" }, spans(cell))));
      const rows = [];
      for (at += 2; at < lines.length && /^\|.*\|$/.test(lines[at]); at += 1) rows.push(h("tr", {}, cells(lines[at]).map((cell) => h("td", {}, spans(cell)))));
      at -= 1;
      out.push(h("div", { class: "table-wrap", tabindex: "0" }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows))));
    } else if (line.trim()) out.push(h("p", {}, spans(line)));
  }
  return h("div", { class: "markdown" }, out);
}

function spans(text) {
  const pattern = /(\*\*.+?\*\*|`[^`]+`|\[[^\]]+\]\([^)\s]+\)|\*[^*\s][^*]*\*|_[^_\s][^_]*_|~~.+?~~)/;
  return text.split(pattern).map((piece) => {
    if (/^\*\*.+\*\*$/.test(piece)) return h("strong", {}, spans(piece.slice(2, -2)));
    if (/^~~.+~~$/.test(piece)) return h("s", {}, spans(piece.slice(2, -2)));
    if (/^`.+`$/.test(piece)) return h("code", {}, piece.slice(1, -1));
    const link = piece.match(/^\[([^\]]+)\]\(([^)\s]+)\)$/);
    if (link) return anchor(link[2], link[1]);
    if (/^(\*[^*]+\*|_[^_]+_)$/.test(piece)) return h("em", {}, piece.slice(1, -1));
    return emoji(piece);
  });
}
