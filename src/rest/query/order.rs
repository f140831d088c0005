//! The order of rows.
//!
//! ```text
//! order = term *( "," term )                       priority.desc.nullslast,projects(name),title
//! term  = ( field / name "(" field ")" ) [ ".asc" / ".desc" ] [ ".nullsfirst" / ".nullslast" ]
//! ```

use super::cursor::{Cursor, Unparsed};
use super::field::{Field, name};

/// The most terms of an order.
const ORDER_TERMS_MAX: usize = 32;

/// One term of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTerm {
    /// The embed whose column it is; `None` for the table itself.
    pub embed: Option<String>,
    /// What is ordered by.
    pub field: Field,
    /// Whether from the greatest to the least.
    pub descending: bool,
    /// Where nulls go; by default they count as greater than every value, as in Postgres.
    pub nulls: Option<Nulls>,
}

/// Where nulls go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    First,
    Last,
}

/// Reads the value of `order=`.
pub fn read(text: &str) -> Result<Vec<OrderTerm>, Unparsed> {
    let mut cursor = Cursor::new(text);
    let mut terms = Vec::new();
    loop {
        if terms.len() == ORDER_TERMS_MAX {
            return Err(cursor.unexpected("at most 32 terms"));
        }
        terms.push(term(&mut cursor)?);
        if !cursor.eat(",") {
            break;
        }
    }
    cursor.finish("',', '.asc', '.desc', '.nullsfirst' or '.nullslast'")?;
    Ok(terms)
}

fn term(cursor: &mut Cursor<'_>) -> Result<OrderTerm, Unparsed> {
    let mut ahead = cursor.clone();
    let embed = name(&mut ahead).ok().filter(|_| ahead.eat("("));
    if embed.is_some() {
        *cursor = ahead;
    }
    let field = Field::read(cursor)?;
    if embed.is_some() {
        cursor.expect(")", "')'")?;
    }
    let descending = !cursor.eat(".asc") && cursor.eat(".desc");
    let nulls = if cursor.eat(".nullsfirst") {
        Some(Nulls::First)
    } else if cursor.eat(".nullslast") {
        Some(Nulls::Last)
    } else {
        None
    };
    cursor.skip_spaces();
    Ok(OrderTerm { embed, field, descending, nulls })
}
