//! The articles of a batch, brought together by product.

use std::collections::HashMap;

use uuid::Uuid;

use super::apply::Article;
use super::fields::{ProductFields, VariantFields};

/// A product as the rows of a batch describe it.
#[derive(Debug)]
pub struct Draft {
    /// What it is itself.
    pub product: ProductFields,
    /// Its articles, in the order of the file.
    pub articles: Vec<DraftArticle>,
    /// Line of the row that first spoke of it.
    pub line: i64,
}

/// An article of it.
#[derive(Debug)]
pub struct DraftArticle {
    pub line: i64,
    pub sku: String,
    pub fields: VariantFields,
}

/// A row that says of its product something else than an earlier one.
#[derive(Debug, PartialEq, Eq)]
pub struct Contradiction {
    pub line: i64,
    pub sku: String,
    pub fields: Vec<&'static str>,
    pub first: i64,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Product(Uuid),
    Article(String),
}

/// Makes one draft of the articles of one product: those whose rows name the same id, or whose SKUs one product has (`owners`).
/// Articles that contradict an earlier one of their product are left out, unless the first row that fills a field is to count.
pub fn by_product(mut articles: Vec<Article>, owners: &HashMap<String, Uuid>, first_counts: bool) -> (Vec<Draft>, Vec<Contradiction>) {
    let mut drafts: Vec<Draft> = Vec::with_capacity(articles.len());
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut contradictions = Vec::new();
    articles.sort_by_key(|article| article.line);
    for Article { line, sku, fields, .. } in articles {
        let product = fields.product.id.or_else(|| owners.get(&sku).copied());
        let key = product.map_or_else(|| Key::Article(sku.clone()), Key::Product);
        let article = || DraftArticle { line, sku: sku.clone(), fields: fields.variant };
        match places.get(&key).and_then(|place| drafts.get_mut(*place)) {
            None => {
                places.insert(key, drafts.len());
                let articles = if sku.is_empty() { Vec::new() } else { vec![article()] };
                drafts.push(Draft { product: fields.product, articles, line });
            }
            Some(draft) => {
                let differing = draft.product.conflicts(&fields.product);
                if !first_counts && !differing.is_empty() {
                    contradictions.push(Contradiction { line, sku, fields: differing, first: draft.line });
                    continue;
                }
                draft.product.fill_from(fields.product);
                draft.articles.extend((!sku.is_empty()).then(article));
            }
        }
    }
    (drafts, contradictions)
}
