//! The raise of a session that has shown a second factor.

use super::{Method, read_session};
use crate::db::Statement;
use crate::host::Milliseconds;
use crate::identity::User;
use crate::time;

/// The statements that raise a user's session to `aal2` and read it, to stand behind whatever has
/// proven the second factor and would have aborted the batch.
///
/// The counter goes on by two, so that no refresh token of before is the present one's predecessor:
/// none of them ever buys a token of the higher level. Sessions that have not shown the factor end.
pub(in crate::auth) fn raise(user: &User, method: Method, now: Milliseconds) -> [Statement; 3] {
    let (session_id, user_id) = (Some(user.session_id.clone()), Some(user.id.clone()));
    let update = Statement::fixed(
        "update auth_sessions set
           aal = 'aal2',
           counter = counter + 2,
           refreshed_at = cast(?3 as integer),
           amr = (
             select json_group_array(json(entry)) from (
               select json_object('method', ?4, 'timestamp', cast(?5 as integer)) as entry
               union all
               select value from json_each(auth_sessions.amr) where value ->> 'method' <> ?4
             )
           )
         where id = ?1 and user_id = ?2",
        vec![
            session_id.clone(),
            user_id.clone(),
            Some(now.to_string()),
            Some(method.name().to_owned()),
            Some(time::seconds(now).to_string()),
        ],
    );
    let end_others = Statement::fixed(
        "delete from auth_sessions where user_id = ?2 and id <> ?1 and aal = 'aal1'",
        vec![session_id, user_id],
    );
    [update, end_others, read_session(&user.session_id, Some(&user.id))]
}
