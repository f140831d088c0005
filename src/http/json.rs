//! Reading JSON that strangers send: `serde_json`, behind the checks that it does not make.

use serde::de::DeserializeOwned;

/// The deepest nesting of arrays and objects that is read.
pub const JSON_DEPTH_MAX: usize = 64;

/// Why a body is not the JSON that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// Not UTF-8.
    NotUtf8,
    /// Nested deeper than [`JSON_DEPTH_MAX`].
    TooDeep,
    /// Contains the character NUL, plain or as `\u0000`.
    Nul,
    /// Not JSON, or not of the shape asked for: what and where.
    Invalid(String),
}

/// Reads `bytes` as `T`.
///
/// A type that derives `Deserialize` refuses a field given twice; a map takes the last.
///
/// # Errors
/// See [`JsonError`]. A lone surrogate is `Invalid`.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    scan(text)?;
    serde_json::from_str(text).map_err(|error| JsonError::Invalid(error.to_string()))
}

/// Looks at nesting and NUL in one pass, before anything is allocated for the value.
fn scan(text: &str) -> Result<(), JsonError> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match (in_string, byte) {
            (_, 0) => return Err(JsonError::Nul),
            (true, b'\\') => {
                if text.get(index..).is_some_and(|rest| rest.starts_with("\\u0000")) {
                    return Err(JsonError::Nul);
                }
                bytes.next();
            }
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth = depth.saturating_add(1);
                if depth > JSON_DEPTH_MAX {
                    return Err(JsonError::TooDeep);
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn check(text: &str) -> Result<Value, JsonError> {
        read::<Value>(text.as_bytes())
    }

    #[test]
    fn refuses_what_databases_stumble_over() {
        assert_eq!(check(r#""a\u0000b""#), Err(JsonError::Nul));
        assert_eq!(check("\"a\0b\""), Err(JsonError::Nul));
        assert!(check(r#""a\\u0000b""#).is_ok());
        assert!(matches!(check(r#""\ud800""#), Err(JsonError::Invalid(_))));
        assert_eq!(read::<Value>(b"\"\xff\""), Err(JsonError::NotUtf8));
        assert!(matches!(check(""), Err(JsonError::Invalid(_))));
    }

    #[test]
    fn depth_is_limited_and_brackets_in_strings_do_not_count() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(&nested(JSON_DEPTH_MAX)).is_ok());
        assert_eq!(check(&nested(JSON_DEPTH_MAX + 1)), Err(JsonError::TooDeep));
        assert!(check(&format!("\"{}\"", "[".repeat(100))).is_ok());
    }

    #[test]
    fn digits_are_kept() {
        let value = check("9007199254740993.10").map(|value| value.to_string());
        assert_eq!(value.as_deref(), Ok("9007199254740993.10"));
    }
}
