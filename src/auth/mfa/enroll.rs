//! `POST /auth/v1/factors`: a new factor, which counts once a code of it has been shown.

use super::totp::Seed;
use super::{OPEN_MILLISECONDS, may_add, may_not_add, qr, sealed_row, uri};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, new_id, row_defect};
use crate::auth::token::sealed;
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::{Object, Writer};
use crate::identity::User;

/// The most bytes of a factor's name.
const NAME_BYTES_MAX: usize = 255;

/// The most bytes of the name that an app shows for us.
const ISSUER_BYTES_MAX: usize = 64;

struct Body {
    kind: Option<String>,
    name: Option<String>,
    issuer: Option<String>,
}

/// A factor that is to be.
struct New {
    id: String,
    name: String,
    issuer: String,
    seed: Seed,
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
    let new = prepare(host, call)?;
    let rows = ask(host, statements(host, call, user, &new)?).await?;
    let outcome = first_row(&rows, 4, Outcome::read)?.ok_or_else(|| row_defect("auth_users"))?;
    let account = outcome.account(&new.name, call.config.factors.count_max)?.unwrap_or(&user.id);
    Ok(Response::json(200, new.written(account)?))
}

/// What of the request is to become a factor.
fn prepare<H: Host>(host: &H, call: &Call<'_>) -> Result<New, Error> {
    let body = call.body(|body| {
        Ok(Body {
            kind: body.text("factor_type")?,
            name: body.text("friendly_name")?,
            issuer: body.given("issuer")?,
        })
    })?;
    let off = |code, what| Err(Error::new(code, ["MFA enroll is disabled for ", what].concat()));
    match body.kind.as_deref() {
        Some("totp") if call.config.factors.may_enroll => {}
        Some("totp") => return off(Code::MfaTotpEnrollNotEnabled, "TOTP"),
        Some("phone") => return off(Code::MfaPhoneEnrollNotEnabled, "Phone"),
        Some("webauthn") => return off(Code::MfaWebauthnEnrollNotEnabled, "WebAuthn"),
        _ => return Err(invalid("factor_type needs to be totp, phone, or webauthn")),
    }
    let name = body.name.unwrap_or_default();
    if name.len() > NAME_BYTES_MAX {
        return Err(invalid("friendly_name is longer than 255 bytes"));
    }
    let issuer = body
        .issuer
        .unwrap_or_else(|| call.config.site_authority().chars().take(ISSUER_BYTES_MAX).collect());
    if issuer.len() > ISSUER_BYTES_MAX {
        return Err(invalid("issuer is longer than 64 bytes"));
    }
    Ok(New { id: new_id(host), name, issuer, seed: Seed::new(host) })
}

fn statements<H: Host>(host: &H, call: &Call<'_>, user: &User, new: &New) -> Result<Batch, Error> {
    let now = host.now();
    let who = [Some(new.id.clone()), Some(user.id.clone()), Some(user.session_id.clone())];
    let forget = Statement::fixed(
        "delete from auth_factors
         where user_id = ?1 and status = 'unverified' and created_at <= cast(?2 as integer)",
        vec![Some(user.id.clone()), Some(now.saturating_sub(OPEN_MILLISECONDS).to_string())],
    );
    let mut what = who.to_vec();
    what.extend([
        Some(new.name.clone()),
        Some(sealed::seal(host, call.config, &sealed_row(&new.id), new.seed.bytes())?),
        Some(now.to_string()),
        Some(call.config.factors.count_max.to_string()),
    ]);
    let insert = Statement::fixed(
        concat!(
            "insert into auth_factors (id, user_id, friendly_name, secret, created_at, updated_at)
             select ?1, id, ?4, ?5, cast(?6 as integer), cast(?6 as integer) from auth_users
             where id = ?2 and is_anonymous = 0 and ",
            may_add!(),
            " and (select count(*) from auth_factors where user_id = ?2) < cast(?7 as integer)
             on conflict (user_id, friendly_name) do nothing"
        ),
        what,
    );
    let note = Note::new(host, call, Action::FactorInProgress, &[("factor_id", &new.id)]);
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
        who.to_vec(),
    );
    Ok(vec![user.session_guard(), forget, insert, note.if_changed(), read])
}

impl New {
    /// What is told once: the seed, in the three forms in which an app takes it.
    fn written(&self, account: &str) -> Result<String, Error> {
        let secret = self.seed.base32();
        let address = uri::uri(&self.issuer, account, &secret);
        let drawing = qr::svg(&address).ok_or_else(|| Error::unexpected("a QR code too large"))?;
        let mut view = Writer::object();
        view.texts(&[("id", &self.id), ("type", "totp"), ("friendly_name", &self.name)]);
        view.key("totp");
        view.raw("{");
        view.texts(&[("qr_code", &drawing), ("secret", &secret), ("uri", &address)]);
        view.end("}");
        Ok(view.finish_object())
    }
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

    /// The account's address, or why there is no factor.
    fn account(&self, name: &str, most: i64) -> Result<Option<&str>, Error> {
        let refused = |code, message: &str| Err(Error::new(code, message));
        if self.is_made {
            Ok(self.email.as_deref())
        } else if self.is_anonymous {
            refused(Code::AnonymousForbidden, "Anonymous users cannot enroll factors")
        } else if !self.may_add {
            Err(may_not_add())
        } else if self.count >= most {
            let message = "Maximum number of factors reached, unenroll to continue";
            refused(Code::TooManyEnrolledMfaFactors, message)
        } else {
            let message =
                format!("A factor with the friendly name \"{name}\" for this user already exists");
            refused(Code::MfaFactorNameConflict, &message)
        }
    }
}
