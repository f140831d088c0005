// Writes migrations/0003_common_passwords.sql: hashes of the most common passwords, which nobody may choose.
//
// The list is that of zxcvbn (MIT), the passwords of several large leaks by how often they were used. What is too short
// to be chosen is left out. Each is kept as the first 64 bits of its SHA-256, in a drawer by the first 12.

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { root } from "./setup/project.mjs";

const COUNT = 3000;
const CHARACTERS_MIN = 8;
const DRAWER_DIGITS = 3;
const DIGITS = 16;

export const path = join(root, "migrations", "0003_common_passwords.sql");

/** The most common first. */
export function commonPasswords() {
  const { passwords } = createRequire(import.meta.url)("zxcvbn/lib/frequency_lists");
  const long = passwords.filter((password) => [...password].length >= CHARACTERS_MIN);
  return [...new Set(long.map((password) => password.toLowerCase()))].slice(0, COUNT);
}

export const digest = (password) => createHash("sha256").update(password).digest("hex").slice(0, DIGITS);

export function migration() {
  const digests = commonPasswords().map(digest).sort();
  const lines = [];
  for (let at = 0; at < digests.length; at += 6) lines.push(digests.slice(at, at + 6).map((text) => `"${text}"`).join(","));
  return `-- The ${COUNT} most common passwords of ${CHARACTERS_MIN} characters and more, which nobody may choose: written by scripts/passwords.mjs from the
-- list of zxcvbn, Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., MIT license. They are hashes, so that a drawer can be
-- asked for without telling the password.
create table auth_common_passwords (
  drawer  text not null,
  digest  text not null,
  primary key (drawer, digest)
) strict, without rowid;
insert into auth_common_passwords (drawer, digest)
select substr(value, 1, ${DRAWER_DIGITS}), substr(value, ${DRAWER_DIGITS + 1}) from json_each('[
${lines.join(",\n")}
]');
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(path, migration());
