//! What users say of themselves: `data` in requests, `user_metadata` in answers.

use super::{APP_METADATA_BYTES_MAX, USER_METADATA_BYTES_MAX};
use crate::auth::call::invalid;
use crate::db::Statement;
use crate::error::Error;
use crate::http::json::{Object, Writer};

/// An object of a request. Its members' names are written in one way, so that none can come twice;
/// its values stay as they were sent, to the digit.
#[derive(Debug)]
pub(in crate::auth) struct Metadata {
    members: Vec<(String, String)>,
}

/// The marker that is raised where a merge would become too large.
pub(in crate::auth) const TOO_LARGE: &str = "metadata";

/// SQL that merges into a column.
macro_rules! merge {
    ($column:literal) => {
        concat!(
            "update auth_users set ",
            $column,
            " = (
               select case when length(cast(merged as blob)) > cast(?4 as integer)
                 then json_extract('{}', 'selvedge:metadata') else merged end
               from (
                 select substr(others, 1, length(others) - 1)
                   || iif(others = '{}' or ?3 = '{}', '', ',') || substr(?3, 2) as merged
                 from (select json_patch(",
            $column,
            ", ?2) as others)
               )
             ) where id = ?1 and deleted_at is null"
        )
    };
}

impl Metadata {
    /// Reads the text of a member; nothing is an empty object.
    ///
    /// # Errors
    /// When it is no object, or too large.
    pub(in crate::auth) fn read(data: Option<&str>) -> Result<Self, Error> {
        let object = Object::of(data.unwrap_or("{}"));
        let object = object.ok_or_else(|| invalid("data must be an object"))?;
        let members = object.members().iter();
        let members = members.map(|(name, value)| (name.to_string(), (*value).to_owned()));
        let metadata = Self { members: members.collect() };
        if metadata.object().len() > USER_METADATA_BYTES_MAX {
            return Err(too_large());
        }
        Ok(metadata)
    }

    /// Reads what the owner's server says of an account, of which there is less.
    ///
    /// # Errors
    /// When it is no object, or too large.
    pub(in crate::auth) fn read_for_app(data: &str) -> Result<Self, Error> {
        let metadata = Self::read(Some(data))?;
        if metadata.object().len() > APP_METADATA_BYTES_MAX {
            return Err(invalid(format!(
                "app_metadata is larger than {APP_METADATA_BYTES_MAX} bytes"
            )));
        }
        Ok(metadata)
    }

    /// All of it.
    pub(super) fn object(&self) -> String {
        written(self.members.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// For a new account: with the one member that is not the user's to say.
    pub(in crate::auth) fn of_new_account(&self, verified: bool) -> String {
        let verified = if verified { "true" } else { "false" };
        let mut found = false;
        let mut members: Vec<(&str, &str)> = Vec::new();
        for (name, value) in &self.members {
            let is_it = name == "email_verified";
            found |= is_it;
            members.push((name, if is_it { verified } else { value }));
        }
        if !found {
            members.push(("email_verified", verified));
        }
        written(members.into_iter())
    }

    /// What the owner's server says of a new account, which came by address.
    pub(in crate::auth) fn of_new_account_for_app(&self) -> String {
        let of_ways_in = |name: &str| matches!(name, "provider" | "providers");
        let own = self.members.iter().filter(|(name, _)| !of_ways_in(name));
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        written([("provider", r#""email""#), ("providers", r#"["email"]"#)].into_iter().chain(own))
    }

    /// The statement that merges it into an account's own, member by member; null takes one away.
    /// The merge is made of texts, since SQLite's own would look into values.
    pub(in crate::auth) fn merge_into(&self, user_id: &str) -> Statement {
        Statement::fixed(merge!("user_metadata"), self.merged(user_id, USER_METADATA_BYTES_MAX))
    }

    /// The same for what the owner's server says of the account.
    pub(in crate::auth) fn merge_into_app(&self, user_id: &str) -> Statement {
        Statement::fixed(merge!("app_metadata"), self.merged(user_id, APP_METADATA_BYTES_MAX))
    }

    fn merged(&self, user_id: &str, most: usize) -> Vec<Option<String>> {
        let all = self.members.iter().map(|(name, _)| (name.as_str(), "null"));
        let kept = self.members.iter().filter(|(_, value)| value != "null");
        let kept = written(kept.map(|(name, value)| (name.as_str(), value.as_str())));
        vec![Some(user_id.to_owned()), Some(written(all)), Some(kept), Some(most.to_string())]
    }
}

/// The refusal of metadata that would not fit into a token.
pub(in crate::auth) fn too_large() -> Error {
    invalid(format!("data is larger than {USER_METADATA_BYTES_MAX} bytes"))
}

fn written<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut object = Writer::object();
    for (name, value) in members {
        object.member(name, value);
    }
    object.finish_object()
}
