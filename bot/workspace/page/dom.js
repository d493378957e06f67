// Build elements. Text is always a text node, so nothing a bot sends becomes markup.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(made.dataset, value);
    else if (key === "value" || key === "checked" || key === "disabled" || key === "hidden") made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  add(made, children);
  return made;
}

export function add(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

export function fill(parent, ...children) {
  parent.replaceChildren();
  return add(parent, children);
}

// Line icons, 20 by 20, drawn here so that no font is needed.
const PATHS = {
  hash: "M7 3 5 17M15 3l-2 14M3.5 7.5h14M2.5 12.5h14",
  lock: "M5.5 9V6.5a4.5 4.5 0 0 1 9 0V9M4.5 9h11v8h-11z",
  send: "M3 3.5 17.5 10 3 16.5 5 10zM5 10h6",
  plus: "M10 4v12M4 10h12",
  bolt: "M11 2 4 11.5h5L8.5 18 16 8.5h-5z",
  more: "M10 4.5v.01M10 10v.01M10 15.500v.01",
  reply: "M4 4h12v9H9l-4 3.500V13H4z",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 7.800a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400",
  close: "M5 5l10 10M15 5 5 15",
  sun: "M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1 1M14.700 14.700l1 1M15.700 4.300l-1 1M5.300 14.700l-1 1",
  moon: "M16 12.500A7 7 0 0 1 7.500 4 7 7 0 1 0 16 12.500z",
  down: "m5 8 5 5 5-5",
  check: "m4 10.500 4 4 8-9",
  file: "M5 2.500h6l4 4v11H5zM11 2.500v4h4",
  link: "M8.500 11.500a3 3 0 0 0 4.500.300l2.500-2.500a3 3 0 0 0-4.300-4.300l-1 1M11.500 8.500a3 3 0 0 0-4.500-.300L4.500 10.700a3 3 0 0 0 4.300 4.300l1-1",
  search: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M13 13l4 4",
  info: "M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15M10 9v5M10 6v.01",
  warn: "M10 3 2 17h16zM10 8v4M10 14.500v.01",
  error: "M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15M7.500 7.500l5 5M12.500 7.500l-5 5",
  success: "M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15M6.500 10.500l2.500 2.500 4.500-5.500",
  trash: "M4 6h12M8 6V3.500h4V6M5.500 6l1 11h7l1-11",
  shield: "M10 2.500 4 5v5c0 4 3 6.500 6 7.500 3-1 6-3.500 6-7.500V5z",
  menu: "M3 5.500h14M3 10h14M3 14.500h14",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

let count = 0;
export function uid(prefix) {
  count += 1;
  return `${prefix}-${count}`;
}
