//! The category of a row: by its path from the top, which is made where it is missing, or by its slug or a name that only one has.

use std::collections::HashMap;

use nexus_infra::Tx;
use uuid::Uuid;

use crate::modules::catalog::{self, CatalogError, may_be_path, product_file};
use crate::modules::imports::values::{self, CellFault};

/// The categories of a file, as far as they are found.
#[derive(Debug)]
pub struct Categories {
    /// Whether missing ones are made.
    create: bool,
    /// Whether they would be, if whoever sent the file might do it.
    wanted: bool,
    found: HashMap<String, Uuid>,
    created: i64,
}

impl Categories {
    /// None found yet. `wanted`: the mapping wants missing ones made; `may`: who sent the file may make them.
    pub fn new(wanted: bool, may: bool) -> Self {
        Self { create: wanted && may, wanted, found: HashMap::new(), created: 0 }
    }

    /// How many were made.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// The category that a cell names, or why there is none.
    pub async fn find(&mut self, tx: &Tx, cell: &str) -> Result<Result<Uuid, CellFault>, CatalogError> {
        if let Some(id) = self.found.get(cell) {
            return Ok(Ok(*id));
        }
        let names = match product_file::category_path(cell) {
            Ok(names) => names,
            Err(name) => match bare(tx, &name).await? {
                Bare::One(id) => return Ok(Ok(self.keep(cell, id))),
                Bare::Several => {
                    return Ok(Err(fault(format!(
                        "several categories are called {}; write its path, such as Drinks > Coffee",
                        values::shortened(cell)
                    ))));
                }
                Bare::None => vec![name],
            },
        };
        if !may_be_path(&names) {
            return Ok(Err(("value", format!("`{}` is no path of at most 16 names of at most 200 characters each", values::shortened(cell)))));
        }
        let Some(at) = catalog::category_at(tx, &names, self.create).await? else {
            let may = if self.wanted { "; to make it is for those who may change categories" } else { "" };
            return Ok(Err(fault(format!("no category is called {}{may}", values::shortened(cell)))));
        };
        self.created += at.created;
        Ok(Ok(self.keep(cell, at.id)))
    }

    fn keep(&mut self, cell: &str, id: Uuid) -> Uuid {
        self.found.insert(cell.to_owned(), id);
        id
    }
}

/// Who has a bare name.
enum Bare {
    One(Uuid),
    Several,
    None,
}

async fn bare(tx: &Tx, name: &str) -> Result<Bare, CatalogError> {
    if let Some(id) = catalog::find_categories(tx, &[name.to_owned()]).await?.into_values().next() {
        return Ok(Bare::One(id));
    }
    Ok(if catalog::is_category_name(tx, name).await? { Bare::Several } else { Bare::None })
}

fn fault(message: String) -> CellFault {
    ("unknown", message)
}
