//! Articles and places of a posting: named by id, SKU or code → what they are, or every fault of every line.

use std::collections::HashMap;
use std::hash::Hash;

use nexus_core::Faults;
use nexus_infra::{DbError, Tx};

use super::store::{self, Article, Site};
use super::{Item, Place, PlaceRef, PostingLine};

/// A line with everything known that it names.
#[derive(Debug, Clone)]
pub struct ResolvedLine<'l> {
    pub line: &'l PostingLine,
    pub article: Article,
    pub from: Site,
    pub to: Site,
}

/// Looks up every article and place of the lines: two statements. Places are locked against archiving until the transaction ends.
///
/// # Errors
/// Faults by field (`lines[3].sku` …) when a line names what is unknown, archived, not stocked, counted in another unit, or a place
/// that holds no stock.
pub async fn resolve<'l>(tx: &Tx, lines: &'l [PostingLine]) -> Result<Result<Vec<ResolvedLine<'l>>, Faults>, DbError> {
    let items = distinct(lines.iter().map(|line| &line.item));
    let places = distinct(lines.iter().flat_map(|line| [&line.from.at, &line.to.at]));
    let articles: HashMap<&Item, Article> = store::articles(tx, &items).await?.into_iter().map(|(at, found)| (items[at], found)).collect();
    let sites: HashMap<&PlaceRef, Site> = store::sites(tx, &places).await?.into_iter().map(|(at, found)| (places[at], found)).collect();
    let mut faults = Faults::new();
    let mut resolved = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let article = articles.get(&line.item);
        check_article(&mut faults, index, line, article);
        let from = sites.get(&line.from.at);
        let to = sites.get(&line.to.at);
        check_site(&mut faults, index, &line.from, from);
        check_site(&mut faults, index, &line.to, to);
        if let (Some(article), Some(from), Some(to)) = (article, from, to) {
            faults.check(from.id != to.id, &format!("lines[{index}].{}", line.to.field), "same_place", "must differ from the place the goods leave");
            resolved.push(ResolvedLine { line, article: article.clone(), from: from.clone(), to: to.clone() });
        }
    }
    Ok(if faults.is_empty() { Ok(resolved) } else { Err(faults) })
}

fn distinct<'a, T: Eq + Hash>(values: impl Iterator<Item = &'a T>) -> Vec<&'a T> {
    let mut seen = std::collections::HashSet::new();
    values.filter(|value| seen.insert(*value)).collect()
}

fn check_article(faults: &mut Faults, index: usize, line: &PostingLine, article: Option<&Article>) {
    let field = match line.item {
        Item::Variant(_) => format!("lines[{index}].variant_id"),
        Item::Sku(_) => format!("lines[{index}].sku"),
    };
    let Some(article) = article else { return faults.push(field, "unknown", "names no variant") };
    if article.archived {
        faults.push(field, "archived", format!("{} is archived", article.sku));
    } else if article.kind != "stocked" {
        faults.push(field, "not_stocked", format!("{} is not kept in stock", article.sku));
    }
    if let Some(unit) = line.unit.as_ref().filter(|unit| **unit != article.unit) {
        faults.push(format!("lines[{index}].unit"), "unit_mismatch", format!("{} is counted in `{}`, not in `{unit}`", article.sku, article.unit));
    }
}

fn check_site(faults: &mut Faults, index: usize, place: &Place, site: Option<&Site>) {
    let field = || format!("lines[{index}].{}", place.field);
    match (site, &place.at) {
        (None, _) => faults.push(field(), "unknown", "names no location"),
        (Some(_), PlaceRef::Virtual(_)) => {}
        (Some(site), _) if site.is_virtual => faults.push(field(), "virtual", format!("{} is a virtual location and holds no stock", site.code)),
        (Some(site), _) if site.archived => faults.push(field(), "archived", format!("{} is archived", site.code)),
        (Some(site), _) if !site.is_stock => faults.push(field(), "no_stock", format!("{} holds no stock itself; name a place within it", site.code)),
        _ => {}
    }
}
