//! `[prometheus]`: the metrics engine that queries are asked of; and `[alertmanager]`, which is reached as it is.

use std::path::Path;
use std::time::Duration;

use super::section::Section;
use super::{probe, secret};
use crate::domain::Clean;
use crate::domain::room::{Identity, PrometheusSpec};

/// Nothing is asked more often than this.
const FASTEST: Duration = Duration::from_millis(500);

pub(super) fn read(section: &Section<'_>, base: &Path) -> PrometheusSpec {
    let history = section.duration_from("history", Duration::from_hours(24), Duration::ZERO);
    let external_labels = section.texts("external_labels", &[]);
    if let Some(wrong) = external_labels.iter().find(|label| !label.contains('=')) {
        let what = format!("`{}` has \"{wrong}\"", section.dotted("external_labels"));
        section.wrong("external_labels", &what, "a label has a name and a value", "write [\"cluster=eu\"]");
    }
    let external_labels = external_labels.iter().map(|label| Clean::new(label)).collect();
    PrometheusSpec { history, external_labels, ..alertmanager(section, base) }
}

/// Alertmanager has no past to ask for.
pub(super) fn alertmanager(section: &Section<'_>, base: &Path) -> PrometheusSpec {
    PrometheusSpec {
        url: secret::url(section, "url", &["http", "https"]),
        headers: probe::headers(section, base),
        identity: identity(section, base),
        interval: section.duration_from("interval", Duration::from_secs(15), FASTEST),
        timeout: section.duration("timeout", Duration::from_secs(10)),
        history: Duration::ZERO,
        external_labels: Vec::new(),
    }
}

fn identity(section: &Section<'_>, base: &Path) -> Identity {
    let token = secret::secret(section, "token", base);
    let (user, password) = (section.text("user"), secret::secret(section, "password", base));
    let google = section.switch("google", false);
    if u8::from(token.is_some()) + u8::from(user.is_some()) + u8::from(google) > 1 {
        let path = section.dotted("token").replace(".token", "");
        let what = format!("`{path}` has more than one of `token`, `user` and `google`");
        section.wrong("url", &what, "one identity asks", "keep the one that the server knows");
    }
    for (there, missing) in [("user", "password"), ("password", "user")] {
        if section.has(there) && !section.has(missing) {
            let what = format!("`{}` stands without `{}`", section.dotted(there), section.dotted(missing));
            section.wrong(there, &what, "basic authentication needs both", "write the other one too");
        }
    }
    match (token, user, password) {
        (Some(token), ..) => Identity::Bearer(token),
        (None, Some(user), Some(password)) => Identity::Basic { user, password },
        _ if google => Identity::Google,
        _ => Identity::Nobody,
    }
}
