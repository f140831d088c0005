//! Providers as a test imagines them, behind the host's `fetch`: one issuer of OpenID Connect, and
//! GitHub. They check what they are sent as strictly as real ones, and lie as they are told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::engine::general_purpose::STANDARD;
use selvedge::http::encoding::query_pairs;
use selvedge::outbound::{FetchError, Inbound, Outbound};
use sha2::{Digest, Sha256};

use super::support::{START, config_with, inbound};
use super::*;

pub const ISSUER: &str = "https://acme.example/realm";
pub const CLIENT: &str = "selvedge at acme";
const SECRET: &str = "acme's & secret";
pub const CALLBACK: &str = "http://127.0.0.1:54321/auth/v1/callback";
pub const SITE: &str = "http://127.0.0.1:54321";

/// Settings under which all of them vouch.
pub const PROVIDERS: [(&str, &str); 9] = [
    ("EXTERNAL_OIDC", "acme"),
    ("EXTERNAL_ACME_URL", ISSUER),
    ("EXTERNAL_ACME_CLIENT_ID", "selvedge at acme,phone"),
    ("EXTERNAL_ACME_SECRET", SECRET),
    ("EXTERNAL_GITHUB_ENABLED", "true"),
    ("EXTERNAL_GITHUB_CLIENT_ID", "selvedge"),
    ("EXTERNAL_GITHUB_SECRET", "hush"),
    ("SECURITY_MANUAL_LINKING_ENABLED", "true"),
    ("URI_ALLOW_LIST", "https://app.example/**,myapp://**"),
];

/// What a provider remembers of a code.
struct Asked {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    nonce: Option<String>,
}

/// Everybody else's servers.
#[derive(Default)]
pub struct Others {
    /// Who sits in front of the browser: claims at the issuer.
    pub person: RefCell<Value>,
    /// What the next ID token claims instead; null leaves a claim out.
    pub lies: RefCell<Vec<(&'static str, Value)>>,
    /// What a server answers instead, by the path's end.
    pub broken: RefCell<BTreeMap<&'static str, Result<Inbound, FetchError>>>,
    /// What the issuer says of itself instead.
    pub described: RefCell<Vec<(&'static str, Value)>>,
    /// The issuer's public keys.
    pub keys: RefCell<Value>,
    /// GitHub's `/user` and `/user/emails`.
    pub github: RefCell<(Value, Value)>,
    codes: RefCell<BTreeMap<String, Asked>>,
    next: Cell<u32>,
}

pub fn acme(subject: &str, email: &str) -> Value {
    json!({ "sub": subject, "email": email, "email_verified": true, "name": "Ann of Acme",
        "picture": "https://acme.example/ann.png", "preferred_username": "ann" })
}

impl Others {
    /// A person signs in and agrees: the query that the browser brings back.
    pub fn agree(&self, address: &str) -> String {
        let (page, query) = address.split_once('?').expect("a query");
        let is_github = page == "https://github.com/login/oauth/authorize";
        assert!(is_github || page == "https://acme.example/authorize", "{page}");
        let mut sent: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in query_pairs(query).expect("percent-encoding") {
            let before = sent.insert(name.clone(), value.unwrap_or_default());
            assert_eq!(before, None, "{name} is sent twice");
        }
        assert_eq!(sent["response_type"], "code");
        assert_eq!(sent["code_challenge_method"], "S256");
        assert_eq!(sent["redirect_uri"], CALLBACK);
        assert_eq!(sent["client_id"], if is_github { "selvedge" } else { CLIENT });
        assert_eq!(sent.contains_key("nonce"), !is_github);
        let number = self.next.get();
        self.next.set(number + 1);
        let code = format!("code {number}");
        let asked = Asked {
            client_id: sent["client_id"].clone(),
            redirect_uri: sent["redirect_uri"].clone(),
            challenge: sent["code_challenge"].clone(),
            nonce: sent.get("nonce").cloned(),
        };
        self.codes.borrow_mut().insert(code, asked);
        format!("code=code%20{number}&state={}", sent["state"])
    }

    fn answer(&self, request: &Outbound) -> Result<Inbound, FetchError> {
        assert!(!request.url.contains("secret"), "{}", request.url);
        if let Some((_, answer)) =
            self.broken.borrow().iter().find(|(end, _)| request.url.ends_with(**end))
        {
            return answer.clone();
        }
        match request.url.as_str() {
            "https://acme.example/realm/.well-known/openid-configuration" => self.describe(),
            "https://acme.example/token" => self.token(request),
            "https://acme.example/userinfo" => {
                assert_bearer(request, "acme's token");
                inbound(200, &self.person.borrow().to_string())
            }
            "https://acme.example/keys" => inbound(200, &self.keys.borrow().to_string()),
            "https://github.com/login/oauth/access_token" => self.token(request),
            "https://api.github.com/user" => {
                assert_bearer(request, "github's token");
                inbound(200, &self.github.borrow().0.to_string())
            }
            "https://api.github.com/user/emails" => {
                assert_bearer(request, "github's token");
                inbound(200, &self.github.borrow().1.to_string())
            }
            other => panic!("nobody is at {other}"),
        }
    }

    fn describe(&self) -> Result<Inbound, FetchError> {
        let mut described = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://acme.example/authorize",
            "token_endpoint": "https://acme.example/token",
            "userinfo_endpoint": "https://acme.example/userinfo",
            "jwks_uri": "https://acme.example/keys",
        });
        for (name, value) in self.described.borrow().iter() {
            described[name] = value.clone();
        }
        inbound(200, &described.to_string())
    }

