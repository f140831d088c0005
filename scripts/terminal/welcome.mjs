// What a person sees once the Worker is up: where it is, the keys, and requests to paste.

import { existsSync, readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";

import { bold } from "./steps.mjs";

/** The seed names a person to sign in as, in a comment: `-- Sign in as: ada@example.com / her password`. */
export function demoPerson(seed) {
  const found = seed.match(/^--\s*Sign in as:\s*(\S+@\S+)\s+\/\s+(.+?)\s*$/m);
  return found && { email: found[1], password: found[2] };
}

export function firstTable(schema) {
  const names = [...schema.matchAll(/^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?["[`]?(\w+)/gim)].map(
    ([, name]) => name,
  );
  return names.includes("projects") ? "projects" : (names[0] ?? "projects");
}

/** They work in sequence in one shell. Where the demo has a person with rows, there is a fourth that reads as them. */
export function requests({ url, anonKey, table, person, email }) {
  const post = (path, body) =>
    `curl -s '${url}/auth/v1/${path}' -H "apikey: $ANON" -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  const token = `TOKEN=$(echo "$SESSION" | sed -n 's/.*"access_token":"\\([^"]*\\)".*/\\1/p')`;
  const read = `curl -s '${url}/rest/v1/${table}?select=*' -H "apikey: $ANON"`;
  const readAsUser = `${read} -H "Authorization: Bearer $TOKEN"; echo`;
  const signUp = post("signup", { email, password: "correct horse battery staple" });
  const shown = [
    { title: "Sign up", lines: [`ANON=${anonKey}`, `SESSION=$(${signUp}); echo "$SESSION"`] },
    { title: `Read ${table} as nobody`, lines: [`${read}; echo`] },
    { title: `Read ${table} as the person who signed up`, lines: [token, readAsUser] },
  ];
  if (person) {
    const signIn = `SESSION=$(${post("token?grant_type=password", person)})`;
    shown.push({ title: `Read ${table} as ${person.email}`, lines: [signIn, token, readAsUser] });
  }
  return shown;
}

export function welcome({ url, keys, project }) {
  const text = (path) => (path && existsSync(path) ? readFileSync(path, "utf8") : "");
  const email = `you-${randomBytes(3).toString("hex")}@example.com`;
  const shown = requests({
    url,
    anonKey: keys.anon,
    table: firstTable(text(project.translated)),
    person: demoPerson(text(project.seed)),
    email,
  });
  console.log(`\n${bold("Selvedge is ready.")}\n`);
  console.log(`URL               ${url}\nInbox             ${url}/inbox\nanon key          ${keys.anon}\nservice_role key  ${keys.serviceRole}\n`);
  for (const { title, lines } of shown) console.log(`# ${title}\n${lines.join("\n")}\n`);
  console.log("Changes to src/, schema.sql, policies.sql and functions.sql rebuild it. Ctrl-C stops it.\n");
}
