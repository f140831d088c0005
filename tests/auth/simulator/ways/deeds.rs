//! What people can do, and what they keep of it.

use serde_json::{Value, json};

use super::super::Luck;
use super::{App, AuthCode, Letter, Life, RecoveryCode, Token};
use crate::authenticator::{FACTORS, code_at, wrong_code};
use crate::mailed::{Mailed, VERIFIER, challenge};
use crate::support::generator::Generator;
use crate::support::interleave;
use crate::{Answer, claims, request};
use selvedge::host::Milliseconds;
use selvedge::http::{Method, Request};

/// Something that somebody does. Numbers are places among what people hold.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// With a challenge or without.
    SignUp(usize, bool),
    SignIn(usize),
    /// Has a letter sent.
    Ask(usize, &'static str, bool),
    UseLink(usize),
    /// By the page, in a browser.
    Click(usize),
    /// The right code or a wrong one.
    UseCode(usize, bool),
    /// With the right verifier or a wrong one.
    Exchange(usize, bool),
    Enroll(usize),
    /// A code of the app, right or wrong, in a session.
    Show(usize, usize, bool),
    Unenroll(usize, usize),
    /// A fresh set of recovery codes.
    Draw(usize),
    Redeem(usize, usize),
    Refresh(usize),
    SignOut(usize),
    Ban(usize),
    Unban(usize),
    Delete(usize),
    Wait(Milliseconds),
}

/// Moments, the next step of apps, the next letter, and the ends of what is sent.
const WAITS: [Milliseconds; 12] = [
    1_000, 1_000, 1_000, 31_000, 31_000, 31_000, 61_000, 61_000, 61_000, 301_000, 601_000,
    3_601_000,
];

impl Deed {
    pub fn any(life: &mut Life) -> Self {
        let generator = &mut life.generator;
        let person = generator.below(life.people.len());
        let (pkce, right) = (generator.once_in(2), !generator.once_in(4));
        let (letter, code) =
            (place(generator, life.letters.len()), place(generator, life.codes.len()));
        let token = place(generator, life.tokens.len());
        let app = place(generator, life.apps.len());
        let recovery = place(generator, life.recovery_codes.len());
        // Mostly in a session of the owner, at times in anybody's.
        let of_owner = |user_id: Option<&String>| {
            let own = life.tokens.iter().rposition(|token| Some(&token.user_id) == user_id);
            if right { own.or(token) } else { token }
        };
        let of_app = of_owner(app.map(|app| &life.apps[app].user_id)).zip(app);
        let of_recovery =
            of_owner(recovery.map(|code| &life.recovery_codes[code].user_id)).zip(recovery);
        let kind = *generator.pick(&["otp", "recover", "resend", "otp"]);
        let is_right = !generator.once_in(4);
        // A code that a link has led to is mostly bought at once.
        let waits = life.codes.len().checked_sub(1).filter(|last| life.codes[*last].uses == 0);
        if let Some(last) = waits.filter(|_| generator.once_in(3)) {
            return Self::Exchange(last, is_right);
        }
        let deed = match generator.below(44) {
            0 | 1 => Some(Self::SignUp(person, pkce)),
            2 => Some(Self::SignIn(person)),
            3..=7 => Some(Self::Ask(person, kind, pkce)),
            8..=10 => letter.map(Self::UseLink),
            11..=14 => letter.map(Self::Click),
            15..=17 => letter.map(|letter| Self::UseCode(letter, is_right)),
            18..=20 => code.map(|code| Self::Exchange(code, is_right)),
            21..=23 => token.map(Self::Enroll),
            24..=31 => of_app.map(|(token, app)| Self::Show(token, app, is_right)),
            32 => of_app.map(|(token, app)| Self::Unenroll(token, app)),
            33 | 34 => of_app.map(|(token, _)| Self::Draw(token)),
            35..=37 => of_recovery.map(|(token, code)| Self::Redeem(token, code)),
            38 => token.map(Self::Refresh),
            39 if pkce => token.map(Self::SignOut),
            40 if !right => Some(Self::Ban(person)),
            41 => Some(Self::Unban(person)),
            42 if !right && pkce => Some(Self::Delete(person)),
            _ => None,
        };
        deed.unwrap_or_else(|| Self::Wait(*life.generator.pick(&WAITS)))
    }