    fn token(&self, request: &Outbound) -> Result<Inbound, FetchError> {
        let body = request.body.as_deref().unwrap_or_default();
        let pairs = query_pairs(body).expect("a form");
        let sent: BTreeMap<_, _> = pairs.into_iter().collect();
        let sent = |name: &str| sent.get(name).cloned().flatten().unwrap_or_default();
        let header = |name| request.headers.iter().find(|(other, _)| *other == name);
        let is_github = request.url.contains("github");
        if is_github {
            assert_eq!((sent("client_secret").as_str(), header("authorization")), ("hush", None));
        } else {
            let pair = "selvedge%20at%20acme:acme%27s%20%26%20secret";
            let basic = format!("Basic {}", STANDARD.encode(pair));
            assert_eq!(header("authorization").map(|(_, value)| value), Some(&basic));
        }
        assert_eq!(sent("grant_type"), "authorization_code");
        let Some(asked) = self.codes.borrow_mut().remove(&sent("code")) else {
            return inbound(400, r#"{"error":"invalid_grant"}"#);
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(sent("code_verifier")));
        assert_eq!(challenge, asked.challenge, "the verifier belongs to the challenge");
        assert_eq!(
            (sent("client_id"), sent("redirect_uri")),
            (asked.client_id, asked.redirect_uri)
        );
        if is_github {
            return inbound(200, r#"{"access_token":"github's token","token_type":"bearer"}"#);
        }
        let claims = self.claims(asked.nonce.as_deref());
        let answer = json!({ "access_token": "acme's token", "token_type": "Bearer",
            "refresh_token": "acme's other token", "id_token": unsigned(&claims) });
        inbound(200, &answer.to_string())
    }

    /// What an ID token says of the person now.
    pub fn claims(&self, nonce: Option<&str>) -> Value {
        let mut claims = self.person.borrow().clone();
        let now = START / 1000;
        claims["iss"] = json!(ISSUER);
        claims["aud"] = json!(CLIENT);
        claims["iat"] = json!(now);
        claims["exp"] = json!(now + 3000);
        claims["nonce"] = json!(nonce);
        for (name, value) in self.lies.borrow().iter() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        claims
    }
}

fn assert_bearer(request: &Outbound, token: &str) {
    let bearer = ("authorization", format!("Bearer {token}"));
    assert!(request.headers.contains(&bearer), "{request:?}");
}

/// A token whose signature nobody looks at, since it comes from the issuer itself.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.AAAA", part(&json!({ "alg": "RS256" })), part(claims))
}

/// A project whose people come from elsewhere.
pub struct Stage {
    pub world: World,
    pub others: Rc<Others>,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// With some settings changed or added.
    pub fn with(changes: &[(&str, &str)]) -> Self {
        let mut world = World::new();
        let defaults = [("MAILER_AUTOCONFIRM", "false")];
        world.config = config_with(&[changes, &PROVIDERS, &defaults].concat());
        let others = Rc::new(Others::default());
        others.person.replace(acme("1", "ann@example.com"));
        let servers = Rc::clone(&others);
        world.host.on_fetch(move |request| servers.answer(request));
        Self { world, others }
    }

    pub fn lie(&self, name: &'static str, value: Value) {
        self.others.lies.replace(vec![(name, value)]);
    }

