// The few things that are cheaper said in JavaScript than call by call from Wasm. Nothing is decided here.

// Method, URL, then names and values of the headers, one a line: none of them can hold a line break.
export function head(request) {
  const lines = [request.method, request.url];
  for (const [name, value] of request.headers) lines.push(name, value);
  return lines.join("\n");
}

// Counts while it reads, since a Content-Length is only a claim. More than the limit is null. A client that is still
// sending would not see the answer, so what follows is thrown away for a while, and then no longer read.
export async function body(request, limit) {
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size <= limit) {
      chunks.push(value);
      continue;
    }
    chunks.length = 0;
    if (size > 16 * limit) {
      reader.cancel().catch(() => {});
      break;
    }
  }
  if (size > limit) return null;
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

// Names and values of the headers, one a line, as in `head`.
export function respond(status, lines, content) {
  const parts = lines.split("\n");
  const headers = new Headers();
  for (let index = 0; index + 1 < parts.length; index += 2) headers.append(parts[index], parts[index + 1]);
  return new Response(content, { status, headers });
}

// The rows' texts never enter Wasm.
export function json(rows, asArray) {
  return asArray ? `[${rows.map(({ row }) => row ?? "null").join(",")}]` : (rows[0]?.row ?? "null");
}

export const lines = (head, rows) => [head, ...rows.map(({ row }) => row ?? "")].join("\n");

// What `explain query plan` answers is not made by our SQL, so such a row is a text of its columns.
export function text(rows, index) {
  const row = rows[index];
  return row?.detail === undefined ? row?.row : JSON.stringify([row.id, row.parent, row.detail]);
}

// A string is matched as a whole, so nothing within one is taken for a member. SQLite writes no spaces.
const MEMBERS_OF_NULL = /"[^"\\]*(?:\\.[^"\\]*)*"(:null(?=[,}]),?)?/g;
const DANGLING_COMMAS = /"[^"\\]*(?:\\.[^"\\]*)*"|,(?=})/g;

export function stripNulls(rows) {
  for (const row of rows) {
    if (!row.row?.includes(":null")) continue;
    const members = row.row.replace(MEMBERS_OF_NULL, (member, isNull) => (isNull === undefined ? member : ""));
    row.row = members.replace(DANGLING_COMMAS, (part) => (part === "," ? "" : part));
  }
}

// HalfSipHash-1-3 (Aumasson and Bernstein), keyed with 128 bits, over two UTF-16 units at a time; its whole state is
// the name. Each text is followed by its length, so that no two lists of texts are the same to it.
export function fingerprint(rows, context, a, b, c, d) {
  let v0 = a;
  let v1 = b;
  let v2 = c ^ 0x6c796765;
  let v3 = d ^ 0x74656462;
  const mix = () => {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  };
  const take = (word) => {
    v3 ^= word;
    mix();
    v0 ^= word;
  };
  const takeText = (text) => {
    const { length } = text;
    for (let index = 0; index + 1 < length; index += 2) {
      take(text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
    }
    if (length % 2 === 1) take(text.charCodeAt(length - 1));
    take(length);
  };
  takeText(context);
  for (const { row } of rows) takeText(row ?? "");
  v2 ^= 0xff;
  for (let round = 0; round < 3; round += 1) mix();
  return [v0, v1, v2, v3].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

// Each statement is its SQL followed by what is bound. Returns the rows read and written, then each statement's rows.
export async function batch(database, statements) {
  const prepared = statements.map(([sql, ...binds]) => {
    const statement = database.prepare(sql);
    return binds.length === 0 ? statement : statement.bind(...binds);
  });
  let read = 0;
  let written = 0;
  const rows = (await database.batch(prepared)).map(({ results, meta }) => {
    read += meta?.rows_read ?? 0;
    written += meta?.rows_written ?? 0;
    return results ?? [];
  });
  return [read, written, ...rows];
}

// Asks one of the password hashers; orders and answers are texts of JSON.
export async function ask(hashers, name, order) {
  const hasher = hashers.get(hashers.idFromName(name));
  const response = await hasher.fetch("https://password-hasher/", { method: "POST", body: order });
  if (response.status !== 200) throw new Error(`the hasher answered ${response.status}`);
  return response.text();
}
