//! A moment of the history together with what is in force in it.
//!
//! Another program on the same data folder changes lists at any time. Whoever reads or writes text of models does it in
//! a transaction that began after the newest change was put in force here, so that nothing passes by an older one. Each
//! piece of an answer that is being written is by the lists in force when it is shown; after a change the pieces before it
//! are written anew within a second, and the whole answer is filtered at its end by the lists of that moment.

use std::sync::Arc;

use sqlx::{Sqlite, Transaction};

use super::Lists;
use crate::base::error::Result;
use crate::lists::filter::State;

/// What was put in force last, by any program.
const LAST_DIGEST: &str = "SELECT digest FROM in_force ORDER BY id DESC LIMIT 1";

impl Lists {
    /// Puts in force what another program has changed in the data folder meanwhile. Costs one look into the database
    /// where nothing has changed.
    ///
    /// # Errors
    /// `Store`.
    pub async fn reload_if_changed(&self) -> Result<()> {
        self.reading().await.map(|_| ())
    }

    /// For reading: nothing changes between two queries.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) async fn reading(&self) -> Result<(Transaction<'static, Sqlite>, Arc<State>)> {
        self.in_step("BEGIN").await
    }

    /// For writing: nobody else writes meanwhile, lists neither.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) async fn writing(&self) -> Result<(Transaction<'static, Sqlite>, Arc<State>)> {
        self.in_step("BEGIN IMMEDIATE").await
    }

    async fn in_step(&self, begin: &'static str) -> Result<(Transaction<'static, Sqlite>, Arc<State>)> {
        loop {
            let mut transaction = self.store.pool().begin_with(begin).await?;
            let last: Option<(String,)> = sqlx::query_as(LAST_DIGEST).fetch_optional(&mut *transaction).await?;
            let state = self.filters.state();
            if last.map(|(digest,)| digest).unwrap_or_default() == state.digest {
                return Ok((transaction, state));
            }
            // Given back first: what is in force is written down through another connection.
            transaction.rollback().await?;
            self.apply().await?;
        }
    }
}
