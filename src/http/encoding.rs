//! Percent-encoding (RFC 3986 section 2.1), strict: what does not decode to UTF-8 without NUL is
//! refused.

/// Why a path or query does not decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncodingError {
    /// A `%` without two hexadecimal digits behind it.
    BadPercent,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// The character NUL, which SQLite's `length()` and others stop at.
    Nul,
}

/// Decodes `%xx`; leaves `+` alone, as a path wants it.
///
/// # Errors
/// See [`EncodingError`].
pub fn decode_path(text: &str) -> Result<String, EncodingError> {
    decode(text, false)
}

/// Decodes `%xx`, and `+` to a space, as `application/x-www-form-urlencoded` wants it.
///
/// # Errors
/// See [`EncodingError`].
pub fn decode_query(text: &str) -> Result<String, EncodingError> {
    decode(text, true)
}

/// The pairs of a query in order, decoded; a part without `=` has an absent value.
///
/// # Errors
/// See [`EncodingError`].
pub fn query_pairs(query: &str) -> Result<Vec<(String, Option<String>)>, EncodingError> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            Ok(match part.split_once('=') {
                Some((name, value)) => (decode_query(name)?, Some(decode_query(value)?)),
                None => (decode_query(part)?, None),
            })
        })
        .collect()
}

/// Writes pairs as a query, or as what an HTML form sends.
#[must_use]
pub fn form(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&[&encode(name), "=", &encode(value)].concat());
    }
    out
}

/// Encodes everything but the unreserved characters of RFC 3986 section 2.3.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

fn decode(text: &str, plus_is_space: bool) -> Result<String, EncodingError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = hexadecimal(rest.next())?;
                high << 4 | hexadecimal(rest.next())?
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    if bytes.contains(&0) {
        return Err(EncodingError::Nul);
    }
    String::from_utf8(bytes).map_err(|_| EncodingError::NotUtf8)
}

fn hexadecimal(byte: Option<u8>) -> Result<u8, EncodingError> {
    byte.and_then(|byte| char::from(byte).to_digit(16))
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or(EncodingError::BadPercent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_and_refuses() {
        assert_eq!(decode_path("/a%20b+c"), Ok("/a b+c".into()));
        assert_eq!(decode_query("a%20b+c"), Ok("a b c".into()));
        assert_eq!(decode_query("%C3%A9"), Ok("é".into()));
        assert_eq!(decode_query("%"), Err(EncodingError::BadPercent));
        assert_eq!(decode_query("%4"), Err(EncodingError::BadPercent));
        assert_eq!(decode_query("%+1"), Err(EncodingError::BadPercent));
        assert_eq!(decode_query("%ff"), Err(EncodingError::NotUtf8));
        assert_eq!(decode_query("%c0%80"), Err(EncodingError::NotUtf8));
        assert_eq!(decode_query("a%00"), Err(EncodingError::Nul));
    }

    #[test]
    fn splits_a_query() {
        assert_eq!(
            query_pairs("a=1&b&c=x%26y"),
            Ok(vec![
                ("a".into(), Some("1".into())),
                ("b".into(), None),
                ("c".into(), Some("x&y".into()))
            ])
        );
    }

    #[test]
    fn encodes_what_it_decodes() {
        assert_eq!(encode("a b/é~"), "a%20b%2F%C3%A9~");
        assert_eq!(decode_query(&encode("100% & +é")), Ok("100% & +é".into()));
    }
}
