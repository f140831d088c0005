//! Trouble of the database at each call of each flow: the call is not made, or it is made and its answer
//! is lost. A client is told 503 and nothing else, nothing is left half done, and trying again works.

use std::collections::BTreeSet;

use pollster::block_on;
use serde_json::{Value, json};

use crate::admin_users::by_service;
use crate::authenticator::{App, FACTORS, ann_with_app};
use crate::issuer::{Browser, Stage, travel};
use crate::mailed::{VERIFIER, challenge};
use crate::{Answer, World, claims, credentials, unavailable};
use selvedge::http::Method;

/// What a client does.
type Act = Box<dyn Fn(&World) -> Answer>;

/// What becomes of the same request afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// It works, whether or not the first one had.
    Works,
    /// It works unless the first one had: what can be done once has been done.
    Once,
}

/// Something that clients do, which takes one or more calls of the database.
struct Flow {
    name: &'static str,
    again: Again,
    /// A world in which it can be done, the same each time.
    make: fn() -> (World, Act),
}

fn flow(name: &'static str, again: Again, make: fn() -> (World, Act)) -> Flow {
    Flow { name, again, make }
}

fn act(act: impl Fn(&World) -> Answer + 'static) -> Act {
    Box::new(act)
}

/// Ann, and what she does with her access token.
fn as_ann(deed: fn(&World, &str) -> Answer) -> (World, Act) {
    let (world, ann) = World::with_ann();
    let token = ann.access_token().to_owned();
    (world, act(move |world| deed(world, &token)))
}

fn sign_out(world: &World, token: &str, scope: &str) -> Answer {
    world.authorized(Method::Post, &format!("/auth/v1/logout?scope={scope}"), token)
}

fn passwords() -> Vec<Flow> {
    vec![
        flow("sign up", Again::Once, || {
            let body = credentials("ann@example.com");
            (World::new(), act(move |world| world.post("/auth/v1/signup", &body)))
        }),
        flow("sign in", Again::Works, || {
            let (world, _) = World::with_ann();
            (world, act(|world| world.password(&credentials("ann@example.com"))))
        }),
        flow("sign in with an outdated hash", Again::Works, || {
            let (world, _) = World::with_ann();
            world.host.execute(&format!("update auth_users set password_hash = '{OUTDATED}'"));
            let body = json!({ "email": "ann@example.com", "password": "password" });
            (world, act(move |world| world.password(&body)))
        }),
    ]
}

/// The reference implementation's own example, of cheaper parameters than today's.
const OUTDATED: &str =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

fn sessions() -> Vec<Flow> {
    vec![
        flow("refresh", Again::Works, || {
            let (world, ann) = World::with_ann();
            let token = ann.refresh_token().to_owned();
            (world, act(move |world| world.refresh(&token)))
        }),
        flow("read one's account", Again::Works, || as_ann(World::get_user)),
        flow("sign out here", Again::Once, || {
            as_ann(|world, token| sign_out(world, token, "local"))
        }),
        flow("sign out everywhere", Again::Once, || {
            as_ann(|world, token| sign_out(world, token, "global"))
        }),
        flow("sign out elsewhere", Again::Works, || {
            let (world, act) = as_ann(|world, token| sign_out(world, token, "others"));
            world.password(&credentials("ann@example.com")).is_session();
            (world, act)
        }),
    ]
}

