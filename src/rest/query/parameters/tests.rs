use super::*;
use crate::rest::query::{Aggregate, Comparison, Is, Join, JsonStep, Nulls, Operator, Test};

#[track_caller]
fn reads(query: &str) -> Parameters {
    Parameters::read(query).unwrap_or_else(|error| panic!("{query}: {error:?}"))
}

#[track_caller]
fn condition(query: &str) -> String {
    let parameters = reads(query);
    let [placed] = parameters.conditions.as_slice() else { panic!("{query}: one condition") };
    let path = placed.path.iter().map(|segment| format!("{segment}/")).collect::<String>();
    format!("{path}{}", printed(&placed.value))
}

fn printed(condition: &Condition) -> String {
    let list = |members: &[Condition]| members.iter().map(printed).collect::<Vec<_>>().join(" ");
    match condition {
        Condition::All(members) => format!("(and {})", list(members)),
        Condition::Any(members) => format!("(or {})", list(members)),
        Condition::Not(inner) => format!("(not {})", printed(inner)),
        Condition::Search(field, search) => format!("{} {search:?}", field.column),
        Condition::Filter(filter) => {
            let mut field = filter.field.column.clone();
            for step in &filter.field.path {
                field.push_str(&match step {
                    JsonStep::Key(key) => format!("->{key}"),
                    JsonStep::Index(index) => format!("->[{index}]"),
                });
            }
            let test = match &filter.test {
                Test::Value(operator, text) => format!("{} {text:?}", symbol(*operator)),
                Test::Each { operator, all, items } => {
                    format!("{}{} {items:?}", symbol(*operator), if *all { "*" } else { "?" })
                }
                Test::In(items) => format!("in {items:?}"),
                Test::Is(Is::Null) => "is null".to_owned(),
                Test::Is(is) => format!("is {is:?}"),
                Test::Set(set, text) => format!("{set:?} {text:?}"),
                Test::Range => "range".to_owned(),
            };
            format!("{field} {test}")
        }
    }
}

fn symbol(operator: Operator) -> String {
    match operator {
        Operator::Compare(Comparison::Equal) => "=".to_owned(),
        Operator::Compare(comparison) => format!("{comparison:?}"),
        Operator::Like { ignore_case } => if ignore_case { "ilike" } else { "like" }.to_owned(),
        Operator::Match { ignore_case } => if ignore_case { "imatch" } else { "match" }.to_owned(),
    }
}

