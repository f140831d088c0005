// The few things that are cheaper said in JavaScript than call by call from Wasm. Nothing is decided here.

// Has a request go on, with what it has waited for, until it gives its response instead of another promise.
export async function drive(resume, task) {
  let step = resume(task, false, undefined);
  while (step instanceof Promise) {
    let value;
    let failed = false;
    try {
      value = await step;
    } catch (error) {
      value = error;
      failed = true;
    }
    step = resume(task, failed, value);
  }
  return step;
}

// Method, URL, then names and values of the headers, one a line: none of them can hold a line break.
export function head(request) {
  const lines = [request.method, request.url];
  for (const [name, value] of request.headers) lines.push(name, value);
  return lines.join("\n");
}

// Counts while it reads, since a Content-Length is only a claim. More than the limit is null. A client that is still
// sending would not see the answer, so what follows is thrown away for a while, and then no longer read.
export async function body(request, limit, patience = 16 * limit) {
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
    if (size > patience) {
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

// Nearly all headers are the same from answer to answer, so most of the time they are there already.
const seen = new Map();
const SEEN_MAX = 64;

function made(lines) {
  const headers = new Headers();
  const parts = lines.split("\n");
  for (let index = 0; index + 1 < parts.length; index += 2) headers.append(parts[index], parts[index + 1]);
  return headers;
}

function shared(lines) {
  let headers = seen.get(lines);
  if (headers === undefined) {
    headers = made(lines);
    if (seen.size < SEEN_MAX) seen.set(lines, headers);
  }
  return headers;
}

// `common` and `own` are names and values of headers, one a line, as in `head`. No name is in `own` twice.
export function respond(status, common, own, content) {
  const response = new Response(content, { status, headers: shared(common) });
  const { headers } = response;
  const parts = own.split("\n");
  for (let index = 0; index + 1 < parts.length; index += 2) headers.set(parts[index], parts[index + 1]);
  return response;
}

// The rows' texts never enter Wasm.
export function json(rows, asArray) {
  return asArray ? `[${rows.map(({ row }) => row ?? "null").join(",")}]` : (rows[0]?.row ?? "null");
}

export const lines = (head, rows) => [head, ...rows.map(({ row }) => row ?? "")].join("\n");

export const present = (rows) => rows.filter(({ row }) => row !== null);

// What `explain query plan` answers is not made by our SQL, so such a row is a text of its columns: `2 0 SCAN t0`.
export function text(rows, index) {
  const row = rows[index];
  return row?.detail === undefined ? row?.row : `${row.id} ${row.parent} ${row.detail}`;
}

// Leaves members out as `"name":null` with one comma. SQLite writes no spaces, and only strings are looked for, each
// from its first quote to its last, so nothing within one is taken for a member.
function withoutNulls(text) {
  const parts = [];
  let copied = 0;
  for (let begin = text.indexOf('"'); begin !== -1; ) {
    const end = endOfString(text, begin);
    let next = end + 1;
    if (text.startsWith(":null", next)) {
      next += 5;
      if (copied < begin) parts.push(text.slice(copied, begin));
      if (text[next] === ",") next += 1;
      else if (parts.at(-1)?.endsWith(",")) parts.push(parts.pop().slice(0, -1));
      copied = next;
    }
    begin = text.indexOf('"', next);
  }
  parts.push(text.slice(copied));
  return parts.join("");
}

function endOfString(text, begin) {
  for (let end = text.indexOf('"', begin + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text[before - 1] === "\\") before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
}

export function stripNulls(rows) {
  for (const row of rows) if (row.row?.includes(":null")) row.row = withoutNulls(row.row);
}

const encoder = new TextEncoder();
let words = new Int32Array(4096);

// HalfSipHash (Aumasson and Bernstein) keyed with 128 bits, one round for four bytes and four at each of its two ends, which
// give 32 bits each: more of the state would give the key away. The lengths in front make that no two lists of texts are
// the same to it. The round stands in the loop, since a function that shares its variables is several times as slow. Rows
// of more than `most` units get no name, since it would cost more than the rows.
export function fingerprint(rows, context, most, a, b, c, d) {
  const lengths = rows.map(({ row }) => row?.length ?? 0);
  if (lengths.reduce((sum, length) => sum + length, 0) > most) return undefined;
  const text = `${context.length},${lengths};${context}${rows.map(({ row }) => row ?? "").join("")}`;
  // A unit is three bytes at most, and the last word holds their number.
  if (words.length * 4 < text.length * 3 + 4) words = new Int32Array(text.length);
  const bytes = new Uint8Array(words.buffer);
  const { written } = encoder.encodeInto(text, bytes);
  bytes.fill(0, written, written + 3);
  const last = written >> 2;
  bytes[last * 4 + 3] = written;
  let v0 = a | 0;
  let v1 = b ^ 0xee;
  let v2 = c ^ 0x6c796765;
  let v3 = d ^ 0x74656462;
  let first = 0;
  for (let index = 0; index <= last + 8; index += 1) {
    const word = index <= last ? words[index] : 0;
    if (index === last + 1) v2 ^= 0xee;
    if (index === last + 5) {
      first = v1 ^ v3;
      v1 ^= 0xdd;
    }
    v3 ^= word;
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
    v0 ^= word;
  }
  return [first, v1 ^ v3].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

// `lengths` tells for each statement how many texts it has, then how long they are: its SQL, then what is bound, of which
// -1 is null. Returns the rows read and written, then each statement's rows.
export async function batch(database, texts, lengths) {
  const statements = [];
  let start = 0;
  const next = (length) => (length < 0 ? null : texts.slice(start, (start += length)));
  for (let at = 0; at < lengths.length; at += lengths[at] + 1) {
    const [sql, ...binds] = Array.from(lengths.subarray(at + 1, at + 1 + lengths[at]), next);
    const statement = database.prepare(sql);
    statements.push(binds.length === 0 ? statement : statement.bind(...binds));
  }
  let read = 0;
  let written = 0;
  // D1 makes less of a statement by itself than of a batch of one.
  const results = statements.length === 1 ? [await statements[0].all()] : await database.batch(statements);
  const rows = results.map(({ results, meta }) => {
    read += meta?.rows_read ?? 0;
    written += meta?.rows_written ?? 0;
    return results ?? [];
  });
  return [read, written, ...rows];
}

// Asks one of the password hashers; orders and answers are texts.
export async function ask(hashers, name, order) {
  const hasher = hashers.get(hashers.idFromName(name));
  const response = await hasher.fetch("https://password-hasher/", { method: "POST", body: order });
  if (response.status !== 200) throw new Error(`the hasher answered ${response.status}`);
  return response.text();
}

// Sends a request of our own; `lines` are names and values of headers. Returns the status, the headers, one a line as in
// `head`, and the body, which is null when it is longer than `limit`.
export async function send(method, url, lines, content, limit, milliseconds) {
  const headers = made(lines);
  const signal = AbortSignal.timeout(milliseconds);
  const response = await fetch(url, { method, headers, body: content, redirect: "manual", signal });
  return [response.status, [...response.headers].flat().join("\n"), await body(response, limit, limit)];
}

const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
};

// Wasm's memory may move while something is awaited, so what is checked is copied first. A key that is none verifies
// nothing.
export async function verify(name, key, message, signature) {
  const [signed, by] = [message.slice(), signature.slice()];
  const algorithm = ALGORITHMS[name];
  const made = await crypto.subtle
    .importKey("jwk", JSON.parse(key), algorithm, false, ["verify"])
    .catch((error) => (error.name === "DataError" ? null : Promise.reject(error)));
  return made !== null && crypto.subtle.verify(algorithm, made, by, signed);
}

// `parts` are the name and the address of the sender, the address of the recipient, the subject, the HTML and the text.
export async function mail(mailer, parts) {
  const [name, email, to, subject, html, text] = parts;
  await mailer.send({ from: name === "" ? email : { name, email }, to, subject, html, text });
}

export const admits = async (limiter, key) => (await limiter.limit({ key })).success;

// What goes on after the response.
export const waitUntil = (context, promise) => context.waitUntil(promise);