    /// Whether it uses up something that is good once, in one request.
    pub fn spends(&self) -> bool {
        matches!(
            self,
            Self::UseLink(_)
                | Self::Click(_)
                | Self::UseCode(_, true)
                | Self::Exchange(_, true)
                | Self::Redeem(..)
        )
    }

    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split('(').next().unwrap_or_default().to_owned()
    }
}

/// Mostly one of the latest, at times one of old.
fn place(generator: &mut Generator, size: usize) -> Option<usize> {
    let among = if generator.once_in(5) { size } else { size.min(4) };
    (size > 0).then(|| size - 1 - generator.below(among))
}

/// Whether an answer has let somebody in, or done what was asked.
pub fn is_good(answer: &Answer) -> bool {
    match answer.status {
        200 | 204 => true,
        303 => answer.led_with("access_token").is_some() || answer.led_with("code").is_some(),
        _ => false,
    }
}

impl Life {
    /// Does it, and holds the answer to the rules.
    pub fn one(&mut self, deed: &Deed, luck: Luck) -> Result<(), String> {
        if let Deed::Wait(milliseconds) = deed {
            self.world.host.advance(*milliseconds);
            return Ok(());
        }
        let expected = self.expected(deed);
        self.note(deed);
        luck.befall(&self.world);
        let before = self.world.host.dump();
        let answer = self.world_answers(deed);
        // Fewer calls were made than the one that was to fail.
        let was_lucky = self.world.host.forget_faults() || luck == Luck::Good;
        if was_lucky {
            expected.is_met_by(&answer)?;
        } else if is_good(&answer) {
            return Err(format!("trouble is told as {}: {}", answer.status, answer.body));
        }
        let is_undone = matches!(luck, Luck::NotMade(1)) && !was_lucky;
        let is_refused = was_lucky && !is_good(&answer) && !matches!(deed, Deed::Refresh(_));
        let after = self.world.host.dump();
        if (is_refused || is_undone) && lasting(&after) != lasting(&before) {
            let mut changed = lasting(&after);
            changed.retain(|line| !before.contains(line));
            return Err(format!("what is refused changes nothing: {} {changed:#?}", answer.body));
        }
        self.learn(deed, &answer, !was_lucky)
    }

    /// The same several times, each up to its next call in turn: one at most is good.
    pub fn at_once(&mut self, deed: &Deed) -> Result<(), String> {
        let expected = self.expected(deed);
        self.note(deed);
        let count = 2 + self.generator.below(3);
        let one = self.asked(deed);
        let answers = interleave((0..count).map(|_| self.world.answer(&one)));
        let good: Vec<&Answer> = answers.iter().filter(|answer| is_good(answer)).collect();
        if good.len() > 1 {
            return Err(format!("{} of {count} at once are good", good.len()));
        }
        if expected.is_only_good() && good.is_empty() {
            return Err(format!("of {count} at once one is good: {answers:?}"));
        }
        match good.first() {
            Some(answer) => self.learn(deed, answer, false),
            None => expected.is_met_by(&answers[0]),
        }
    }

    fn world_answers(&self, deed: &Deed) -> Answer {
        if let Deed::Show(token, app, is_right) = *deed {
            let (token, app) = (&self.tokens[token].access, &self.apps[app]);
            let challenge = self.world.challenge(token, &app.id);
            if challenge.status != 200 {
                return challenge;
            }
            let now = self.now();
            let code =
                if is_right { code_at(&app.secret, now) } else { wrong_code(&app.secret, now) };
            return self.world.verify(token, &app.id, challenge.text("/id"), &code);
        }
        pollster::block_on(self.world.answer(&self.asked(deed)))
    }

