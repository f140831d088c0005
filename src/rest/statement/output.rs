//! What is shown of a row: one JSON object, made by SQLite.

use super::cast::cast;
use super::condition::value;
use super::embed::{embedded, joins, list};
use super::number;
use super::read::inner;
use super::spread::{is_shared, overlaid};
use super::writer::{Writer, joined, literal, name};
use crate::catalog::Type;
use crate::rest::plan::{Name, Output, OutputValue, Read, Shape, Step, Term};
use crate::rest::query::Aggregate;

/// The most members that one call of `json_object` is given: D1 documents 32 arguments.
pub const MEMBERS_A_CALL: usize = 15;

/// The aliases of a row and of those that are joined to it.
pub struct Frame {
    /// The row's own.
    pub alias: String,
    /// Those of the joined rows.
    pub joined: Vec<String>,
}

impl Frame {
    /// Gives each joined row an alias.
    pub fn new(writer: &mut Writer<'_>, read: &Read<'_>, alias: String) -> Self {
        Self { alias, joined: read.joins.iter().map(|_| writer.alias()).collect() }
    }

    /// The alias of a joined row, or of the row itself.
    pub fn at(&self, position: Option<usize>) -> &str {
        position.and_then(|position| self.joined.get(position)).unwrap_or(&self.alias)
    }
}

/// A row as a JSON object, and `group by ..` where it stands for several rows.
pub struct Shown {
    pub object: String,
    pub group: String,
}

/// Writes a row of the request itself, as a change answers it: where there is no `from` to join
/// anything to. Of a row that an inner embed leaves out it is null, for `returning` has no `where`.
pub fn row(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str) -> String {
    if read.shape == Shape::Nothing {
        return "null".to_owned();
    }
    let frame = Frame::new(writer, read, alias.to_owned());
    let mut object = object(writer, read, &frame).object;
    if !read.joins.is_empty() {
        let joins = joins(writer, read, &frame);
        object = format!("(select {object} from (select 1){joins})");
    }
    if read.shape == Shape::Line {
        object = line(&object);
    }
    if !read.is_narrowed() {
        return object;
    }
    let mut conditions = Vec::new();
    inner(writer, read, alias, &mut conditions);
    let (is_there, left_out) = (joined(&conditions, "and", "1"), writer.left_out());
    format!("case when {is_there} then {object} else {left_out} end")
}

/// Writes a row as a JSON object.
pub fn object(writer: &mut Writer<'_>, read: &Read<'_>, frame: &Frame) -> Shown {
    let is_grouped = read.is_grouped();
    let mut group = Vec::new();
    let outputs: Vec<&Output<'_>> = read.outputs.iter().collect();
    let mut object = members(writer, &outputs, |writer, output| {
        if is_shared(read, output) {
            return "null".to_owned();
        }
        let (compared, shown) = both(writer, read, output, frame);
        if is_grouped && !output.is_aggregate() {
            group.push(compared);
        }
        shown
    });
    object = overlaid(writer, read, frame, object);
    Shown { object, group: group_by(&group) }
}

