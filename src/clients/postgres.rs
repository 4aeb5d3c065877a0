//! `PostgreSQL`, as far as a probe needs it: `SELECT 1` on a connection that is kept between probes.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::clock;
use crate::domain::Clean;

use super::{failure, tls};

/// Why there was no answer to `SELECT 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectError {
    /// The server answered, and refused: a wrong password, starting up, too many clients.
    Refused(Clean),
    /// No answer.
    Unreachable(Clean),
    /// The URL cannot be used: nobody was asked.
    Unusable(Clean),
}

/// A connection that is opened when needed. Dropping a call half-way loses the connection, never its state.
#[derive(Debug, Default)]
pub struct Postgres {
    open: Option<PgConnection>,
}

impl Postgres {
    /// `SELECT 1`; answers with the time of the query alone. The caller sets the time-out.
    pub async fn select_one(&mut self, url: &str) -> Result<Duration, SelectError> {
        if let Some(kept) = self.open.take()
            && let Ok(took) = self.select(kept).await
        {
            return Ok(took);
        }
        // A kept connection may have died while idle; only a fresh one says whether the server is there.
        tls::ensure();
        // The parser's own error repeats parts of the URL, which holds a password.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_secret| SelectError::Unusable(Clean::new("the PostgreSQL URL cannot be read")))?;
        let options = options.application_name("warroom").disable_statement_logging();
        let fresh = PgConnection::connect_with(&options).await.map_err(|error| words(&error))?;
        self.select(fresh).await
    }

    async fn select(&mut self, mut connection: PgConnection) -> Result<Duration, SelectError> {
        let began = clock::mono();
        connection.execute("SELECT 1").await.map_err(|error| words(&error))?;
        let took = clock::mono().since(began);
        self.open = Some(connection);
        Ok(took)
    }
}

fn words(error: &sqlx::Error) -> SelectError {
    if let sqlx::Error::Database(refusal) = error {
        return SelectError::Refused(Clean::new(refusal.message()));
    }
    if let sqlx::Error::Io(io) = error {
        return SelectError::Unreachable(failure::of_io(io));
    }
    SelectError::Unreachable(Clean::new(&error.to_string()))
}
