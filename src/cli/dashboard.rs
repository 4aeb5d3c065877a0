//! `dashboard`: the layouts of a room as the config has them, to be pasted there.

use super::desk::say;
use super::{Failure, Global, session};
use crate::model::dashboards::Dashboards;
use crate::sources::dashboards;

/// Prints the dashboard called `name`, else all of them: as edited here, as in the config, or as built in.
pub(super) async fn run(global: &Global, name: Option<&str>) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let mut known = Dashboards::new(&loaded.room);
    let path = session::kept(&loaded).dashboards;
    match dashboards::read(&path).await {
        Ok(saved) => known.take(&saved.unwrap_or_default()),
        Err(problem) => {
            let next = "mend the file, or remove it";
            return Err(Failure::failed("the edited dashboards cannot be read", &problem, next));
        }
    }
    let wanted = known.all().iter().filter(|dashboard| name.is_none_or(|name| dashboard.name == name));
    let texts: Vec<String> = wanted.map(crate::domain::Dashboard::toml).collect();
    if texts.is_empty() {
        let names: Vec<&str> = known.all().iter().map(|dashboard| dashboard.name.as_str()).collect();
        let what = format!("there is no dashboard called {}", name.unwrap_or_default());
        return Err(Failure::usage(&what, &format!("the room has {}", names.join(", ")), "name one of them"));
    }
    say(texts.join("\n").trim_end());
    Ok(0)
}
