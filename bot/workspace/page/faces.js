// Avatars: initials on a colour of the person's own; the app has its icon.

import { h } from "./dom.js";

const COLOURS = 8;

export function avatar(person, size = "") {
  if (!person) return h("span", { class: `avatar ${size} colour-0`, "aria-hidden": "true" }, "?");
  if (person.is_bot) return h("img", { class: `avatar ${size}`, src: "/page/icon.svg", alt: "" });
  const initials = person.real_name.replace(/\(.*\)/, "").trim().split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  const colour = [...person.id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, 7) % COLOURS;
  return h("span", { class: `avatar ${size} colour-${colour}`, "aria-hidden": "true" }, initials);
}
