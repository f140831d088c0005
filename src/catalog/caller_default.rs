//! Defaults that the database cannot compute, since it does not know the caller.

/// The default of a column that is the caller's id. The database does not know the caller, so the
/// Worker writes the value into each insert.
pub const CALLER_ID: &str = "auth.uid()";

/// The text before and after the name of a claim, in a default that reads it from the caller's token.
const CLAIM: (&str, &str) = ("auth.jwt() ->> '", "'");

/// The default of a column that is a claim of the caller's token.
#[must_use]
pub fn caller_claim_default(claim: &str) -> String {
    [CLAIM.0, claim, CLAIM.1].concat()
}

/// The claim that a default is, if it is one.
#[must_use]
pub fn caller_claim(default: &str) -> Option<&str> {
    default.strip_prefix(CLAIM.0)?.strip_suffix(CLAIM.1)
}