fn factors() -> Vec<Flow> {
    vec![
        flow("enroll a factor", Again::Once, || {
            as_ann(|world, token| world.enroll(token, "phone"))
        }),
        flow("challenge a factor", Again::Works, || {
            let (world, app, raised) = ann_with_app();
            let token = raised.access_token().to_owned();
            (world, act(move |world| world.challenge(&token, &app.id)))
        }),
        flow("prove a new factor", Again::Once, || {
            let (world, ann) = World::with_ann();
            let app = App::of(&world.enroll(ann.access_token(), "phone"));
            let challenge = world.challenge(ann.access_token(), &app.id).text("/id").to_owned();
            let token = ann.access_token().to_owned();
            (world, act(move |world| world.verify(&token, &app.id, &challenge, &app.code(world))))
        }),
        flow("show a factor", Again::Once, || {
            let (world, app, _) = ann_with_app();
            let below = world.password(&credentials("ann@example.com"));
            let token = below.access_token().to_owned();
            let challenge = world.challenge(&token, &app.id).text("/id").to_owned();
            (world, act(move |world| world.verify(&token, &app.id, &challenge, &app.code(world))))
        }),
        flow("unenroll a factor", Again::Once, || {
            let (world, app, raised) = ann_with_app();
            let token = raised.access_token().to_owned();
            (world, act(move |world| world.unenroll(&token, &app.id)))
        }),
        flow("make recovery codes", Again::Works, || {
            let (world, _, raised) = ann_with_app();
            let token = raised.access_token().to_owned();
            let address = format!("{FACTORS}/recovery-codes");
            (world, act(move |world| world.post_as(&token, &address, &json!({}))))
        }),
        flow("use a recovery code", Again::Once, || {
            let (world, _, raised) = ann_with_app();
            let address = format!("{FACTORS}/recovery-codes");
            let made = world.post_as(raised.access_token(), &address, &json!({}));
            let body = json!({ "code": made.text("/codes/0") });
            let below = world.password(&credentials("ann@example.com"));
            let token = below.access_token().to_owned();
            let address = format!("{address}/verify");
            (world, act(move |world| world.post_as(&token, &address, &body)))
        }),
    ]
}

/// A world where addresses are confirmed, and what somebody does in it.
fn strict(deed: fn(&World) -> Answer) -> (World, Act) {
    (World::strict(), act(deed))
}

fn sign_up(world: &World) -> Answer {
    world.post("/auth/v1/signup", &credentials("ann@example.com"))
}

/// Letters with a link and a code, and what is asked for.
fn letters() -> Vec<Flow> {
    vec![
        flow("sign up where addresses are confirmed", Again::Once, || strict(sign_up)),
        flow("ask for a new password", Again::Once, || {
            let (world, _) = World::with_ann_and(&[]);
            let body = json!({ "email": "ann@example.com" });
            (world, act(move |world| world.post("/auth/v1/recover", &body)))
        }),
        flow("ask for a code", Again::Once, || {
            let (world, _) = World::with_ann_and(&[]);
            let body = json!({ "email": "ann@example.com" });
            (world, act(move |world| world.post("/auth/v1/otp", &body)))
        }),
        flow("ask for a code and an account", Again::Once, || {
            let body = json!({ "email": "ann@example.com" });
            (World::strict(), act(move |world| world.post("/auth/v1/otp", &body)))
        }),
        flow("ask for a link", Again::Once, || {
            let (world, _) = World::with_ann_and(&[]);
            let body = json!({ "email": "ann@example.com" });
            (world, act(move |world| world.post("/auth/v1/magiclink", &body)))
        }),
        flow("ask for the letter again", Again::Once, || {
            let world = World::strict();
            sign_up(&world);
            world.host.advance(61_000);
            let body = json!({ "type": "signup", "email": "ann@example.com" });
            (world, act(move |world| world.post("/auth/v1/resend", &body)))
        }),
        flow("sign up where somebody has signed up", Again::Once, || {
            let world = World::strict();
            sign_up(&world);
            world.host.advance(61_000);
            let mut other = credentials("ann@example.com");
            other["password"] = json!("another battery staple");
            (world, act(move |world| world.post("/auth/v1/signup", &other)))
        }),
        flow("ask for a code to change the password", Again::Once, || {
            let (world, ann) = World::with_ann_and(&[]);
            let token = ann.access_token().to_owned();
            let address = "/auth/v1/reauthenticate";
            (world, act(move |world| world.authorized(Method::Get, address, &token)))
        }),
    ]
}

