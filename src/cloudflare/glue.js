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

// Names and values of headers, one a line, as in `head`.
function append(headers, lines) {
  const parts = lines.split("\n");
  for (let index = 0; index + 1 < parts.length; index += 2) headers.append(parts[index], parts[index + 1]);
}

// Nearly all headers are the same from answer to answer, so most of the time they are there already.
const seen = new Map();
const SEEN_MAX = 64;

function shared(lines) {
  let headers = seen.get(lines);
  if (headers === undefined) {
    headers = new Headers();
    append(headers, lines);
    if (seen.size < SEEN_MAX) seen.set(lines, headers);
  }
  return headers;
}

export function respond(status, common, own, content) {
  const response = new Response(content, { status, headers: shared(common) });
  append(response.headers, own);
  return response;
}

// The rows' texts never enter Wasm.
export function json(rows, asArray) {
  return asArray ? `[${rows.map(({ row }) => row ?? "null").join(",")}]` : (rows[0]?.row ?? "null");
}

export const text = (rows, index) => rows[index]?.row;

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
  const rows = (await database.batch(statements)).map(({ results, meta }) => {
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