/// Writes a JSON object with a value for each output.
pub fn members<'o, 'a>(
    writer: &mut Writer<'_>,
    outputs: &[&'o Output<'a>],
    mut value: impl FnMut(&mut Writer<'_>, &'o Output<'a>) -> String,
) -> String {
    let mut object = String::new();
    for (index, chunk) in outputs.chunks(MEMBERS_A_CALL).enumerate() {
        let mut arguments = Vec::new();
        for output in chunk {
            arguments.push(key(writer, &output.name, index > 0));
            arguments.push(value(writer, output));
        }
        let arguments = arguments.join(", ");
        object = if index == 0 {
            format!("json_object({arguments})")
        } else {
            format!("json_set({object}, {arguments})")
        };
    }
    if object.is_empty() { "json_object()".to_owned() } else { object }
}

/// Writes `group by ..` alone, where groups are counted and not shown.
pub fn groups(writer: &mut Writer<'_>, read: &Read<'_>, frame: &Frame) -> String {
    let mut terms = Vec::new();
    for output in read.outputs.iter().filter(|output| !output.is_aggregate()) {
        terms.push(both(writer, read, output, frame).0);
    }
    group_by(&terms)
}

fn group_by(terms: &[String]) -> String {
    if terms.is_empty() { String::new() } else { format!("\ngroup by {}", terms.join(", ")) }
}

/// Writes a JSON object as a line of CSV (RFC 4180). Null is nothing and the empty text is `""`, as
/// in Postgres' own CSV. Numbers are taken from the object's text, which has all their digits.
pub fn line(object: &str) -> String {
    let number = "case typeof(m.value) when 'integer' then m.value \
         else coalesce(r.object -> m.fullkey, m.value) end";
    format!(
        "(select group_concat(case m.type when 'null' then '' when 'true' then 't' \
         when 'false' then 'f' when 'integer' then {number} when 'real' then {number} \
         when 'text' then case when m.value = '' or m.value glob '*[,\"' || char(10, 13) || ']*' \
         then '\"' || replace(m.value, '\"', '\"\"') || '\"' else m.value end \
         else '\"' || replace(m.value, '\"', '\"\"') || '\"' end, ',' order by m.id)\n\
         from (select {object} as object) as r, json_each(r.object) as m)"
    )
}

/// Writes the name of a member, or its path for `json_set`.
fn key(writer: &mut Writer<'_>, name: &Name<'_>, as_path: bool) -> String {
    let written = |name: &str| if as_path { format!("$.\"{name}\"") } else { name.to_owned() };
    match name {
        Name::Catalog(name) => literal(&written(name)),
        Name::Client(name) => writer.bind(written(name)),
    }
}

/// Writes the value of a member.
pub fn member(
    writer: &mut Writer<'_>,
    read: &Read<'_>,
    output: &Output<'_>,
    frame: &Frame,
) -> String {
    both(writer, read, output, frame).1
}

/// Writes a value as it is compared and as it is shown.
fn both(
    writer: &mut Writer<'_>,
    read: &Read<'_>,
    output: &Output<'_>,
    frame: &Frame,
) -> (String, String) {
    let alias = frame.at(output.at);
    let mut sql = match &output.value {
        OutputValue::Term(term) => {
            let sql = reckoned(writer, term, alias);
            let shown = if is_repeated(term) {
                let text = number::text("v", term.kind);
                format!("json((select {text} from (select {sql} as v)))")
            } else {
                shown(&sql, term.kind)
            };
            return (sql, shown);
        }
        OutputValue::Embed(embed) => embedded(writer, embed, alias),
        OutputValue::Each { embed, output } => {
            list(writer, embed, embed.read.outputs.get(*output), alias)
        }
    };
    sql = if_joined(read, output, frame, sql, "");
    (sql.clone(), sql)
}

/// Writes what is related to a joined row: to one that is not there nothing is, not even an empty list.
pub fn if_joined(
    read: &Read<'_>,
    output: &Output<'_>,
    frame: &Frame,
    sql: String,
    otherwise: &str,
) -> String {
    let join = output.at.and_then(|at| read.joins.get(at));
    match join.and_then(|join| join.embed.relationship.columns.first()) {
        Some((_, column)) => {
            let (alias, column) = (frame.at(output.at), name(column));
            format!("json(case when {alias}.{column} is not null then {sql}{otherwise} end)")
        }
        None => sql,
    }
}

/// Whether showing the value would write a long expression several times over.
fn is_repeated(term: &Term<'_>) -> bool {
    let is_number = matches!(term.kind, Type::Double | Type::Numeric { .. });
    is_number && !term.steps.is_empty() && !term.is_aggregate()
}

/// Writes a value and what is made of it.
fn reckoned(writer: &mut Writer<'_>, term: &Term<'_>, alias: &str) -> String {
    let mut sql =
        term.place.as_ref().map_or_else(|| "*".to_owned(), |place| value(writer, place, alias));
    let mut is_aggregate = false;
    for step in &term.steps {
        sql = match step {
            Step::Cast { from, to } if from == to => sql,
            Step::Cast { from, to } if is_aggregate => cast(&sql, *from, *to),
            // The value is found once, however often its cast looks at it.
            Step::Cast { from, to } => {
                format!("(select {} from (select {sql} as v))", cast("v", *from, *to))
            }
            Step::Aggregate(aggregate, kind) => {
                is_aggregate = true;
                aggregated(*aggregate, *kind, &sql)
            }
        };
    }
    sql
}

/// A double sums up to digits that no decimal had, so a numeric has the 15 that are exact.
fn aggregated(aggregate: Aggregate, kind: Type, of: &str) -> String {
    let sql = format!("{}({of})", aggregate.name());
    match (aggregate, kind) {
        (Aggregate::Sum | Aggregate::Avg, Type::Numeric { .. }) => format!(
            "case typeof({sql}) when 'real' then cast(format('%.15g', {sql}) as numeric) else {sql} end"
        ),
        _ => sql,
    }
}

/// Writes a value as its type is shown.
pub fn shown(sql: &str, kind: Type) -> String {
    match kind {
        Type::Boolean => {
            format!("json(case when {sql} then 'true' when not {sql} then 'false' end)")
        }
        Type::Json | Type::Array(_) => format!("json({sql})"),
        Type::Bytes => format!("'\\x' || lower(case when {sql} is not null then hex({sql}) end)"),
        Type::Any => format!(
            "case typeof({sql}) when 'blob' then hex({sql}) when 'real' then json({}) else {sql} end",
            number::double(sql)
        ),
        Type::Double | Type::Numeric { .. } => format!("json({})", number::text(sql, kind)),
        Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Text { .. }
        | Type::Uuid
        | Type::TimestampTz
        | Type::Timestamp
        | Type::Date
        | Type::Time => sql.to_owned(),
    }
}
