//! CSV as a body (RFC 4180): a line with the columns' names, then a line for each row.
//!
//! ```text
//! lines  = line *(end line) [end]
//! end    = LF / CR LF                   one at the very end is not the start of another line
//! line   = field *("," field)
//! field  = quoted / plain
//! quoted = '"' *(any / '""') '"'        "Weave, then cut"
//! plain  = *(any but '"' ',' LF)        Weave
//! ```

use super::payload::{Payload, Unknown};
use crate::error::{Code, Error};
use crate::http::json::quoted;

/// Reads rows, of which only the `fixed` columns count, if there are such. Each value is a text,
/// `NULL` is null and nothing is the empty text.
///
/// # Errors
/// `PGRST102` when the text does not parse or a line has another number of fields than the first,
/// `54001` when there are too many values.
pub fn read(bytes: &[u8], fixed: Option<&[String]>) -> Result<Payload, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| refused("the body is not UTF-8"))?;
    if text.contains('\0') {
        return Err(refused("the body has the character NUL, which no text can hold"));
    }
    // Spreadsheets begin with a byte order mark, which is no part of the first name.
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    if rest.is_empty() {
        return Ok(Payload::of(fixed.unwrap_or_default()));
    }
    let names: Vec<String> = line(&mut rest)?.into_iter().map(|(name, _)| name).collect();
    let mut payload = Payload::of(fixed.unwrap_or(&names));
    while !rest.is_empty() {
        let fields = line(&mut rest)?;
        if fields.len() != names.len() {
            return Err(refused("All lines must have same number of fields"));
        }
        payload.begin_row()?;
        let mut next = 0;
        for (name, field) in names.iter().zip(fields) {
            payload.put((name, &value(field)), &mut next, Unknown::Ignore);
        }
    }
    Ok(payload)
}

/// A field, and whether it was quoted.
type Field = (String, bool);

/// A field as JSON.
fn value((text, is_quoted): Field) -> String {
    if text == "NULL" && !is_quoted { "null".to_owned() } else { quoted(&text) }
}

/// Takes a line and its end.
fn line(rest: &mut &str) -> Result<Vec<Field>, Error> {
    let mut fields = Vec::new();
    loop {
        fields.push(field(rest)?);
        if let Some(behind) = rest.strip_prefix(',') {
            *rest = behind;
            continue;
        }
        let behind = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'));
        match behind {
            Some(behind) => *rest = behind,
            None if rest.is_empty() => {}
            None => return Err(refused("a quoted field goes on behind its quote")),
        }
        return Ok(fields);
    }
}

fn field(rest: &mut &str) -> Result<Field, Error> {
    let Some(mut quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', '\n']).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at(end);
        let line_ends = behind.starts_with('\n');
        let (plain, behind) = match plain.strip_suffix('\r') {
            Some(shorter) if line_ends => (shorter, rest.get(shorter.len()..).unwrap_or_default()),
            _ => (plain, behind),
        };
        if plain.contains('"') {
            return Err(refused("a quote within a field that is not quoted"));
        }
        *rest = behind;
        return Ok((plain.to_owned(), false));
    };
    let mut text = String::new();
    loop {
        let Some((before, behind)) = quoted.split_once('"') else {
            return Err(refused("a quoted field does not end"));
        };
        text.push_str(before);
        let Some(more) = behind.strip_prefix('"') else {
            *rest = behind;
            return Ok((text, true));
        };
        text.push('"');
        quoted = more;
    }
}

fn refused(message: &str) -> Error {
    Error::new(Code::BodyInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `column=value` in JSON.
    fn shown(text: &str, fixed: Option<&[String]>) -> Result<Vec<String>, String> {
        let payload = read(text.as_bytes(), fixed).map_err(|error| error.message)?;
        let value = |row: usize, column: usize| payload.value(row, column).unwrap_or("-");
        let row = |row: usize| {
            let columns = payload.columns().iter().enumerate();
            let members: Vec<String> =
                columns.map(|(column, name)| format!("{name}={}", value(row, column))).collect();
            members.join(" ")
        };
        Ok((0..payload.len()).map(row).collect())
    }

    #[test]
    fn lines_are_rows() {
        let check = |text: &str, expected: &[&str]| {
            let expected: Vec<String> = expected.iter().map(|row| (*row).to_owned()).collect();
            assert_eq!(shown(text, None), Ok(expected), "{text:?}");
        };
        check("", &[]);
        check("a,b", &[]);
        check("a,b\n", &[]);
        check("a,b\n1,x", &[r#"a="1" b="x""#]);
        check("a,b\r\n1,x\r\n2,y\r\n", &[r#"a="1" b="x""#, r#"a="2" b="y""#]);
        check("a,b\n,NULL\n\"\",\"NULL\"\n", &[r#"a="" b=null"#, r#"a="" b="NULL""#]);
        check("a\n\n \n", &[r#"a="""#, r#"a=" ""#]);
        check("\u{feff}a,b\n\"x, \"\"y\"\"\r\nz\",é\rü\n", &[r#"a="x, \"y\"\r\nz" b="é\rü""#]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (text, message) in [
            ("a,b\n1", "All lines must have same number of fields"),
            ("a\n1,2", "All lines must have same number of fields"),
            ("a\n\"1", "a quoted field does not end"),
            ("a\n\"1\"2", "a quoted field goes on behind its quote"),
            ("a\n1\"2\"", "a quote within a field that is not quoted"),
            ("a\n\0", "the body has the character NUL, which no text can hold"),
        ] {
            assert_eq!(shown(text, None), Err(message.into()), "{text:?}");
        }
        assert!(read(b"a\n\xff", None).is_err());
        let many = format!("a{}", "\n1".repeat(1_000_001));
        assert_eq!(shown(&many, None), Err("the request is too complex".into()));
    }

    #[test]
    fn columns_say_which_count() {
        let fixed = ["b".to_owned(), "c".to_owned()];
        let found = shown("a,b\n1,x\n", Some(&fixed));
        assert_eq!(found, Ok(vec![r#"b="x" c=-"#.to_owned()]));
        assert_eq!(shown("a,a\n1,2", None), Ok(vec![r#"a="2""#.to_owned()]));
    }
}