    pub fn query(&self, sql: &str) -> String {
        self.world.host.query(sql).unwrap_or_default()
    }

    pub fn count(&self, table: &str) -> u32 {
        self.query(&format!("select count(*) from {table}")).parse().expect("a number")
    }

    /// An account that has signed up by address and password, proven or not.
    pub fn account(&self, id: u32, email: &str, is_confirmed: bool) -> String {
        let id = format!("00000000-0000-4000-8000-{id:012}");
        let confirmed = if is_confirmed { "1" } else { "null" };
        let is_verified = is_confirmed;
        self.world.host.execute(&format!(
            "insert into auth_users (id, email, password_hash, email_confirmed_at, app_metadata,
               user_metadata, created_at, updated_at)
             values ('{id}', '{email}', 'a hash', {confirmed},
               '{{\"provider\":\"email\",\"providers\":[\"email\"]}}', '{{\"name\":\"A\"}}', 1, 1);
             insert into auth_identities (id, user_id, provider, subject, email, identity_data,
               created_at, updated_at)
             values ('{id}', '{id}', 'email', '{id}', '{email}',
               '{{\"email_verified\":{is_verified}}}', 1, 1);
             insert into auth_sessions (id, user_id, refreshed_at, created_at)
             values ('{id}', '{id}', {START}, {START})"
        ));
        id
    }
}

/// A browser, which keeps its cookies to itself.
#[derive(Default)]
pub struct Browser {
    cookie: RefCell<Option<String>>,
}

impl Browser {
    pub async fn open(&self, stage: &Stage, address: &str) -> Answer {
        let cookie = self.cookie.borrow().clone();
        let headers: Vec<_> = cookie.iter().map(|cookie| ("cookie", cookie.as_str())).collect();
        let answer = stage.world.answer(&request(Method::Get, address, &headers, b"")).await;
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie.replace(cookie.split(';').next().map(str::to_owned));
        }
        answer
    }

    /// Goes to a provider: the address that it is sent to.
    pub async fn set_out(&self, stage: &Stage, query: &str) -> String {
        let answer = self.open(stage, &format!("/auth/v1/authorize?{query}")).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        answer.header("location").expect("a location").to_owned()
    }

    pub async fn come_back(&self, stage: &Stage, query: &str) -> Answer {
        self.open(stage, &format!("/auth/v1/callback?{query}")).await
    }

    /// All the way: to the provider, whose person agrees, and back.
    pub async fn travel(&self, stage: &Stage, query: &str) -> Answer {
        let address = self.set_out(stage, query).await;
        let back = stage.others.agree(&address);
        self.come_back(stage, &back).await
    }
}

/// All the way in a fresh browser, without PKCE.
pub fn travel(stage: &Stage, query: &str) -> Answer {
    block_on(Browser::default().travel(stage, query))
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }

    /// Where it leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert!(matches!(self.status, 302 | 303), "{} {}", self.status, self.body);
        self.header("location").expect("a location")
    }

    /// A parameter of the fragment of where it leads.
    #[track_caller]
    pub fn fragment(&self, name: &str) -> Option<String> {
        parameter(self.location().split_once('#')?.1, name)
    }

    /// A parameter of the query of where it leads.
    #[track_caller]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let address = self.location().split('#').next().unwrap_or_default();
        parameter(address.split_once('?')?.1, name)
    }

    /// The user whose session is in the fragment.
    #[track_caller]
    pub fn user(&self, stage: &Stage) -> Value {
        let token = self.fragment("access_token");
        let token = token.unwrap_or_else(|| panic!("a session in {}", self.location()));
        let user = stage.world.get_user(&token);
        assert_eq!(user.status, 200, "{}", user.body);
        user.body
    }

    /// That nobody has come in, and that the app is told why, both ways.
    #[track_caller]
    pub fn is_refused(&self, code: &str) {
        assert_eq!(self.fragment("error_code").as_deref(), Some(code), "{}", self.location());
        assert_eq!(self.parameter("error_code").as_deref(), Some(code), "{}", self.location());
        assert_eq!(self.fragment("access_token"), None);
        assert_eq!(self.parameter("code"), None);
    }
}

fn parameter(form: &str, name: &str) -> Option<String> {
    let pairs = query_pairs(form).expect("percent-encoding");
    pairs.into_iter().find(|(other, _)| other == name)?.1
}