/// What a link or a code is good for.
fn one_time() -> Vec<Flow> {
    vec![
        flow("confirm an address by its code", Again::Once, || {
            let world = World::strict();
            sign_up(&world);
            let code = world.mailed("signup").code;
            (world, act(move |world| world.verify_code("signup", "ann@example.com", &code)))
        }),
        flow("confirm an address by its link", Again::Once, || {
            let world = World::strict();
            sign_up(&world);
            let link = world.mailed("signup").link;
            (world, act(move |world| world.verify_link("signup", &link)))
        }),
        flow("confirm an address for which several have signed up", Again::Once, || {
            let world = World::strict();
            sign_up(&world);
            let link = world.mailed("signup").link;
            world.host.advance(61_000);
            let mut other = credentials("ann@example.com");
            other["password"] = json!("another battery staple");
            assert_eq!(world.post("/auth/v1/signup", &other).status, 200);
            (world, act(move |world| world.verify_link("signup", &link)))
        }),
        flow("come in by the code of a lost password", Again::Once, || {
            let (world, _) = World::with_ann_and(&[]);
            world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" }));
            let code = world.mailed("recovery").code;
            (world, act(move |world| world.verify_code("recovery", "ann@example.com", &code)))
        }),
        flow("click on a link", Again::Once, || {
            let (world, _) = World::with_ann_and(&[]);
            world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" }));
            let link = world.mailed("recovery").link;
            (world, act(move |world| clicked(world.click("recovery", &link, SITE))))
        }),
        flow("click on a link with PKCE", Again::Once, || {
            let (world, link) = with_pkce_link();
            (world, act(move |world| clicked(world.click("recovery", &link, SITE))))
        }),
        flow("exchange a code with PKCE", Again::Once, || {
            let (world, link) = with_pkce_link();
            let led = world.click("recovery", &link, SITE);
            let code = led.led_with("code").expect("a code");
            (world, act(move |world| world.exchange(&code, VERIFIER)))
        }),
        flow("change one's address", Again::Once, || {
            let (world, ann) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
            world.put_user(ann.access_token(), &json!({ "email": "new@example.com" }));
            let first = world.mailed("email_change_new").link;
            world.verify_link("email_change", &first);
            let second = world.mailed("email_change_current").link;
            (world, act(move |world| world.verify_link("email_change", &second)))
        }),
    ]
}

const SITE: &str = "http://127.0.0.1:54321";

fn with_pkce_link() -> (World, String) {
    let (world, _) = World::with_ann_and(&[]);
    let body = json!({
        "email": "ann@example.com", "code_challenge": challenge(), "code_challenge_method": "s256",
    });
    world.post("/auth/v1/recover", &body);
    let link = world.mailed("recovery").link;
    (world, link)
}

/// An app is told by its address: what is refused there counts as refused.
fn clicked(mut led: Answer) -> Answer {
    if led.status == 303 && led.led_with("error").is_some() {
        led.status = 403;
    }
    led
}

/// What people change of their accounts.
fn accounts() -> Vec<Flow> {
    fn put(body: Value) -> (World, Act) {
        let (world, ann) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
        world.password(&credentials("ann@example.com")).is_session();
        let token = ann.access_token().to_owned();
        (world, act(move |world| world.put_user(&token, &body)))
    }

    vec![
        flow("tell something of oneself", Again::Works, || put(json!({ "data": { "a": 1 } }))),
        flow("change the password", Again::Once, || {
            put(json!({ "password": "another battery staple" }))
        }),
        flow("ask for another address", Again::Once, || put(json!({ "email": "new@example.com" }))),
        flow("come in without an address", Again::Works, || {
            let world = World::with(&[("EXTERNAL_ANONYMOUS_USERS_ENABLED", "true")]);
            (world, act(|world| world.post("/auth/v1/signup", &json!({}))))
        }),
        flow("end a session of one's own", Again::Once, || {
            let (world, ann) = World::with_ann();
            let other = world.password(&credentials("ann@example.com"));
            let id = claims(other.access_token())["session_id"].as_str().expect("an id").to_owned();
            let token = ann.access_token().to_owned();
            let address = format!("/auth/v1/sessions/{id}");
            (world, act(move |world| world.authorized(Method::Delete, &address, &token)))
        }),
    ]
}

/// What the owner's server does with Ann's account.
fn owner(method: Method, path: &'static str, body: Value) -> (World, Act) {
    let (world, ann) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
    let path = path.replace("{ann}", ann.text("/user/id"));
    let address = format!("/auth/v1{path}");
    (world, act(move |world| by_service(world, method, &address, &body)))
}