    /// The request of a deed.
    fn asked(&self, deed: &Deed) -> Request {
        let post = |address: &str, body: &Value| {
            request(Method::Post, address, &[], body.to_string().as_bytes())
        };
        let with_challenge = |mut body: Value, pkce: bool| {
            if pkce {
                body["code_challenge"] = json!(challenge());
                body["code_challenge_method"] = json!("s256");
            }
            body
        };
        let verify = |body: Value| post("/auth/v1/verify", &body);
        match *deed {
            Deed::SignUp(person, pkce) => {
                let person = &self.people[person];
                let body = json!({ "email": person.email, "password": person.password });
                post("/auth/v1/signup", &with_challenge(body, pkce))
            }
            Deed::SignIn(person) => {
                let person = &self.people[person];
                let body = json!({ "email": person.email, "password": person.password });
                post("/auth/v1/token?grant_type=password", &body)
            }
            Deed::Ask(person, kind, pkce) => {
                let body = json!({ "email": self.people[person].email, "type": "signup" });
                post(&format!("/auth/v1/{kind}"), &with_challenge(body, pkce))
            }
            Deed::UseLink(letter) => {
                let Letter { purpose, link, .. } = &self.letters[letter];
                verify(json!({ "type": purpose, "token_hash": link }))
            }
            Deed::Click(letter) => {
                let Letter { purpose, link, .. } = &self.letters[letter];
                let form = [("content-type", "application/x-www-form-urlencoded")];
                let body = format!("token={link}&type={purpose}");
                request(Method::Post, "/auth/v1/verify", &form, body.as_bytes())
            }
            Deed::UseCode(letter, is_right) => {
                let Letter { purpose, address, code, wrong_code, .. } = &self.letters[letter];
                let code = if is_right { code } else { wrong_code };
                verify(json!({ "type": purpose, "email": address, "token": code }))
            }
            Deed::Exchange(code, is_right) => {
                let verifier =
                    if is_right { VERIFIER.to_owned() } else { VERIFIER.replace('0', "1") };
                let body = json!({ "auth_code": self.codes[code].text, "code_verifier": verifier });
                post("/auth/v1/token?grant_type=pkce", &body)
            }
            Deed::Refresh(token) => {
                let body = json!({ "refresh_token": self.tokens[token].refresh });
                post("/auth/v1/token?grant_type=refresh_token", &body)
            }
            _ => self.asked_with_token(deed),
        }
    }

    fn asked_with_token(&self, deed: &Deed) -> Request {
        let (token, method, address, body) = match *deed {
            Deed::Enroll(token) => {
                let name = format!("app {}", self.story.len());
                let body = json!({ "factor_type": "totp", "friendly_name": name });
                (token, Method::Post, FACTORS.to_owned(), body)
            }
            Deed::Unenroll(token, app) => {
                let address = format!("{FACTORS}/{}", self.apps[app].id);
                (token, Method::Delete, address, Value::Null)
            }
            Deed::Draw(token) => {
                (token, Method::Post, format!("{FACTORS}/recovery-codes"), Value::Null)
            }
            Deed::Redeem(token, code) => {
                let body = json!({ "code": self.recovery_codes[code].text });
                (token, Method::Post, format!("{FACTORS}/recovery-codes/verify"), body)
            }
            Deed::SignOut(token) => {
                (token, Method::Post, "/auth/v1/logout".to_owned(), Value::Null)
            }
            Deed::Ban(person) => {
                return self.by_owner(person, Method::Put, &json!({ "ban_duration": "2h" }));
            }
            Deed::Unban(person) => {
                return self.by_owner(person, Method::Put, &json!({ "ban_duration": "none" }));
            }
            Deed::Delete(person) => return self.by_owner(person, Method::Delete, &Value::Null),
            _ => unreachable!("{deed:?} is asked without a token, or not at all"),
        };
        let bearer = format!("Bearer {}", self.tokens[token].access);
        let headers = [("authorization", bearer.as_str())];
        request(method, &address, &headers, &written(&body))
    }

    fn by_owner(&self, person: usize, method: Method, body: &Value) -> Request {
        let id = self.id(person).unwrap_or_else(|| "99999999-9999-4999-8999-999999999999".into());
        let key =
            format!("Bearer {}", crate::admin_users::key(selvedge::identity::Role::ServiceRole));
        let headers = [("authorization", key.as_str())];
        request(method, &format!("/auth/v1/admin/users/{id}"), &headers, &written(body))
    }

