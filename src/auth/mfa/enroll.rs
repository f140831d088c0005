//! `POST /auth/v1/factors`: a new factor, which counts once a code of it has been shown.

use super::totp::Seed;
use super::{OPEN_MILLISECONDS, may_add, may_not_add, qr, sealed_row, uri};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, new_uuid, row_defect};
use crate::auth::token::sealed;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::{Object, Writer};
use crate::uuid;

/// The most factors of an account, proven or not.
const FACTORS_MAX: i64 = 10;

/// The most bytes of a factor's name.
const NAME_BYTES_MAX: usize = 255;

/// The most bytes of the name that an app shows for us.
const ISSUER_BYTES_MAX: usize = 64;

struct Body {
    kind: Option<String>,
    name: Option<String>,
    issuer: Option<String>,
}

/// What came of it, and what an app needs to know of the account.
struct Outcome {
    is_made: bool,
    may_add: bool,
    is_anonymous: bool,
    count: i64,
    email: Option<String>,
}

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let body = call.body(|body| {
        Ok(Body {
            kind: body.text("factor_type")?,
            name: body.text("friendly_name")?,
            issuer: body.text("issuer")?,
        })
    })?;
    let (name, issuer) = check(body, &call.config.site_url)?;
    let (id, seed) = (uuid::format(&new_uuid(host)), Seed::new(host));
    let secret = sealed::seal(host, call.config, &sealed_row(&id), seed.bytes())?;
    let now = host.now();
    let binds = vec![
        Some(id.clone()),
        Some(user.id.clone()),
        Some(user.session_id.clone()),
        Some(name.clone()),
        Some(secret),
        Some(now.to_string()),
        Some(FACTORS_MAX.to_string()),
    ];
    let forget = Statement::fixed(
        "delete from auth_factors
         where user_id = ?1 and status = 'unverified' and created_at <= cast(?2 as integer)",
        vec![Some(user.id.clone()), Some(now.saturating_sub(OPEN_MILLISECONDS).to_string())],
    );
    let insert = Statement::fixed(
        concat!(
            "insert into auth_factors (id, user_id, friendly_name, secret, created_at, updated_at)
             select ?1, id, ?4, ?5, cast(?6 as integer), cast(?6 as integer) from auth_users
             where id = ?2 and is_anonymous = 0 and ",
            may_add!(),
            " and (select count(*) from auth_factors where user_id = ?2) < cast(?7 as integer)
             on conflict (user_id, friendly_name) do nothing"
        ),
        binds,
    );
    let read = Statement::fixed(
        concat!(
            "select json_object(
               'is_made', exists (select 1 from auth_factors where id = ?1),
               'may_add', ",
            may_add!(),
            ", 'is_anonymous', is_anonymous,
               'count', (select count(*) from auth_factors where user_id = ?2),
               'email', email
             ) as row from auth_users where id = ?2"
        ),
        vec![Some(id.clone()), Some(user.id.clone()), Some(user.session_id.clone())],
    );
    let rows = ask(host, vec![user.session_guard(), forget, insert, read]).await?;
    let outcome = first_row(&rows, 3, Outcome::read)?.ok_or_else(|| row_defect("auth_users"))?;
    outcome.check(&name)?;
    let account = outcome.email.as_deref().unwrap_or(&user.id);
    let address = uri::uri(&issuer, account, &seed.base32());
    let drawing = qr::svg(&address).ok_or_else(|| Error::unexpected("a QR code too large"))?;
    let mut view = Writer::object();
    view.texts(&[("id", &id), ("type", "totp"), ("friendly_name", &name)]);
    view.key("totp");
    view.raw("{");
    view.texts(&[("qr_code", &drawing), ("secret", &seed.base32()), ("uri", &address)]);
    view.end("}");
    Ok(Response::json(200, view.finish_object()))
}

/// The factor's name, and the one that an app shows for us.
fn check(body: Body, site_url: &str) -> Result<(String, String), Error> {
    match body.kind.as_deref() {
        Some("totp") => {}
        Some("phone") => {
            return Err(Error::new(
                Code::MfaPhoneEnrollNotEnabled,
                "MFA enroll is disabled for Phone",
            ));
        }
        Some("webauthn") => {
            return Err(Error::new(
                Code::MfaWebauthnEnrollNotEnabled,
                "MFA enroll is disabled for WebAuthn",
            ));
        }
        _ => return Err(invalid("factor_type needs to be totp, phone, or webauthn")),
    }
    let name = body.name.unwrap_or_default();
    if name.len() > NAME_BYTES_MAX {
        return Err(invalid(format!("friendly_name is longer than {NAME_BYTES_MAX} bytes")));
    }
    let issuer = body.issuer.filter(|issuer| !issuer.is_empty()).unwrap_or_else(|| {
        let host = site_url.split_once("://").map_or(site_url, |(_, host)| host);
        host.chars().take(ISSUER_BYTES_MAX).collect()
    });
    if issuer.len() > ISSUER_BYTES_MAX {
        return Err(invalid(format!("issuer is longer than {ISSUER_BYTES_MAX} bytes")));
    }
    Ok((name, issuer))
}

impl Outcome {
    fn read(row: &Object<'_>) -> Option<Self> {
        let integer = |name| row.integer(name).ok()?;
        Some(Self {
            is_made: integer("is_made")? != 0,
            may_add: integer("may_add")? != 0,
            is_anonymous: integer("is_anonymous")? != 0,
            count: integer("count")?,
            email: row.text("email").ok()?,
        })
    }

    /// Why there is no factor, if there is none.
    fn check(&self, name: &str) -> Result<(), Error> {
        if self.is_made {
            Ok(())
        } else if self.is_anonymous {
            Err(Error::new(Code::AnonymousForbidden, "Anonymous users cannot enroll factors"))
        } else if !self.may_add {
            Err(may_not_add())
        } else if self.count >= FACTORS_MAX {
            Err(Error::new(
                Code::TooManyEnrolledMfaFactors,
                "Maximum number of factors reached, unenroll to continue",
            ))
        } else {
            Err(Error::new(
                Code::MfaFactorNameConflict,
                format!("A factor with the friendly name \"{name}\" for this user already exists"),
            ))
        }
    }
}