#[test]
fn filters_take_their_value_raw_to_the_end() {
    assert_eq!(condition("id=eq.1"), "id = \"1\"");
    assert_eq!(condition("name=eq.a.b,c)"), "name = \"a.b,c)\"");
    assert_eq!(condition("name=eq.%22x%22"), r#"name = "\"x\"""#);
    assert_eq!(condition("name=eq."), "name = \"\"");
    assert_eq!(condition("a=not.gte.5"), "(not a GreaterOrEqual \"5\")");
    assert_eq!(condition("a=is.NULL"), "a is null");
    assert_eq!(condition("a=not.is.true"), "(not a is True)");
    assert_eq!(condition("a=like.*x%25"), "a like \"*x%\"");
    assert_eq!(condition("and_x=eq.1"), "and_x = \"1\"");
    assert_eq!(condition("%22or%22=eq.1"), "or = \"1\"");
    assert_eq!(condition("a%20b=eq.c+d"), "a b = \"c d\"");
}

#[test]
fn lists() {
    assert_eq!(condition("a=in.(1,2)"), r#"a in ["1", "2"]"#);
    assert_eq!(condition(r#"a=in.("b,c","d\"e",f g)"#), r#"a in ["b,c", "d\"e", "f g"]"#);
    assert_eq!(condition("a=in.()"), "a in []");
    assert_eq!(condition(r#"a=in.("")"#), "a in []");
    assert_eq!(condition("a=in.(,)"), r#"a in ["", ""]"#);
}

#[test]
fn each_operator_has_its_word() {
    for (query, expected) in [
        ("a=neq.1", r#"a NotEqual "1""#),
        ("a=isdistinct.null", r#"a Distinct "null""#),
        ("a=imatch.^x", r#"a imatch "^x""#),
        ("a=not.match.x$", r#"(not a match "x$")"#),
        ("a=cs.{1,2}", r#"a Contains "{1,2}""#),
        ("a=cd.[1]", r#"a Contained "[1]""#),
        ("a=not.ov.{x}", r#"(not a Overlaps "{x}")"#),
        ("a=sl.[1,2)", "a range"),
        ("a=not.adj.(1,2)", "(not a range)"),
        ("a=eq(any).{1,2}", r#"a =? "{1,2}""#),
        ("a=not.ilike(all).{x*,y}", r#"(not a ilike* "{x*,y}")"#),
        ("a=gte(any).{}", r#"a GreaterOrEqual? "{}""#),
        ("a=match(any).{x}", r#"a match? "{x}""#),
    ] {
        assert_eq!(condition(query), expected, "{query}");
    }
}

#[test]
fn values_within_logic_end_where_they_are_whole() {
    for (query, expected) in [
        (r"or=(a.cs.{1,2},b.eq.3)", r#"(or a Contains "{1,2}" b = "3")"#),
        (
            r#"or=(a.cs.{"x":{"y":[1,2]},"z":"}"},b.eq.3)"#,
            r#"(or a Contains "{\"x\":{\"y\":[1,2]},\"z\":\"}\"}" b = "3")"#,
        ),
        (r#"or=(a.like(any).{"x,y)",z} ,b.eq.3)"#, r#"(or a like? "{\"x,y)\",z}" b = "3")"#),
        // What does not close is taken as it is.
        ("or=(a.eq.{1,b.eq.2)", r#"(or a = "{1" b = "2")"#),
        ("or=(a.eq.{1}2,b.eq.3)", r#"(or a = "{1}2" b = "3")"#),
        (r#"or=(a.eq."x"y,b.eq.3)"#, r#"(or a = "\"x\"y" b = "3")"#),
        (r#"or=(a.eq."x\"y" , b.eq.3)"#, r#"(or a = "x\"y" b = "3")"#),
        (r#"a=in.("1)"#, r#"a in ["\"1"]"#),
        (r#"or=(a.in.("x"y,{1,2}))"#, r#"(or a in ["\"x\"y", "{1", "2}"])"#),
    ] {
        assert_eq!(condition(query), expected, "{query}");
    }
}

#[test]
fn logic_is_a_tree() {
    assert_eq!(condition("or=(a.eq.1,b.is.null)"), "(or a = \"1\" b is null)");
    assert_eq!(condition("not.and=(a.eq.1)"), "(not (and a = \"1\"))");
    assert_eq!(
        condition("or=( a.eq.1 , not.and( b.gt.2 ,c.not.eq.3))"),
        "(or a = \"1 \" (not (and b Greater \"2 \" (not c = \"3\"))))"
    );
    assert_eq!(condition(r#"or=(a.eq."x,y)",b.in.(1,2))"#), r#"(or a = "x,y)" b in ["1", "2"])"#);
    assert_eq!(condition("or=(and_x.eq.1)"), "(or and_x = \"1\")");
    assert_eq!(condition("or=(and.eq.1)"), "(or and = \"1\")");
}

#[test]
fn paths_lead_to_embeds_and_into_json() {
    assert_eq!(condition("a.b.c=eq.1"), "a/b/c = \"1\"");
    assert_eq!(condition("a.or=(b.eq.1)"), "a/(or b = \"1\")");
    assert_eq!(condition("a.not.or=(b.eq.1)"), "a/(not (or b = \"1\"))");
    assert_eq!(condition("data->a->>b=eq.1"), "data->a->b = \"1\"");
    assert_eq!(condition("data->0->-1=eq.1"), "data->[0]->[-1] = \"1\"");
    assert_eq!(condition("data->>postal code=eq.1"), "data->postal code = \"1\"");
    assert_eq!(condition("data->>a-b=eq.1"), "data->a-b = \"1\"");
}

#[test]
fn windows_and_orders() {
    let parameters =
        reads("limit=5&offset=-3&a.limit=2&order=x.desc.nullslast,y&select=x&select=y");
    assert_eq!(parameters.limits.len(), 2);
    assert_eq!(parameters.offsets.first().map(|placed| placed.value), Some(0));
    let order = &parameters.orders.first().expect("an order").value;
    assert!(matches!(
        order.as_slice(),
        [
            OrderTerm { descending: true, nulls: Some(Nulls::Last), .. },
            OrderTerm { descending: false, nulls: None, .. }
        ]
    ));
    assert_eq!(parameters.select.map(|items| items.len()), Some(1));
    assert_eq!(reads("select=").select, Some(Vec::new()));
    assert_eq!(reads("x&select").select, None);
}

#[test]
fn selects() {
    let select = |text: &str| reads(&format!("select={text}")).select.expect("a select");
    assert_eq!(select("*,a:b,c->d->>e").len(), 3);
    let items = select("id,owner:users!left!fk(name,posts(*)),x");
    let Some(SelectItem::Embed(embed)) = items.get(1) else { panic!("an embed") };
    assert_eq!(embed.target, "users");
    assert_eq!(embed.hint.as_deref(), Some("fk"));
    assert_eq!(embed.name(), "owner");
    assert_eq!(embed.items.len(), 2);
    let items = select("...users!inner!fk(*),total:a->>b::numeric.sum()::int,count()::text");
    let [SelectItem::Embed(spread), SelectItem::Term(sum), SelectItem::Term(count)] =
        items.as_slice()
    else {
        panic!("a spread and two aggregates")
    };
    assert!(spread.spread && spread.join == Join::Inner);
    assert_eq!(sum.cast.as_deref(), Some("numeric"));
    assert_eq!(sum.aggregate, Some(Aggregate::Sum));
    assert_eq!(sum.aggregate_cast.as_deref(), Some("int"));
    assert_eq!(count.field, None);
    assert_eq!(count.aggregate_cast.as_deref(), Some("text"));
    for wrong in [
        "a.sum",
        "a.median()",
        "a.sum()x",
        "a::",
        "...a:b(c)",
        "...a",
        "a:*",
        "count()()",
        "a.sum(b)",
    ] {
        refuses(&format!("select={wrong}"), Code::QueryInvalid);
    }
}

#[track_caller]
fn refuses(query: &str, code: Code) {
    match Parameters::read(query) {
        Ok(_) => panic!("{query} was read"),
        Err(error) => assert_eq!(error.code, code, "{query}: {error:?}"),
    }
}

#[test]
fn what_does_not_parse_is_refused() {
    for query in [
        "id=",
        "id=1",
        "id=noop.1",
        "id=eq",
        "id=not.1",
        "id=is.",
        "id=is.maybe",
        "id=neq(any).{1}",
        "id=isdistinct(all).{1}",
        "id=in(any).{1}",
        "id=is(any).{null}",
        "id=cs(any).{1}",
        "id=eq(some).{1}",
        "id=eq(any){1}",
        "id=eq(any)",
        "id=EQ.1",
        "id=not.not.eq.1",
        "id=in.1",
        "id=in.(1",
        "id=in.(1)x",
        "or=()",
        "or=(a.eq.1",
        "or=(a.eq.1))",
        "or=a.eq.1",
        "or=(a)",
        "or=(a.noop.1)",
        "order=",
        "order=a.up",
        "order=a,",
        "limit=x",
        "limit=1.5",
        "limit=",
        "select=a(",
        "select=a)",
        "select=a,,b",
        "select=a(b",
        "select=:a",
        "select=a!",
        "select=a!x!y(b)",
        "=eq.1",
        "a..b=eq.1",
        "data->=eq.1",
        "data->>-3x=eq.1",
        "columns=",
        "columns=a,,b",
        "on_conflict=",
        "%22a=eq.1",
    ] {
        refuses(query, Code::QueryInvalid);
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let nested = |inner: usize| format!("or=({}a.eq.1{})", "or(".repeat(inner), ")".repeat(inner));
    assert!(Parameters::read(&nested(15)).is_ok());
    refuses(&nested(16), Code::QueryInvalid);
    let embeds = |depth: usize| format!("select={}id{}", "a(".repeat(depth), ")".repeat(depth));
    assert!(Parameters::read(&embeds(5)).is_ok());
    refuses(&embeds(6), Code::QueryInvalid);
    refuses(&format!("select={}", vec!["a"; 201].join(",")), Code::QueryInvalid);
    assert!(Parameters::read(&vec!["a=eq.1"; TESTS_MAX].join("&")).is_ok());
    refuses(&vec!["a=eq.1"; TESTS_MAX + 1].join("&"), Code::TooComplex);
    let or = |tests: usize| format!("or=({})", vec!["a.eq.1"; tests].join(","));
    assert!(Parameters::read(&format!("{}&{}", or(500), or(TESTS_MAX - 500))).is_ok());
    refuses(&format!("{}&{}", or(500), or(TESTS_MAX - 499)), Code::TooComplex);
    refuses(&format!("a=in.({})", vec!["1"; 10_001].join(",")), Code::QueryInvalid);
    refuses("limit=-1", Code::RangeInvalid);
}

#[test]
fn searches_are_read() {
    let search = |notation: &str, language: &str, text: &str| {
        format!("a TextSearch {{ notation: {notation}, language: {language:?}, text: {text:?} }}")
    };
    assert_eq!(condition("a=fts.b%26!c"), search("Expression", "", "b&!c"));
    assert_eq!(
        condition("a=not.wfts(english).\"b%20c\""),
        format!("(not {})", search("Web", "english", "\"b c\""))
    );
    assert_eq!(
        condition("or=(a.plfts.b c,a.phfts(simple).\"b,c\")"),
        format!("(or {} {})", search("Plain", "", "b c"), search("Phrase", "simple", "b,c"))
    );
    for query in ["a=fts", "a=fts(english)", "a=fts().x", "a=fts(a b).x", "a=fts(english.x"] {
        refuses(query, Code::QueryInvalid);
    }
}

#[test]
fn broken_encoding_is_refused() {
    for query in ["a=eq.%", "a=eq.%zz", "a=eq.%ff", "a=eq.%00", "%00=eq.1"] {
        refuses(query, Code::BadEncoding);
    }
}

#[test]
fn a_refusal_says_where_and_what_was_expected() {
    let error = Parameters::read("id=noop.1").expect_err("refused");
    assert_eq!(error.message, "\"failed to parse filter (noop.1)\" (line 1, column 1)");
    assert_eq!(error.details, Some("unexpected 'n' expecting operator (eq, gt, ..)".into()));
}

#[test]
fn a_name_in_quotes_is_no_word_of_the_grammar() {
    assert_eq!(condition("not.and=(b.eq.1)"), "(not (and b = \"1\"))");
    assert_eq!(condition("%22not%22.and=(b.eq.1)"), "not/(and b = \"1\")");
    assert_eq!(condition("not.b=eq.1"), "not/b = \"1\"");
    let items = reads("select=...count()").select.expect("items");
    let [SelectItem::Embed(embed)] = items.as_slice() else { panic!("what is spread is an embed") };
    assert!(embed.spread && embed.target == "count" && embed.items.is_empty(), "{embed:?}");
}
