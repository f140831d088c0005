//! Shapes of JSON in a short notation, and the schemas that they mean.
//!
//! ```text
//! email:e! data:o name     an object: a required address, an object and a text
//! @User                    the schema of that name
//! [@User                   a list of them
//! @Session;@User           one or the other
//! ```
//! Behind the colon: `e` an address, `u` a UUID, `t` a time, `i` an integer, `b` true or false, `o` an object, `n` a text or
//! null, `=a|b` one of these texts, `@` and `[` as above.

use crate::http::json::{list, quoted};

/// The schema of a shape.
pub fn schema(shape: &str) -> String {
    if shape.contains(';') {
        let each: Vec<String> = shape.split(';').map(schema).collect();
        return [r#"{"anyOf":"#, &list(&each), "}"].concat();
    }
    if shape.starts_with(['@', '[']) {
        return value(shape);
    }
    let (mut required, mut properties) = (Vec::new(), String::new());
    for (name, kind, is_required) in fields(shape) {
        if is_required {
            required.push(quoted(name));
        }
        let comma = if properties.is_empty() { "" } else { "," };
        properties.push_str(&[comma, &quoted(name), ":", &value(kind)].concat());
    }
    let required = list(&required);
    [r#"{"type":"object","required":"#, &required, r#","properties":{"#, &properties, "}}"].concat()
}

/// The parameters of a query, whose shape is an object's.
pub fn parameters(shape: &str) -> String {
    let each = fields(shape).map(|(name, kind, is_required)| {
        let required = if is_required { "true" } else { "false" };
        let head = [r#"{"name":"#, &quoted(name), r#","in":"query","required":"#, required];
        [&head.concat(), r#","schema":"#, &value(kind), "}"].concat()
    });
    list(&each.collect::<Vec<_>>())
}

fn fields(shape: &str) -> impl Iterator<Item = (&str, &str, bool)> {
    shape.split_whitespace().map(|field| {
        let plain = field.trim_end_matches('!');
        let (name, kind) = plain.split_once(':').unwrap_or((plain, ""));
        (name, kind, plain != field)
    })
}

fn value(kind: &str) -> String {
    if let Some(items) = kind.strip_prefix('[') {
        return [r#"{"type":"array","items":"#, &value(items), "}"].concat();
    }
    if let Some(name) = kind.strip_prefix('@') {
        return [r##"{"$ref":"#/components/schemas/auth."##, name, r#""}"#].concat();
    }
    if let Some(texts) = kind.strip_prefix('=') {
        let texts: Vec<String> = texts.split('|').map(quoted).collect();
        return [r#"{"enum":"#, &list(&texts), "}"].concat();
    }
    match kind {
        "e" => r#"{"type":"string","format":"email"}"#,
        "u" => r#"{"type":"string","format":"uuid"}"#,
        "t" => r#"{"type":"string","format":"date-time"}"#,
        "i" => r#"{"type":"integer"}"#,
        "b" => r#"{"type":"boolean"}"#,
        "o" => r#"{"type":"object"}"#,
        "n" => r#"{"type":["string","null"]}"#,
        _ => r#"{"type":"string"}"#,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_its_schema() {
        for (shape, expected) in [
            ("", r#"{"type":"object","required":[],"properties":{}}"#),
            (
                "a:u! b",
                r#"{"type":"object","required":["a"],"properties":{"a":{"type":"string","format":"uuid"},"b":{"type":"string"}}}"#,
            ),
            ("[@X", r##"{"type":"array","items":{"$ref":"#/components/schemas/auth.X"}}"##),
            (
                "@X;a:=b|c",
                r##"{"anyOf":[{"$ref":"#/components/schemas/auth.X"},{"type":"object","required":[],"properties":{"a":{"enum":["b","c"]}}}]}"##,
            ),
        ] {
            assert_eq!(schema(shape), expected, "{shape}");
        }
        let expected = r#"[{"name":"page","in":"query","required":false,"schema":{"type":"integer"}},{"name":"a","in":"query","required":true,"schema":{"type":"string"}}]"#;
        assert_eq!(parameters("page:i a!"), expected);
    }
}
