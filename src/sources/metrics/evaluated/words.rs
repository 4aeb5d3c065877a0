//! Why a query has no answer, in words.

use crate::domain::{Clean, format};
use crate::promql::history::TooMany;
use crate::promql::{History, QueryError};

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

/// What was counted cannot be told: another process answered.
pub(super) fn in_doubt(history: &History) -> Clean {
    Clean::new(if history.are_several() {
        "cannot be told: several processes answer at this address, or one that begins again and again"
    } else {
        "cannot be told yet: another process answers than before"
    })
}
