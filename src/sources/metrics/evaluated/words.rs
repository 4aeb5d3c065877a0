//! Why a query has no answer, in words.

use crate::domain::{Clean, format};
use crate::promql::QueryError;
use crate::promql::history::TooMany;

pub(super) fn error(error: &QueryError) -> Clean {
    Clean::new(&error.to_string())
}

/// One name has more series than are kept.
pub(super) fn too_many(lacking: &TooMany) -> Clean {
    let (name, most) = (&lacking.name, format::count(lacking.most as u64));
    let words = if lacking.of_all {
        format!(
            "the endpoint has over {most} series of what is asked, most of {name}: let a Prometheus answer this"
        )
    } else {
        format!("over {most} series of {name}: let a Prometheus answer this")
    };
    Clean::new(&words)
}
