//! Answers that are read no further than they weigh.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

/// The beginning of an answer.
#[derive(Debug)]
pub struct FirstRows {
    /// At least one row, if there is any.
    pub rows: Vec<QueryResult>,
    /// Whether more rows followed.
    pub is_cut: bool,
}

/// A connection on which the beginning of an answer can be read: what follows is never in memory.
#[async_trait]
pub trait PageConn: ConnectionTrait {
    /// The first rows of the answer, as many as have no more than `most` bytes together, and one in any case.
    async fn query_first(&self, statement: Statement, most: usize) -> Result<FirstRows, DbErr>;
}