const ANN: &str = "/admin/users/{ann}";

fn owners() -> Vec<Flow> {
    vec![
        flow("make somebody's account", Again::Once, || {
            let body = json!({ "email": "ben@example.com", "password": "ben's own battery" });
            owner(Method::Post, "/admin/users", body)
        }),
        flow("set somebody's password", Again::Works, || {
            owner(Method::Put, ANN, json!({ "password": "another battery staple" }))
        }),
        flow("ban somebody", Again::Works, || {
            owner(Method::Put, ANN, json!({ "ban_duration": "24h" }))
        }),
        flow("delete somebody", Again::Once, || owner(Method::Delete, ANN, Value::Null)),
        flow("end somebody's sessions", Again::Works, || {
            owner(Method::Post, "/admin/users/{ann}/logout", Value::Null)
        }),
        flow("invite somebody", Again::Works, || {
            owner(Method::Post, "/invite", json!({ "email": "ben@example.com" }))
        }),
        flow("make a link for somebody", Again::Works, || {
            let body = json!({ "type": "recovery", "email": "ann@example.com" });
            owner(Method::Post, "/admin/generate_link", body)
        }),
    ]
}

fn providers() -> Vec<Flow> {
    vec![
        flow("go to a provider", Again::Works, || {
            let stage = Stage::new();
            let address = "/auth/v1/authorize?provider=github";
            (stage.world, act(move |world| world.send(Method::Get, address, &[], b"")))
        }),
        flow("exchange a provider's code with PKCE", Again::Once, || {
            let stage = Stage::new();
            let pkce = format!("code_challenge={}&code_challenge_method=s256", challenge());
            let code = travel(&stage, &format!("provider=acme&{pkce}")).parameter("code");
            let code = code.expect("a code");
            (stage.world, act(move |world| world.exchange(&code, VERIFIER)))
        }),
    ]
}

/// A way back from a provider takes several steps, each of which is whole: the flow is spent, the account
/// is made or found, the session begins. The app is told of trouble as such.
#[test]
fn trouble_on_the_way_back_from_a_provider_makes_no_half_accounts() {
    let ways =
        [String::new(), format!("&code_challenge={}&code_challenge_method=s256", challenge())];
    for (way, is_lost) in ways.iter().flat_map(|way| [(way, false), (way, true)]) {
        for k in 1..=3 {
            let stage = Stage::new();
            let browser = Browser::default();
            let address = block_on(browser.set_out(&stage, &format!("provider=acme{way}")));
            let back = stage.others.agree(&address);
            if is_lost {
                stage.world.host.lose_answer(k, unavailable());
            } else {
                stage.world.host.fail_batch(k, unavailable());
            }
            let answer = block_on(browser.come_back(&stage, &back));
            if stage.world.host.forget_faults() {
                assert!(k == 3 && !way.is_empty(), "only PKCE needs two calls");
                continue;
            }
            let told = answer.status == 503
                || answer.location().contains("error_code=service_unavailable");
            assert!(told, "{} {:?}", answer.status, answer.headers);
            let counts = ["auth_users", "auth_identities"].map(|table| stage.count(table));
            assert!([[0, 0], [1, 1]].contains(&counts), "{counts:?}");
            assert!(stage.count("auth_sessions") <= counts[0]);
            // Setting out again always leads in, and to no second account.
            let again = travel(&stage, "provider=acme");
            assert!(again.fragment("access_token").is_some(), "{}", again.location());
            assert_eq!(stage.count("auth_users"), 1);
        }
    }
}

fn flows() -> Vec<Flow> {
    let all = [
        passwords(),
        sessions(),
        factors(),
        letters(),
        one_time(),
        accounts(),
        owners(),
        providers(),
    ];
    all.into_iter().flatten().collect()
}

/// All rows, without what is noted of attempts: one counts, and is told as failed, until it has succeeded.
fn state(world: &World) -> String {
    let dump = world.host.dump();
    let attempts = [" login_failed ", " verification_attempted "];
    let is_attempt = |line: &str| {
        line.starts_with("auth_counters ")
            || (line.starts_with("auth_audit ") && attempts.iter().any(|word| line.contains(word)))
    };
    let lines = dump.lines().filter(|line| !is_attempt(line));
    lines.map(without_attempts).collect::<Vec<_>>().join("\n")
}

