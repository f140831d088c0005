//! Compiles many conditions against one schema that is loaded once, for tests that compare thousands
//! of expressions with PostgreSQL.

use rusqlite::Connection;
use rusqlite::limits::Limit;

use super::access::{CONDITION_DEPTH_MAX, prepare};
use super::expand::{Environment, Expander, Part};
use super::expression::Defect;
use super::parse::{self, Policies, Role, Verb};
use super::postgres_ddl::EnumType;
use super::reflect::{Relation, find};
use super::report::{Diagnostic, File, Report, Source, Sources};
use super::{full_text, load, postgres_ddl, references, reflect, relationships, routine, rules};
use crate::catalog::{Access, Grant, Predicate};

/// Compiles each condition as the only policy of the table: `for select to authenticated using (..)`.
/// Other tables keep the policies of the sources. A `defect` is one of [`super::defects`].
///
/// # Errors
/// The outer one when the sources themselves do not compile; the inner ones tell why a condition does
/// not.
pub fn conditions(
    sources: &Sources,
    table: &str,
    conditions: &[String],
    defect: Option<&str>,
) -> Result<Vec<Result<Predicate, Report>>, Report> {
    let mut report = Report::new(sources.clone());
    match Schema::load(&mut report) {
        Ok(Some(schema)) => {
            let compiled =
                conditions.iter().map(|text| schema.compile(sources, table, text, defect));
            Ok(compiled.collect())
        }
        Ok(None) => Err(report),
        Err(error) => {
            report.push(Diagnostic::error(super::start(File::Schema), super::message(error)));
            Err(report)
        }
    }
}

/// What all conditions share.
struct Schema {
    connection: Connection,
    relations: Vec<Relation>,
    policies: Policies,
    enums: Vec<EnumType>,
}

impl Schema {
    /// The stages of `compile` up to the policies; `None` when one found errors.
    fn load(report: &mut Report) -> rusqlite::Result<Option<Self>> {
        let connection = load::open()?;
        let extras = postgres_ddl::translate(report);
        let creations = load::load(&connection, report);
        let policies = parse::parse(&extras.policies, report);
        if report.has_errors() {
            return Ok(None);
        }
        let mut relations = reflect::reflect(&connection, &creations, &extras, report)?;
        full_text::reflect(&connection, &mut relations, report);
        if !report.has_errors() {
            references::prepare(&connection, &relations, &creations, report);
        }
        if report.has_errors() {
            return Ok(None);
        }
        relationships::infer(&mut relations);
        rules::rules(&policies, &relations, report);
        if report.has_errors() {
            return Ok(None);
        }
        connection.set_limit(Limit::SQLITE_LIMIT_EXPR_DEPTH, CONDITION_DEPTH_MAX)?;
        Ok(Some(Self { connection, relations, policies, enums: extras.enums }))
    }

    fn compile(
        &self,
        sources: &Sources,
        table: &str,
        text: &str,
        defect: Option<&str>,
    ) -> Result<Predicate, Report> {
        let name = super::quote(table);
        // The line break ends a comment.
        let policy =
            format!("create policy \"x\" on {name} for select to authenticated using ({text}\n)");
        let policies = Source { name: "policies.sql".into(), text: policy.clone() };
        let mut report = Report::new(Sources { policies, ..sources.clone() });
        let mut parsed = self.policies.clone();
        parsed.all.retain(|one| !one.table.text.eq_ignore_ascii_case(table));
        parse::parse_text(&policy, &mut parsed, &mut report);
        let relation = find(&self.relations, table);
        let predicate = match relation.filter(|_| !report.has_errors()) {
            Some(relation) => self.expand(&parsed, relation, defect, &mut report),
            None => Predicate::never(),
        };
        if report.has_errors() { Err(report) } else { Ok(predicate) }
    }

    fn expand(
        &self,
        parsed: &Policies,
        relation: &Relation,
        defect: Option<&str>,
        report: &mut Report,
    ) -> Predicate {
        let rules = rules::rules(parsed, &self.relations, report);
        if report.has_errors() {
            return Predicate::never();
        }
        let environment = Environment::new(&self.connection, &self.relations, &rules, &self.enums);
        let routines = routine::read(environment, report);
        let defect = defect.and_then(Defect::named);
        let environment = Environment { defect, ..environment.with(&routines) };
        let mut expander = Expander::new(environment, Some(Role::Authenticated), report);
        let using = expander.condition(&relation.table, Verb::Select, Part::Using).into_predicate();
        if report.has_errors() {
            return using;
        }
        let grant = Grant { columns: None, using, check: Predicate::always() };
        let access = Access { select: Some(grant), ..Access::default() };
        prepare(environment, &access, relation, report);
        access.select.map_or_else(Predicate::never, |grant| grant.using)
    }
}
