//! Headers to identity. Three answers: nobody, somebody, or a refusal; a bad token is never nobody.
//!
//! No database is asked: whether a session still lives is asked in the batch that serves the
//! request (`Identity::guard`). A key in the query string is not looked at, since URLs are logged.

use super::TokenError;
use crate::config::Config;
use crate::host::Milliseconds;
use crate::http::Headers;
use crate::identity::Identity;

/// Says who is asking, by `Authorization: Bearer`, else by `apikey`.
///
/// Clients send their API key in `apikey` always, and in `Authorization` while nobody has signed
/// in. Where both are present both must verify, and `Authorization` decides.
///
/// # Errors
/// When a header is there, but not one good token.
pub fn identify(
    headers: &Headers,
    config: &Config,
    now: Milliseconds,
) -> Result<Identity, TokenError> {
    let verify = |token| super::verify(token, config, now);
    let by_key = single(headers, "apikey")?.map(verify).transpose()?;
    let by_bearer =
        single(headers, "authorization")?.map(bearer).transpose()?.map(verify).transpose()?;
    Ok(by_bearer.or(by_key).unwrap_or(Identity::Anonymous))
}

/// The header's value; it may not be sent twice.
fn single<'a>(headers: &'a Headers, name: &str) -> Result<Option<&'a str>, TokenError> {
    let mut values = headers.all(name);
    let first = values.next();
    if values.next().is_some() { Err(TokenError::Malformed) } else { Ok(first) }
}

/// The token behind `Bearer `, whose case does not matter (RFC 9110 section 11.1).
fn bearer(value: &str) -> Result<&str, TokenError> {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token),
        _ => Err(TokenError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::tests::ONE;
    use crate::auth::token::api_key;
    use crate::identity::Role;

    const NOW: Milliseconds = 1_700_000_000_000;

    fn config() -> Config {
        crate::auth::tests::config(ONE, None)
    }

    fn check(headers: &[(&str, &str)]) -> Result<Identity, TokenError> {
        let pairs = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        identify(&Headers::new(pairs), &config(), NOW)
    }

    fn key(role: Role) -> String {
        api_key(&config().jwt_secret, role, 0, 2_000_000_000)
    }

    #[test]
    fn a_bad_token_is_never_nobody() {
        let (anon, service) = (key(Role::Anon), key(Role::ServiceRole));
        let bearer = |token: &str| format!("Bearer {token}");
        for headers in [
            vec![("authorization", "")],
            vec![("authorization", "Bearer")],
            vec![("authorization", "Bearer ")],
            vec![("authorization", "Basic YTpi")],
            vec![("authorization", &anon)],
            vec![("authorization", &*format!("Bearer  {anon}"))],
            vec![("authorization", &*format!("Bearer {anon} "))],
            vec![("authorization", &*format!("Bearer {anon}, Bearer {anon}"))],
            vec![("authorization", &*format!("Token {anon}"))],
            vec![("apikey", "")],
            vec![("apikey", "sb_publishable_x")],
            vec![("apikey", &*bearer(&anon))],
            vec![("apikey", "x"), ("authorization", &*bearer(&service))],
            vec![("apikey", &service), ("authorization", "Bearer x")],
            vec![("apikey", &anon), ("apikey", &anon)],
            vec![("authorization", &*bearer(&anon)), ("authorization", &*bearer(&service))],
        ] {
            assert_eq!(check(&headers), Err(TokenError::Malformed), "{headers:?}");
        }
    }

    #[test]
    fn authorization_decides_over_the_key() {
        let (anon, service) = (key(Role::Anon), key(Role::ServiceRole));
        let (bearer_anon, bearer_service) = (format!("Bearer {anon}"), format!("bEaReR {service}"));
        assert_eq!(check(&[]), Ok(Identity::Anonymous));
        assert_eq!(check(&[("apikey", &service)]), Ok(Identity::Service));
        assert_eq!(check(&[("Authorization", &bearer_service)]), Ok(Identity::Service));
        assert_eq!(
            check(&[("apikey", &service), ("authorization", &bearer_anon)]),
            Ok(Identity::Anonymous)
        );
        assert_eq!(
            check(&[("apikey", &anon), ("authorization", &bearer_service)]),
            Ok(Identity::Service)
        );
    }
}
