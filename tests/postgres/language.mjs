// The operators, casts and functions: those that the compiler supports, and PostgreSQL's.

import { readFileSync } from "node:fs";

/** A part of PostgreSQL's own catalogs, wider than what is supported. */
export const POSTGRES = JSON.parse(readFileSync(new URL("language.json", import.meta.url), "utf8"));

/**
 * What the compiler says that it supports, `{ language, defects }`, where `defects` are the names of entries that it can
 * be told to translate wrongly; nothing while it does not say.
 */
export async function supportedLanguage(judge) {
  try {
    return await judge.ask({ ask: "language" });
  } catch (error) {
    if (!/nothing is called/.test(error.message)) throw error;
    return null;
  }
}
