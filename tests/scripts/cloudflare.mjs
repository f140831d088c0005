// As much of Cloudflare's API as a deployment needs, on this machine, with SQLite for D1.

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

const ACCOUNT = "/client/v4/accounts/account";

/** `databases` and `secrets` are what the account holds, `uploads` the Workers that were deployed. */
export class Cloudflare {
  databases = new Map();
  secrets = null;
  uploads = [];
  #file = "";
  #server = createServer((request, response) => this.#answer(request, response));

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const path = request.url.split("?")[0];
    if (path === "/upload") return this.#receiveFile(body, response);
    const { status = 200, result, error } = this.#route(request.method, path, body, request.headers["content-type"]);
    response.writeHead(status, { "content-type": "application/json" });
    const page = { page: 1, per_page: 10, count: 1, total_count: 1 };
    response.end(
      JSON.stringify({ success: status < 400, errors: error ? [error] : [], messages: [], result, result_info: page }),
    );
  }

  #receiveFile(body, response) {
    this.#file = body.toString();
    response.writeHead(200, { etag: `"${createHash("md5").update(body).digest("hex")}"` }).end();
  }

  #route(method, path, body) {
    const database = path.match(`^${ACCOUNT}/d1/database/([^/]+)/(query|import)$`);
    if (database) return this.#database(this.databases.get(database[1]), database[2], JSON.parse(body));
    if (path === `${ACCOUNT}/d1/database`) return method === "POST" ? this.#create(JSON.parse(body)) : this.#list();
    if (path === `${ACCOUNT}/workers/scripts/selvedge/secrets`) return this.#listSecrets();
    if (path.endsWith("/workers/workers/selvedge"))
      return { result: { subdomain: { enabled: true, previews_enabled: false } } };
    if (path.endsWith("/scripts/selvedge/subdomain")) return { result: { enabled: true, previews_enabled: false } };
    if (path.endsWith("/scripts/selvedge/schedules")) return { result: { schedules: JSON.parse(body) } };
    if (method === "PUT" && path.startsWith(`${ACCOUNT}/workers/scripts/selvedge`)) return this.#upload(body);
    if (path.endsWith("/deployments")) return { result: { deployments: [] } };
    if (path.endsWith("/memberships")) return { result: [{ account: { id: "account", name: "Ada" } }] };
    if (path.endsWith("/workers/subdomain")) return { result: { subdomain: "ada" } };
    if (path.endsWith("/workers/services/selvedge")) return this.uploads.length ? { result: WORKER } : NO_WORKER;
    return { result: path.endsWith("/accounts") ? [{ id: "account", name: "Ada" }] : {} };
  }

  #list() {
    return { result: [...this.databases].map(([uuid, { name }]) => ({ uuid, name })) };
  }

  #create({ name }) {
    const uuid = `database-${this.databases.size + 1}`;
    this.databases.set(uuid, { name, sqlite: new DatabaseSync(":memory:") });
    return { result: { uuid, name } };
  }

  #database({ sqlite }, what, { action, sql }) {
    if (what === "query") {
      const results = sql
        .split(";")
        .filter((text) => text.trim())
        .map((text) => ({ success: true, meta: {}, results: sqlite.prepare(text).all() }));
      return { result: results };
    }
    if (action === "init")
      return { result: { success: true, upload_url: `${this.origin}/upload`, filename: "file", messages: [] } };
    sqlite.exec(`BEGIN; ${this.#file}; COMMIT;`);
    const meta = { duration: 1, rows_read: 0, rows_written: 0, size_after: 0 };
    return {
      result: {
        success: true,
        status: "complete",
        type: "import",
        messages: [],
        at_bookmark: "b",
        result: { num_queries: 1, final_bookmark: "b", meta },
      },
    };
  }

  #listSecrets() {
    return this.secrets ? { result: this.secrets.map((name) => ({ name, type: "secret_text" })) } : NO_WORKER;
  }

  #upload(body) {
    const text = body.toString("latin1");
    const metadata = JSON.parse(text.match(/name="metadata"\r\n\r\n(\{.*\})\r\n/)[1]);
    this.uploads.push(metadata);
    this.secrets = [
      ...new Set([
        ...(this.secrets ?? []),
        ...metadata.bindings.filter(({ type }) => type === "secret_text").map(({ name }) => name),
      ]),
    ];
    return { result: { id: "version", startup_time_ms: 1, deployment_id: "deployment" } };
  }
}

const WORKER = {
  default_environment: { environment: "production", script: { tag: "tag", last_deployed_from: "wrangler" } },
};
const NO_WORKER = {
  status: 404,
  result: null,
  error: { code: 10007, message: "This Worker does not exist on your account." },
};
