//! An issuer that speaks for several tenants, as Microsoft's does: those that are named come in, and only
//! by what is said in their own name.

use super::id_token::{Keys, RS256, bring, header};
use super::issuer::{ISSUER, Stage, acme, travel};
use super::*;

const ONE: &str = "11111111-1111-4111-8111-111111111111";
const TWO: &str = "22222222-2222-4222-8222-222222222222";
const OTHER: &str = "33333333-3333-4333-8333-333333333333";

fn name_of(tenant: &str) -> String {
    format!("https://acme.example/{tenant}")
}

fn stage(tenants: &str) -> Stage {
    let stage = Stage::with(&[("EXTERNAL_ACME_TENANTS", tenants)]);
    stage.others.described.replace(vec![("issuer", json!(name_of("{tenantid}")))]);
    stage
}

fn say(stage: &Stage, tid: &Value, iss: &str) {
    stage.others.lies.replace(vec![("tid", tid.clone()), ("iss", json!(iss))]);
}

#[test]
fn people_of_named_tenants_come_in() {
    let keys = Keys::new();
    let stage = stage(&format!("{ONE},{TWO}"));
    stage.others.keys.replace(keys.published());
    for (tenant, person) in [(ONE, "ann"), (TWO, "ben")] {
        stage.others.person.replace(acme(person, &format!("{person}@example.com")));
        say(&stage, &json!(tenant), &name_of(tenant));
        let user = travel(&stage, "provider=acme").user(&stage);
        assert_eq!(user["user_metadata"]["iss"], name_of(tenant));
        bring(&stage, &keys.sign(&header(RS256), &stage.others.claims(None))).is_session();
    }
}

#[test]
fn nobody_of_another_tenant_comes_in() {
    let keys = Keys::new();
    let stage = stage(&format!("{ONE},{TWO}"));
    stage.others.keys.replace(keys.published());
    for (tid, iss) in [
        (json!(OTHER), name_of(OTHER)),
        (json!(OTHER), name_of(ONE)),
        (json!(ONE), name_of(OTHER)),
        // Each signs in its own name only.
        (json!(ONE), name_of(TWO)),
        (json!(null), name_of(ONE)),
        (json!([ONE]), name_of(ONE)),
        (json!(""), name_of("")),
        (json!("{tenantid}"), name_of("{tenantid}")),
        (json!(ONE), name_of("{tenantid}")),
        (json!(ONE), ISSUER.to_owned()),
        (json!(ONE), format!("{}/", name_of(ONE))),
    ] {
        say(&stage, &tid, &iss);
        travel(&stage, "provider=acme").is_refused("bad_oauth_callback");
        let token = keys.sign(&header(RS256), &stage.others.claims(None));
        bring(&stage, &token).is(400, "validation_failed");
    }
    assert_eq!(stage.count("auth_users"), 0);
}

#[test]
fn without_names_of_tenants_none_is_let_in() {
    let stage = stage("");
    say(&stage, &json!(ONE), &name_of(ONE));
    let refused = stage.world.send(Method::Get, "/auth/v1/authorize?provider=acme", &[], b"");
    refused.is(400, "bad_oauth_callback");
}

#[test]
fn an_issuer_for_several_is_the_one_that_was_meant() {
    for name in [
        "https://evil.example/{tenantid}",
        "https://acme.example/{tenantid}/v2.0",
        "https://acme.example/x/{tenantid}",
        "https://acme.exampl{tenantid}",
        "{tenantid}",
        "https://acme.example/realm/{tenantid}",
        "https://acme.example/other",
    ] {
        let stage = stage(ONE);
        stage.others.described.replace(vec![("issuer", json!(name))]);
        let refused = stage.world.send(Method::Get, "/auth/v1/authorize?provider=acme", &[], b"");
        refused.is(400, "bad_oauth_callback");
    }
}

/// Keys for one kind of accounts have signed for others before.
#[test]
fn a_key_signs_for_its_own_tenants_only() {
    let keys = Keys::new();
    for (issuer, status) in [
        (json!(name_of("{tenantid}")), 200),
        (json!(name_of(ONE)), 200),
        (json!(name_of(TWO)), 400),
        (json!("https://evil.example/{tenantid}"), 400),
        (json!(null), 200),
    ] {
        let stage = stage(&format!("{ONE},{TWO}"));
        let mut published = keys.published();
        published["keys"][0]["issuer"] = issuer;
        stage.others.keys.replace(published);
        say(&stage, &json!(ONE), &name_of(ONE));
        let token = keys.sign(&header(RS256), &stage.others.claims(None));
        assert_eq!(bring(&stage, &token).status, status);
    }
}
