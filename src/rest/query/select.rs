//! Which columns, and which related rows within them.
//!
//! ```text
//! select = [ item *( "," item ) ]                  id,owner:owner_id,city:data->>city
//! item   = "*" / [ name ":" ] field / embed
//! embed  = [ name ":" ] name *( "!" word ) "(" select ")"      author:users!inner(name)
//! word   = "inner" / "left" / name of a foreign key, column or junction
//! ```

use super::cursor::{Cursor, Unparsed};
use super::field::{Field, name};
use super::filter::FilterError;

/// The deepest nesting of embeds.
pub const EMBED_DEPTH_MAX: usize = 5;

/// The most items of one select, all levels together.
pub const SELECT_ITEMS_MAX: usize = 200;

/// One item of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectItem {
    /// `*`
    All,
    /// A column or a part of its JSON.
    Field { field: Field, alias: Option<String> },
    /// Related rows.
    Embed {
        /// A table, a foreign key or a referring column.
        target: String,
        /// What tells several relationships apart.
        hint: Option<String>,
        /// The name it is answered under.
        alias: Option<String>,
        /// Whether rows without related rows are left out.
        join: Join,
        /// What is wanted of the related rows.
        items: Vec<Self>,
    },
}

/// Whether rows without related rows are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Left,
    Inner,
}

/// Reads the value of `select=`.
pub fn read(text: &str) -> Result<Vec<SelectItem>, FilterError> {
    let mut cursor = Cursor::new(text);
    let mut count = 0;
    let items = items(&mut cursor, 0, &mut count)?;
    cursor.finish("',' or end of input")?;
    Ok(items)
}

fn items(
    cursor: &mut Cursor<'_>,
    depth: usize,
    count: &mut usize,
) -> Result<Vec<SelectItem>, FilterError> {
    let mut found = Vec::new();
    cursor.skip_spaces();
    if cursor.rest().is_empty() || cursor.peek() == Some(')') {
        return Ok(found);
    }
    loop {
        *count = count.saturating_add(1);
        if *count > SELECT_ITEMS_MAX {
            return Err(cursor.unexpected("at most 200 items").into());
        }
        found.push(item(cursor, depth, count)?);
        cursor.skip_spaces();
        if !cursor.eat(",") {
            return Ok(found);
        }
    }
}

fn item(
    cursor: &mut Cursor<'_>,
    depth: usize,
    count: &mut usize,
) -> Result<SelectItem, FilterError> {
    cursor.skip_spaces();
    if cursor.eat("...") {
        return Err(FilterError::Unsupported("a spread (...) in select".into()));
    }
    if cursor.eat("*") {
        return Ok(SelectItem::All);
    }
    let alias = alias(cursor)?;
    let start = cursor.clone();
    let target = name(cursor)?;
    if matches!(cursor.peek(), Some('(' | '!')) {
        return embed(cursor, target, alias, Level { depth, count });
    }
    *cursor = start;
    let field = Field::read(cursor)?;
    if cursor.rest().starts_with("::") {
        return Err(FilterError::Unsupported("a cast (::) in select".into()));
    }
    if cursor.rest().starts_with('.') {
        return Err(FilterError::Unsupported("an aggregate in select".into()));
    }
    Ok(SelectItem::Field { field, alias })
}

/// How deep an item stands, and how many there have been.
struct Level<'a> {
    depth: usize,
    count: &'a mut usize,
}

fn embed(
    cursor: &mut Cursor<'_>,
    target: String,
    alias: Option<String>,
    level: Level<'_>,
) -> Result<SelectItem, FilterError> {
    let mut hint = None;
    let mut join = Join::Left;
    while cursor.eat("!") {
        match name(cursor)? {
            word if word == "inner" => join = Join::Inner,
            word if word == "left" => join = Join::Left,
            word if hint.is_none() => hint = Some(word),
            _ => return Err(cursor.unexpected("one hint").into()),
        }
    }
    if target == "count" && cursor.rest().starts_with("()") {
        return Err(FilterError::Unsupported("an aggregate in select".into()));
    }
    let depth = level.depth.saturating_add(1);
    if depth > EMBED_DEPTH_MAX {
        return Err(cursor.unexpected("at most 5 levels of embeds").into());
    }
    cursor.expect("(", "'('")?;
    let items = items(cursor, depth, level.count)?;
    cursor.expect(")", "',' or ')'")?;
    Ok(SelectItem::Embed { target, hint, alias, join, items })
}

/// Reads `name:` if that is next, and not the `::` of a cast.
fn alias(cursor: &mut Cursor<'_>) -> Result<Option<String>, Unparsed> {
    let mut ahead = cursor.clone();
    let Ok(alias) = name(&mut ahead) else { return Ok(None) };
    if ahead.rest().starts_with("::") || !ahead.eat(":") {
        return Ok(None);
    }
    if alias.contains(['"', '\\']) {
        return Err(cursor.unexpected("an alias without quotes"));
    }
    *cursor = ahead;
    Ok(Some(alias))
}
