//! Statements that end what leads into an account: when its password changes, or somebody is put
//! out.

use crate::db::Statement;

/// Ends all sessions of an account.
pub(in crate::auth) fn end_sessions(user_id: &str) -> Statement {
    of_account("delete from auth_sessions where user_id = ?1", user_id)
}

/// Ends all links and codes that were sent by mail, and with them the letters which wait to bring
/// some.
pub(in crate::auth) fn end_links(user_id: &str) -> Statement {
    of_account("delete from auth_one_time_tokens where user_id = ?1", user_id)
}

/// Ends the codes that wait to be redeemed (PKCE): a link that was opened, or a provider, may have
/// led to one.
pub(in crate::auth) fn end_codes(user_id: &str) -> Statement {
    of_account("delete from auth_flows where user_id = ?1", user_id)
}

fn of_account(sql: &'static str, user_id: &str) -> Statement {
    Statement::fixed(sql, vec![Some(user_id.to_owned())])
}
