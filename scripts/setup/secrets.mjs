// `.dev.vars` holds the secrets of the local Worker. It is made once, readable by its owner only, and never overwritten.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { Failure } from "../terminal/failure.mjs";
import { developmentSecrets } from "./project.mjs";

const SECRET_BYTES = 48;

export const newSecret = () => randomBytes(SECRET_BYTES).toString("base64url");

export function ensureDevelopmentSecrets() {
  if (existsSync(developmentSecrets)) return { remark: "there already" };
  const text = `# Secrets of the local Worker. Not for production, and never to be committed.\nJWT_SECRET="${newSecret()}"\n`;
  writeFileSync(developmentSecrets, text, { flag: "wx", mode: 0o600 });
  return { remark: "made" };
}

export function developmentSecret() {
  const text = existsSync(developmentSecrets) ? readFileSync(developmentSecrets, "utf8") : "";
  const secret = text.match(/^JWT_SECRET\s*=\s*["']?([^"'\s]+)["']?\s*$/m)?.[1];
  if (secret) return secret;
  throw new Failure(".dev.vars has no JWT_SECRET.", "Remove the file, and `npm start` makes a new one.");
}
