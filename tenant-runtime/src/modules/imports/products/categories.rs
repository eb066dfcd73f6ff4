//! The category of a row: by its path from the top, which is made where it is missing, or by its slug or a name that only one has.

use std::collections::HashMap;

use nexus_infra::Tx;
use uuid::Uuid;

use crate::modules::catalog::{self, CatalogError, may_be_path, product_file};
use crate::modules::imports::values::{self, CellFault};

/// About how many bytes of names are remembered with what they came to. A file whose every row names another category is asked for anew
/// from there on.
const REMEMBERED_BYTES: usize = 4 * 1024 * 1024;

/// What a cell names: the names of a path, or a bare one.
type Named = Result<Vec<String>, String>;
/// The category, or why there is none.
type Answer = Result<Uuid, CellFault>;

/// The categories of a file, as far as they were asked for.
#[derive(Debug)]
pub struct Categories {
    /// Whether missing ones are made.
    create: bool,
    /// Whether they would be, if whoever sent the file might do it.
    wanted: bool,
    answers: HashMap<Named, Answer>,
    bytes: usize,
    created: i64,
}

impl Categories {
    /// None asked for yet. `wanted`: the mapping wants missing ones made; `may`: who sent the file may make them.
    pub fn new(wanted: bool, may: bool) -> Self {
        Self { create: wanted && may, wanted, answers: HashMap::new(), bytes: 0, created: 0 }
    }

    /// How many were made.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// The category that a cell names, or why there is none.
    pub async fn find(&mut self, tx: &Tx, cell: &str) -> Result<Answer, CatalogError> {
        let named = product_file::category_path(cell);
        if let Some(answer) = self.answers.get(&named) {
            return Ok(answer.clone());
        }
        let answer = self.look_up(tx, cell, &named).await?;
        self.remember(named, &answer);
        Ok(answer)
    }

    async fn look_up(&mut self, tx: &Tx, cell: &str, named: &Named) -> Result<Answer, CatalogError> {
        let names = named.as_ref().map_or_else(std::slice::from_ref, Vec::as_slice);
        if !may_be_path(names) {
            return Ok(Err(("value", format!("`{}` is no path of at most 16 names of at most 200 characters each", values::shortened(cell)))));
        }
        if let Err(bare) = named {
            match catalog::categories_called(tx, bare).await?.as_slice() {
                [] => {}
                [id] => return Ok(Ok(*id)),
                _ => {
                    let message = format!("several categories are called {}; write its path, such as Drinks > Coffee", values::shortened(cell));
                    return Ok(Err(fault(message)));
                }
            }
        }
        let Some(at) = catalog::category_at(tx, names, self.create).await? else {
            let may = if self.wanted { "; to make it is for those who may change categories" } else { "" };
            return Ok(Err(fault(format!("no category is called {}{may}", values::shortened(cell)))));
        };
        self.created += at.created;
        Ok(Ok(at.id))
    }

    fn remember(&mut self, named: Named, answer: &Answer) {
        let names = named.as_ref().map_or_else(std::slice::from_ref, Vec::as_slice);
        let names: usize = names.iter().map(|name| size_of::<String>() + name.len()).sum();
        let weight = size_of::<(Named, Answer)>() + names + answer.as_ref().err().map_or(0, |(_, message)| message.len());
        if self.bytes + weight > REMEMBERED_BYTES {
            self.answers.clear();
            self.bytes = 0;
        }
        self.bytes += weight;
        self.answers.insert(named, answer.clone());
    }
}

fn fault(message: String) -> CellFault {
    ("unknown", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_refusals_are_part_of_it() {
        let mut categories = Categories::new(true, true);
        for spelling in ["> A", ">  A", " > A "] {
            categories.remember(product_file::category_path(spelling), &Err(fault("no".to_owned())));
        }
        assert_eq!(categories.answers.len(), 1, "however its signs are spaced, it is one path");
        for number in 0..30_000 {
            categories.remember(Err(format!("{number}{}", "x".repeat(200))), &Ok(Uuid::nil()));
            assert!(categories.bytes <= REMEMBERED_BYTES);
        }
        assert!((1..20_000).contains(&categories.answers.len()), "{}", categories.answers.len());
    }
}