/// A row without its column `attempts`, which stands so far from its end.
fn without_attempts(line: &str) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    if line.starts_with("auth_one_time_tokens ") {
        words.remove(words.len() - 3);
    }
    words.join(" ")
}

/// A flow without trouble: the calls it makes, and all rows before and after it.
fn undisturbed(flow: &Flow) -> (u32, [String; 2]) {
    let (world, act) = (flow.make)();
    let before = state(&world);
    world.host.take_usage();
    let answer = act(&world);
    assert!(answer.status < 400, "{}: {} {}", flow.name, answer.status, answer.body);
    (world.host.take_usage().round_trips, [before, state(&world)])
}

/// The trouble is told as such, and never as a refusal, for which clients would sign people out.
#[track_caller]
fn is_trouble(answer: &Answer, place: &str) {
    assert_eq!(answer.status, 503, "{place}: {}", answer.body);
    assert_eq!(answer.text("/code"), "service_unavailable", "{place}");
    assert!(!answer.body.to_string().contains("D1_ERROR"), "{place}: {}", answer.body);
}

/// Rows are as they were before or as they are after a flow, and nothing between.
#[track_caller]
fn whole(found: &str, [before, after]: [&str; 2], place: &str) {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (found, before, after) = (lines(found), lines(before), lines(after));
    assert!(
        found == before || found == after,
        "{place}\nchanged:\n{:#?}\nmissing:\n{:#?}",
        found.difference(&before).collect::<Vec<_>>(),
        after.difference(&found).collect::<Vec<_>>()
    );
}

#[test]
fn a_call_that_is_not_made_leaves_nothing_half_done_and_can_be_tried_again() {
    for flow in flows() {
        let (calls, [before, after]) = undisturbed(&flow);
        assert!(calls > 0, "{}", flow.name);
        for k in 1..=calls {
            let place = format!("{}, call {k} of {calls} not made", flow.name);
            let (world, act) = (flow.make)();
            world.host.fail_batch(k, unavailable());
            is_trouble(&act(&world), &place);
            let found = state(&world);
            whole(&found, [&before, &after], &place);
            let again = act(&world);
            assert!(again.status < 400, "{place}, again: {} {}", again.status, again.body);
        }
    }
}

#[test]
fn a_call_whose_answer_is_lost_leaves_nothing_half_done_either() {
    for flow in flows() {
        let (calls, [before, after]) = undisturbed(&flow);
        for k in 1..=calls {
            let place = format!("{}, answer {k} of {calls} lost", flow.name);
            let (world, act) = (flow.make)();
            world.host.lose_answer(k, unavailable());
            is_trouble(&act(&world), &place);
            let found = state(&world);
            whole(&found, [&before, &after], &place);
            let again = act(&world);
            let was_done = found == after && before != after;
            let expected = match flow.again {
                Again::Once if was_done => 400..500,
                Again::Once | Again::Works => 200..400,
            };
            assert!(
                expected.contains(&again.status),
                "{place}, again: {} {}",
                again.status,
                again.body
            );
        }
    }
}

/// What a flow does is done by one call, so that there is nothing between before and after.
#[test]
fn a_flow_changes_something_by_one_of_its_calls_and_not_by_several() {
    for flow in flows() {
        let (calls, [before, _]) = undisturbed(&flow);
        let mut states = vec![before];
        for k in 2..=calls {
            let (world, act) = (flow.make)();
            world.host.fail_batch(k, unavailable());
            act(&world);
            states.push(state(&world));
        }
        states.dedup();
        assert!(states.len() <= 2, "{} is done in {} steps", flow.name, states.len());
    }
}

#[test]
fn a_hasher_that_is_down_is_trouble_too() {
    for flow in passwords() {
        let (world, act) = (flow.make)();
        let before = state(&world);
        world.host.hasher_is_down(true);
        is_trouble(&act(&world), flow.name);
        assert_eq!(state(&world), before, "{}", flow.name);
        world.host.hasher_is_down(false);
        act(&world).is_session();
    }
}
