// Where Selvedge is known to differ from PostgreSQL, each with its reason. docs/policies.md has the table.

/**
 * `applies` tells from a judged expression whether it is this difference; `example` shows it, with `kind` as in
 * compare.mjs; `meaning` is for the docs.
 */
export const DIFFERENCES = [];

/** The difference that explains what was found, if one is listed. */
export const explained = (found) => DIFFERENCES.find((one) => one.applies(found));
