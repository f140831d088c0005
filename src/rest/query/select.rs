//! Which columns, and which related rows within them.
//!
//! ```text
//! select = [ item *( "," item ) ]                  id,owner:owner_id,city:data->>city
//! item   = "*" / [ name ":" ] term / embed
//! term   = field [ cast ] [ "." word "()" [ cast ] ] / "count()" [ cast ]   total:price::numeric.sum()::text
//! word   = "sum" / "avg" / "min" / "max" / "count"
//! cast   = "::" name
//! embed  = [ name ":" / "..." ] name *( "!" hint ) "(" select ")"           author:users!inner(name)
//! hint   = "inner" / "left" / name of a foreign key, column or junction
//! ```

use super::cursor::{Cursor, Unparsed};
use super::field::{Field, name};

/// The deepest nesting of embeds.
pub const EMBED_DEPTH_MAX: usize = 5;

/// The most items of one select, all levels together.
pub const SELECT_ITEMS_MAX: usize = 200;

/// One item of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectItem {
    /// `*`
    All,
    /// A column, a part of its JSON, or what is reckoned of it.
    Term(TermItem),
    /// Related rows.
    Embed(EmbedItem),
}

/// A column, a part of its JSON, or what is reckoned of it over several rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermItem {
    /// The name it is answered under.
    pub alias: Option<String>,
    /// Where the value comes from; `None` for `count()`, which counts rows.
    pub field: Option<Field>,
    /// The type the value is cast to.
    pub cast: Option<String>,
    /// What is reckoned of it.
    pub aggregate: Option<Aggregate>,
    /// The type that is cast to.
    pub aggregate_cast: Option<String>,
}

/// What is reckoned of the values of several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    Sum,
    Avg,
    Min,
    Max,
    Count,
}

impl Aggregate {
    /// The function's name, in the dialect as in SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
        }
    }
}

/// Related rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedItem {
    /// A table, a foreign key or a referring column.
    pub target: String,
    /// What tells several relationships apart.
    pub hint: Option<String>,
    /// The name it is answered under.
    pub alias: Option<String>,
    /// Whether rows without related rows are left out.
    pub join: Join,
    /// Whether its columns are answered among those of the row it belongs to.
    pub spread: bool,
    /// What is wanted of the related rows.
    pub items: Vec<SelectItem>,
}

impl EmbedItem {
    /// The name it goes by in the request.
    pub fn name(&self) -> &str {
        self.alias.as_ref().unwrap_or(&self.target)
    }
}

/// Whether rows without related rows are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Left,
    Inner,
}

/// Reads the value of `select=`.
pub fn read(text: &str) -> Result<Vec<SelectItem>, Unparsed> {
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
) -> Result<Vec<SelectItem>, Unparsed> {
    let mut found = Vec::new();
    cursor.skip_spaces();
    if cursor.rest().is_empty() || cursor.peek() == Some(')') {
        return Ok(found);
    }
    loop {
        *count = count.saturating_add(1);
        if *count > SELECT_ITEMS_MAX {
            return Err(cursor.unexpected("at most 200 items"));
        }
        found.push(item(cursor, depth, count)?);
        cursor.skip_spaces();
        if !cursor.eat(",") {
            return Ok(found);
        }
    }
}

fn item(cursor: &mut Cursor<'_>, depth: usize, count: &mut usize) -> Result<SelectItem, Unparsed> {
    cursor.skip_spaces();
    if cursor.eat("*") {
        return Ok(SelectItem::All);
    }
    let spread = cursor.eat("...");
    let alias = if spread { None } else { alias(cursor)? };
    let start = cursor.clone();
    let target = name(cursor)?;
    if !spread && target == "count" && cursor.eat("()") {
        let aggregate_cast = cast(cursor)?;
        let aggregate = Some(Aggregate::Count);
        return Ok(SelectItem::Term(TermItem {
            alias,
            field: None,
            cast: None,
            aggregate,
            aggregate_cast,
        }));
    }
    if spread || matches!(cursor.peek(), Some('(' | '!')) {
        let embed =
            EmbedItem { target, hint: None, alias, join: Join::Left, spread, items: Vec::new() };
        return self::embed(cursor, embed, depth, count).map(SelectItem::Embed);
    }
    *cursor = start;
    let field = Some(Field::read(cursor)?);
    let cast = cast(cursor)?;
    let aggregate = aggregate(cursor)?;
    let aggregate_cast = if aggregate.is_some() { self::cast(cursor)? } else { None };
    Ok(SelectItem::Term(TermItem { alias, field, cast, aggregate, aggregate_cast }))
}

fn embed(
    cursor: &mut Cursor<'_>,
    mut embed: EmbedItem,
    depth: usize,
    count: &mut usize,
) -> Result<EmbedItem, Unparsed> {
    while cursor.eat("!") {
        match name(cursor)? {
            word if word == "inner" => embed.join = Join::Inner,
            word if word == "left" => embed.join = Join::Left,
            word if embed.hint.is_none() => embed.hint = Some(word),
            _ => return Err(cursor.unexpected("one hint")),
        }
    }
    let depth = depth.saturating_add(1);
    if depth > EMBED_DEPTH_MAX {
        return Err(cursor.unexpected("at most 5 levels of embeds"));
    }
    cursor.expect("(", "'('")?;
    embed.items = items(cursor, depth, count)?;
    cursor.expect(")", "',' or ')'")?;
    Ok(embed)
}

/// Reads `::type` if that is next.
fn cast(cursor: &mut Cursor<'_>) -> Result<Option<String>, Unparsed> {
    if cursor.eat("::") { name(cursor).map(Some) } else { Ok(None) }
}

/// Reads `.sum()` and its like if a point is next.
fn aggregate(cursor: &mut Cursor<'_>) -> Result<Option<Aggregate>, Unparsed> {
    if !cursor.eat(".") {
        return Ok(None);
    }
    let start = cursor.clone();
    let word = cursor.take_while(|character| character.is_ascii_alphabetic());
    let all = [Aggregate::Sum, Aggregate::Avg, Aggregate::Min, Aggregate::Max, Aggregate::Count];
    let found = all.into_iter().find(|aggregate| aggregate.name() == word && cursor.eat("()"));
    found.map(Some).ok_or_else(|| start.unexpected("sum(), avg(), min(), max() or count()"))
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
