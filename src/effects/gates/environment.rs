//! The environment of a run: the listed variables and nothing else.

use std::ffi::OsString;

use crate::domain::run::{MARK, Task};
use crate::domain::secret::is_secret_name;

/// Values shorter than this are in any output.
const SHORTEST_SECRET: usize = 6;

/// What every run gets beside its list: no colours and cursor movements, and output as it comes.
const FIXED: [(&str, &str); 2] = [("TERM", "dumb"), ("PYTHONUNBUFFERED", "1")];

/// Variables with their values.
pub(super) fn of(task: &Task) -> Vec<(String, OsString)> {
    let own = FIXED.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value)));
    let mut all: Vec<(String, OsString)> = own.filter(|_| !task.on_terminal).collect();
    if task.on_terminal {
        // It draws on the terminal as any program does.
        all.extend(std::env::var_os("TERM").map(|term| ("TERM".to_owned(), term)));
    }
    for entry in &task.env {
        let (name, value) = match entry.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
            None => (entry.clone(), std::env::var_os(entry)),
        };
        if let Some(value) = value {
            all.retain(|(known, _)| *known != name);
            all.push((name, value));
        }
    }
    all.push((MARK.to_owned(), OsString::from(&task.mark().0)));
    all
}

/// The values among them that must not be shown.
pub(super) fn secrets(variables: &[(String, OsString)]) -> Vec<String> {
    let secret = variables.iter().filter(|(name, _)| is_secret_name(name));
    let texts = secret.filter_map(|(_, value)| value.to_str().map(str::to_owned));
    texts.filter(|text| text.len() >= SHORTEST_SECRET).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_variable_that_may_be_a_secret_holds_is_not_shown() {
        let variables = [
            ("DB_PASS", "hunter2-hunter2"),
            ("BASIC_AUTH", "ann:12345"),
            ("MODE", "staging"),
            ("PWD", "/srv/shop"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), OsString::from(value)));
        assert_eq!(secrets(&variables), ["hunter2-hunter2", "ann:12345"]);
    }
}