    /// What people have in their hands after an answer.
    fn learn(&mut self, deed: &Deed, answer: &Answer, is_unsure: bool) -> Result<(), String> {
        if is_unsure {
            return Ok(());
        }
        if is_good(answer) {
            *self.memory.done.entry(deed.name()).or_default() += 1;
        } else {
            return Ok(());
        }
        match *deed {
            Deed::UseLink(letter) | Deed::Click(letter) | Deed::UseCode(letter, _) => {
                let letter = &mut self.letters[letter];
                letter.uses += 1;
                once(letter.uses, "a letter")?;
            }
            Deed::Exchange(code, _) => {
                let code = &mut self.codes[code];
                code.uses += 1;
                once(code.uses, "a code of PKCE")?;
            }
            Deed::Redeem(_, code) => {
                let code = &mut self.recovery_codes[code];
                code.uses += 1;
                once(code.uses, "a recovery code")?;
            }
            Deed::Show(_, app, _) => {
                let step = self.now() / 30_000;
                let app = &mut self.apps[app];
                if app.taken.contains(&step) {
                    return Err("a code of an app is taken once".to_owned());
                }
                app.taken.push(step);
            }
            Deed::Enroll(token) => {
                let user_id = self.tokens[token].user_id.clone();
                let app = crate::authenticator::App::of(answer);
                self.apps.push(App { user_id, id: app.id, secret: app.secret, taken: Vec::new() });
            }
            Deed::Draw(token) => {
                let user_id = self.tokens[token].user_id.clone();
                let own = self.recovery_codes.iter_mut().filter(|code| code.user_id == user_id);
                own.for_each(|code| code.is_void = true);
                let codes = answer.body["codes"].as_array().expect("codes");
                self.recovery_codes.extend(codes.iter().map(|code| RecoveryCode {
                    user_id: user_id.clone(),
                    text: code.as_str().expect("a code").to_owned(),
                    uses: 0,
                    is_void: false,
                }));
            }
            _ => {}
        }
        self.keep(answer);
        Ok(())
    }

    /// Keeps a session or a code that an answer has in it.
    fn keep(&mut self, answer: &Answer) {
        let text = |name: &str| answer.body.get(name)?.as_str().map(str::to_owned);
        let found = |name: &str| match answer.status {
            303 => answer.led_with(name),
            _ => text(name),
        };
        if let (Some(access), Some(refresh)) = (found("access_token"), found("refresh_token")) {
            let claims = claims(&access);
            let claim = |name: &str| claims[name].as_str().expect("a claim").to_owned();
            let expires_at = claims["exp"].as_i64().expect("a time") * 1000;
            let (user_id, session_id) = (claim("sub"), claim("session_id"));
            self.tokens.push(Token { user_id, session_id, access, refresh, expires_at });
        } else if answer.status == 303
            && let Some(text) = answer.led_with("code")
        {
            let known: Vec<&str> = self.codes.iter().map(|code| code.flow.as_str()).collect();
            let flows = self.list("select id from auth_flows where user_id is not null");
            let flow = flows.into_iter().find(|flow| !known.contains(&flow.as_str()));
            self.codes.push(AuthCode { flow: flow.unwrap_or_default(), text, uses: 0 });
        }
    }

    /// Reads all mail, also that of which no answer has told.
    pub fn read_mail(&mut self) {
        let rows =
            self.list("select id || ' ' || address || ' ' || purpose from auth_one_time_tokens");
        for row in rows {
            let parts: Vec<&str> = row.split(' ').collect();
            let [id, address, purpose] = parts[..] else { panic!("three parts: {row}") };
            if self.letters.iter().all(|letter| letter.id != id) {
                let mailed = Mailed::of(id);
                self.letters.push(Letter {
                    id: id.to_owned(),
                    address: address.to_owned(),
                    purpose: purpose.to_owned(),
                    wrong_code: mailed.wrong_code(),
                    link: mailed.link,
                    code: mailed.code,
                    uses: 0,
                });
            }
        }
    }

    /// The id of the account that somebody has now.
    pub fn id(&self, person: usize) -> Option<String> {
        let email = self.people[person].email;
        self.list(&format!("select id from auth_users where email = '{email}'")).pop()
    }
}

fn once(uses: u32, what: &str) -> Result<(), String> {
    if uses > 1 { Err(format!("{what} is good once")) } else { Ok(()) }
}

fn written(body: &Value) -> Vec<u8> {
    if body.is_null() { Vec::new() } else { body.to_string().into_bytes() }
}

/// The rows that a refusal must not change: attempts are counted, challenges asked for, and all is told to the audit.
fn lasting(dump: &str) -> Vec<&str> {
    let tables = [
        "auth_users ",
        "auth_sessions ",
        "auth_identities ",
        "auth_recovery_codes ",
        "auth_flows ",
    ];
    dump.lines().filter(|line| tables.iter().any(|table| line.starts_with(table))).collect()
}
