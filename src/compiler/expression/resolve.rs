//! Which overload is meant: PostgreSQL's own rules (its documentation, "Type Conversion", 10.2 and 10.3).

use super::kind::{Category, Kind};

/// An entry of a table of operators or functions.
pub(super) trait Overload {
    /// The types of the operands.
    fn operands(&self) -> &[Kind];
}

/// What the rules come to.
pub(super) enum Resolution<'t, T> {
    One(&'t T),
    None,
    /// Several are as good.
    Ambiguous,
}

/// Chooses among overloads of one name and number of operands.
pub(super) fn resolve<'t, T: Overload>(
    overloads: impl Iterator<Item = &'t T>,
    operands: &[Kind],
    is_operator: bool,
) -> Resolution<'t, T> {
    let mut candidates: Vec<&T> =
        overloads.filter(|overload| overload.operands().len() == operands.len()).collect();
    if let Some(exact) = exact(&candidates, operands, is_operator) {
        return Resolution::One(exact);
    }
    candidates.retain(|one| pairs(*one, operands).all(|(operand, wanted)| operand.becomes(wanted)));
    if let Some(decided) = decided(&candidates) {
        return decided;
    }
    candidates = best(candidates, |one| {
        pairs(one, operands).filter(|(operand, wanted)| is_exact(*operand, *wanted)).count()
    });
    if let Some(decided) = decided(&candidates) {
        return decided;
    }
    candidates = best(candidates, |one| {
        let is_good = |(operand, wanted): &(Kind, Kind)| {
            is_exact(*operand, *wanted)
                || (wanted.is_preferred()
                    && (*operand == Kind::Unknown || operand.category() == wanted.category()))
        };
        pairs(one, operands)
            .filter(|(operand, _)| *operand != Kind::Unknown)
            .filter(is_good)
            .count()
    });
    if let Some(decided) = decided(&candidates) {
        return decided;
    }
    let by_category = by_category(candidates.clone(), operands);
    if let Some([one]) = by_category.as_deref() {
        return Resolution::One(one);
    }
    let remaining = by_category.unwrap_or(candidates);
    match like_the_known(&remaining, operands).as_slice() {
        [one] => Resolution::One(one),
        _ => Resolution::Ambiguous,
    }
}

/// A text is as good as a varchar: both are kept alike.
fn is_exact(operand: Kind, wanted: Kind) -> bool {
    operand == wanted
}

fn pairs<T: Overload>(overload: &T, operands: &[Kind]) -> impl Iterator<Item = (Kind, Kind)> {
    operands.iter().copied().zip(overload.operands().iter().copied())
}

/// The overload of exactly these types. For an operator, a literal beside a known type is of that type.
fn exact<'t, T: Overload>(
    candidates: &[&'t T],
    operands: &[Kind],
    is_operator: bool,
) -> Option<&'t T> {
    let mut assumed = operands.to_vec();
    if is_operator && let [left, right] = assumed.as_mut_slice() {
        match (*left, *right) {
            (Kind::Unknown, known) if known != Kind::Unknown => *left = known,
            (known, Kind::Unknown) if known != Kind::Unknown => *right = known,
            _ => {}
        }
    }
    if assumed.contains(&Kind::Unknown) {
        return None;
    }
    candidates.iter().find(|one| one.operands() == assumed).copied()
}

fn decided<'t, T>(candidates: &[&'t T]) -> Option<Resolution<'t, T>> {
    match candidates {
        [] => Some(Resolution::None),
        [one] => Some(Resolution::One(one)),
        _ => None,
    }
}

/// Those with the highest count.
fn best<T>(candidates: Vec<&T>, count: impl Fn(&T) -> usize) -> Vec<&T> {
    let most = candidates.iter().map(|one| count(one)).max().unwrap_or(0);
    candidates.into_iter().filter(|one| count(one) == most).collect()
}

/// Chooses a category for each literal: strings where any overload takes one, or the only one there is.
fn by_category<'t, T: Overload>(candidates: Vec<&'t T>, operands: &[Kind]) -> Option<Vec<&'t T>> {
    let mut remaining = candidates.clone();
    for (index, _) in operands.iter().enumerate().filter(|(_, kind)| **kind == Kind::Unknown) {
        let wanted = |one: &&T| one.operands().get(index).copied().unwrap_or(Kind::Unknown);
        let categories: Vec<Category> =
            candidates.iter().map(|one| wanted(one).category()).collect();
        let chosen = if categories.contains(&Category::String) {
            Category::String
        } else {
            let first = *categories.first()?;
            if categories.iter().any(|category| *category != first) {
                return None;
            }
            first
        };
        remaining.retain(|one| wanted(one).category() == chosen);
        if remaining.iter().any(|one| wanted(one).is_preferred()) {
            remaining.retain(|one| wanted(one).is_preferred());
        }
    }
    (!remaining.is_empty()).then_some(remaining)
}

/// Where all known operands are of one type, literals are taken to be of it, too.
fn like_the_known<'t, T: Overload>(candidates: &[&'t T], operands: &[Kind]) -> Vec<&'t T> {
    let mut known = operands.iter().copied().filter(|kind| *kind != Kind::Unknown);
    let Some(first) = known.next().filter(|first| known.all(|kind| kind == *first)) else {
        return candidates.to_vec();
    };
    let fits = |one: &&&T| one.operands().iter().all(|wanted| first.becomes(*wanted));
    candidates.iter().filter(fits).copied().collect()
}
