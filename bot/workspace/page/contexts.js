// Where elements stand: in a message or in a view. Both keep what was chosen and report presses.

import { raw } from "./elements.js";
import { act } from "./store.js";

const KEYS = ["selected_option", "selected_options", "selected_user", "selected_users", "selected_conversation", "selected_conversations", "selected_channel", "selected_channels", "selected_date", "selected_time", "selected_date_time", "value", "files"];
const INITIAL = ["initial_option", "initial_options", "initial_user", "initial_users", "initial_conversation", "initial_conversations", "initial_channel", "initial_channels", "initial_date", "initial_time", "initial_date_time", "initial_value"];

function first(object, keys) {
  const key = keys.find((one) => object && object[one] !== undefined && object[one] !== null);
  return key ? object[key] : undefined;
}

const chosen = new Map();

export function messageContext(item, onpress) {
  const where = { channel: item.channel, ts: item.body.ts };
  const key = (block, one) => `${item.body.ts}/${block.block_id}/${one.action_id}`;
  return {
    kind: "message", key: item.body.ts.replace(".", "-"),
    get: (block, one) => (chosen.has(key(block, one)) ? chosen.get(key(block, one)) : first(one, INITIAL)),
    set: (block, one, value) => chosen.set(key(block, one), value),
    press: (block, one, value) => { onpress(); return act("press", { ...where, block_id: block.block_id, action_id: one.action_id, value }); },
    options: (block, one, query) => act("options", { ...where, block_id: block.block_id, action_id: one.action_id, query }),
  };
}

// What was typed into a view, kept over its updates where block id and action id stay.
export class Form {
  constructor(view) {
    this.view = view;
    this.typed = new Map();
    this.errors = {};
  }

  update(view) {
    const ids = new Set(view.blocks.flatMap((block) => elementsOf(block).map((one) => `${block.block_id}/${one.action_id}`)));
    for (const key of [...this.typed.keys()]) if (!ids.has(key)) this.typed.delete(key);
    if (view.hash !== this.view.hash) this.errors = {};
    this.view = view;
  }

  value(block, one) {
    const key = `${block.block_id}/${one.action_id}`;
    if (this.typed.has(key)) return this.typed.get(key);
    const state = ((this.view.state.values || {})[block.block_id] || {})[one.action_id];
    return first(state, KEYS);
  }

  values() {
    const found = {};
    for (const [key, value] of this.typed) {
      const [block, action] = [key.slice(0, key.lastIndexOf("/")), key.slice(key.lastIndexOf("/") + 1)];
      (found[block] = found[block] || {})[action] = value === undefined ? null : raw(value);
    }
    return found;
  }

  context(kind, submit) {
    const where = () => ({ view: this.view.id });
    return {
      kind, key: this.view.id, submit,
      get: (block, one) => this.value(block, one),
      set: (block, one, value) => { this.typed.set(`${block.block_id}/${one.action_id}`, value); delete this.errors[block.block_id]; },
      error: (block) => this.errors[block.block_id],
      press: (block, one, value) => act("press", { ...where(), block_id: block.block_id, action_id: one.action_id, value, values: this.values() }),
      options: (block, one, query) => act("options", { ...where(), block_id: block.block_id, action_id: one.action_id, query }),
    };
  }
}

function elementsOf(block) {
  return [block.element, block.accessory, ...(block.elements || [])].filter((one) => one && one.action_id);
}
