// Selvedge's side: the same literals through the REST API, on workerd's D1.

import { serve } from "../e2e/support.mjs";

/** Rows of one insert. */
const CHUNK = 500;
const ROWS_MAX = 20_000;

export class Worker {
  static async start(schema, policies) {
    return new Worker(await serve({ schema, policies, seed: null, variables: { MAX_ROWS: ROWS_MAX } }));
  }

  constructor(server) {
    this.server = server;
    this.headers = { apikey: server.serviceRoleKey, "content-type": "application/json" };
    this.requests = 0;
  }

  async #ask(path, options = {}) {
    this.requests += 1;
    const answer = await fetch(`${this.server.url}/rest/v1/${path}`, {
      ...options,
      headers: { ...this.headers, ...options.headers },
    });
    return { status: answer.status, text: await answer.text() };
  }

  /** What becomes of each literal; those in `likely` are tried together first. */
  async insert(table, tokens, likely) {
    const outcomes = new Map();
    const rows = tokens.map((token, place) => ({ id: place + 1, token, isLikely: likely[place] }));
    const together = rows.filter((row) => row.isLikely);
    for (let at = 0; at < together.length; at += CHUNK) {
      await this.#insertOrHalve(table, together.slice(at, at + CHUNK), outcomes);
    }
    for (const row of rows.filter((row) => !row.isLikely)) await this.#insertOrHalve(table, [row], outcomes);
    return rows.map((row) => outcomes.get(row.id));
  }

  async #insertOrHalve(table, rows, outcomes) {
    const body = `[${rows.map((row) => `{"id":${row.id},"v":${row.token}}`).join(",")}]`;
    const headers = { prefer: "return=representation" };
    const { status, text } = await this.#ask(`v_${table}?select=id,v`, { method: "POST", body, headers });
    if (status === 201) {
      // Read by hand, since numbers are to be compared by their digits.
      for (const row of splitRows(text)) outcomes.set(row.id, { shown: row.shown });
    } else if (rows.length === 1) {
      const { code, message, hint } = JSON.parse(text);
      outcomes.set(rows[0].id, { state: code, message, hint });
    } else {
      const half = Math.ceil(rows.length / 2);
      await this.#insertOrHalve(table, rows.slice(0, half), outcomes);
      await this.#insertOrHalve(table, rows.slice(half), outcomes);
    }
  }

  /** A row without an id of the literals' own. */
  async insertOne(table, token) {
    const headers = { prefer: "return=representation" };
    const { text } = await this.#ask(`v_${table}?select=id,v`, { method: "POST", body: `{"v":${token}}`, headers });
    return splitRows(text)[0].shown;
  }

  /** A list of rows with an `id` and a `v`, by id; of any select. */
  async rows(table, select, filters = "") {
    const { text } = await this.#ask(`v_${table}?select=${select}&order=id${filters}`);
    return new Map(JSON.parse(text).map((row) => [row.id, row.v]));
  }

  /** The values as CSV, by id. */
  async csv(table) {
    const { text } = await this.#ask(`v_${table}?select=id,v&order=id`, { headers: { accept: "text/csv" } });
    const lines = text.split("\n").slice(1);
    return new Map(lines.map((line) => [Number(line.slice(0, line.indexOf(","))), line.slice(line.indexOf(",") + 1)]));
  }

  /** Aggregates, their numbers as they are written. */
  async aggregates(table, select) {
    const { text } = await this.#ask(`v_${table}?select=${select}`);
    return Object.fromEntries([...text.matchAll(/"(\w+)":(-?[\d.e+-]+|"[^"]*"|null)/g)].map(([, name, value]) => [name, value]));
  }

  async count(table, filters) {
    const { text } = await this.#ask(`v_${table}?select=id&${filters}`);
    return JSON.parse(text).length;
  }

  async remove(table, ids) {
    for (let at = 0; at < ids.length; at += 300) {
      await this.#ask(`v_${table}?id=in.(${ids.slice(at, at + 300).join(",")})`, { method: "DELETE" });
    }
  }

  async order(table) {
    const { text } = await this.#ask(`v_${table}?select=id&order=v,id`);
    return JSON.parse(text).map((row) => row.id);
  }

  async unique(table) {
    const { text: all } = await this.#ask(`v_${table}?select=id,v&order=id`);
    const rows = splitRows(all);
    const headers = { prefer: "return=representation,resolution=ignore-duplicates" };
    const ids = [];
    for (let at = 0; at < rows.length; at += CHUNK) {
      const body = `[${rows.slice(at, at + CHUNK).map((row) => `{"id":${row.id},"v":${row.shown}}`).join(",")}]`;
      const { text } = await this.#ask(`u_${table}?select=id&on_conflict=v`, { method: "POST", body, headers });
      ids.push(...JSON.parse(text).map((row) => row.id));
    }
    return ids;
  }

  async equal(table, literal) {
    const { status, text } = await this.#ask(`v_${table}?select=id&order=id&v=eq.${encodeURIComponent(literal)}`);
    return status === 200 ? JSON.parse(text).map((row) => row.id) : JSON.parse(text).code;
  }

  async stop() {
    await this.server.stop();
  }
}

/** The rows of a list of `{"id":1,"v":..}`, their values as the text that they are. */
function splitRows(text) {
  const rows = [];
  let [depth, inText, start] = [0, false, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inText) {
      if (character === "\\") at += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === "[" || character === "{") {
      depth += 1;
      if (depth === 2) start = at;
    } else if (character === "]" || character === "}") {
      if (depth === 2) {
        const [, id, shown] = /^\{"id":(\d+),"v":([^]*)$/.exec(text.slice(start, at));
        rows.push({ id: Number(id), shown });
      }
      depth -= 1;
    }
  }
  return rows;
}
