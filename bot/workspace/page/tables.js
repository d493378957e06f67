// table and data_table blocks; the latter sorts, filters and pages, as in Slack's client.

import { fill, h, icon } from "./dom.js";
import { richText } from "./richtext.js";

const LONG = 40; // characters that are given some room before anything wraps

function cellText(cell) {
  if (cell.type === "raw_number") return String(cell.text ?? cell.value);
  if (cell.type === "raw_text") return cell.text;
  return richText(cell).textContent;
}

function cellNode(tag, cell, settings, scope) {
  const classes = [settings && settings.align && settings.align !== "left" ? `align-${settings.align}` : "", cell.type === "raw_number" ? "align-right" : "", settings && settings.is_wrapped ? "wrapped" : "", cellText(cell).length > LONG ? "long" : ""];
  return h(tag, { class: classes.filter(Boolean).join(" ") || undefined, scope }, cell.type === "rich_text" ? richText(cell) : cellText(cell));
}

export function table(block) {
  const settings = block.column_settings || [];
  const [head, ...rows] = block.rows;
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((cell, at) => cellNode("th", cell, settings[at], "col")))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, at) => cellNode("td", cell, settings[at])))))));
}

export function dataTable(block) {
  const [head, ...rows] = block.rows;
  const size = block.page_size || 5;
  const rowHead = block.row_header_column_index || 0;
  let page = 0, sort = -1, down = false, query = "";
  const body = h("tbody", {});
  const heads = h("tr", {});
  const foot = h("div", { class: "table-foot" });
  const filter = h("input", { type: "search", class: "field slim", placeholder: "Filter rows", "aria-label": `Filter ${block.caption}`, oninput: (event) => { query = event.target.value.toLowerCase(); page = 0; paint(); } });

  function value(row) { return row[sort].type === "raw_number" ? row[sort].value : cellText(row[sort]).toLowerCase(); }

  function paint() {
    let found = rows.filter((row) => !query || row.some((cell) => cellText(cell).toLowerCase().includes(query)));
    if (sort >= 0) found = [...found].sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (down ? -1 : 1));
    const pages = Math.max(1, Math.ceil(found.length / size));
    page = Math.min(page, pages - 1);
    fill(heads, head.map((cell, at) => h("th", { scope: "col", "aria-sort": sort === at ? (down ? "descending" : "ascending") : "none" },
      h("button", { type: "button", class: "sorter", onclick: () => { down = sort === at && !down; sort = at; paint(); heads.querySelectorAll("button")[at].focus(); } }, cellText(cell), sort === at ? (down ? " ↓" : " ↑") : ""))));
    fill(body, found.slice(page * size, page * size + size).map((row) => h("tr", {}, row.map((cell, at) => cellNode(at === rowHead ? "th" : "td", cell, null, at === rowHead ? "row" : undefined)))));
    const turn = (by, name, off) => h("button", { type: "button", class: "btn slim", disabled: off, onclick: () => { page += by; paint(); } }, name);
    fill(foot, h("span", { role: "status" }, found.length ? `${page * size + 1}–${Math.min(found.length, page * size + size)} of ${found.length}` : "No rows"),
      pages > 1 ? [turn(-1, "Previous", page === 0), turn(1, "Next", page === pages - 1)] : null);
  }
  paint();
  return h("div", { class: "data-table" }, h("div", { class: "table-top" }, h("strong", {}, block.caption), rows.length > size ? h("span", { class: "row" }, icon("search"), filter) : null),
    h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": block.caption }, h("table", {}, h("thead", {}, heads), body)), foot);
}

// Charts are shown by their numbers.
export function chart(block) {
  const series = block.chart.series || [{ name: "", data: block.chart.segments || [] }];
  const labels = [...new Set(series.flatMap((one) => one.data.map((point) => point.label)))];
  return h("div", { class: "table-wrap", tabindex: "0" }, h("table", {}, h("caption", {}, block.title),
    h("thead", {}, h("tr", {}, h("th", {}, ""), series.map((one) => h("th", { scope: "col" }, one.name)))),
    h("tbody", {}, labels.map((name) => h("tr", {}, h("th", { scope: "row" }, name), series.map((one) => h("td", { class: "align-right" }, String((one.data.find((point) => point.label === name) || { value: "" }).value))))))));
}
