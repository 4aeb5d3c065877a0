//! Which revision an address reaches: shared by the traffic source (writer) and probes and streams (readers).

use std::collections::BTreeMap;

use tokio::sync::watch;
use url::Url;

use crate::domain::room::Addressed;
use crate::domain::{Origin, Traffic};

/// What is known of a service's revisions, for addressing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    /// Whether the service was read at all.
    pub known: bool,
    /// The one revision with all the traffic.
    pub sole: Option<String>,
    /// Tag → (URL, revision).
    pub tags: BTreeMap<String, (String, String)>,
}

/// Follows the board of one service.
pub type BoardReader = watch::Receiver<Board>;

impl Board {
    /// The board that a service as read makes.
    pub fn of(traffic: &Traffic) -> Self {
        let tags = traffic.effective.iter().filter_map(|target| target.tag.as_deref());
        let tags = tags.filter_map(|tag| {
            let (uri, revision) = traffic.tag(tag)?;
            Some((tag.to_owned(), (uri.to_owned(), revision.to_owned())))
        });
        Self { known: true, sole: traffic.sole().map(str::to_owned), tags: tags.collect() }
    }

    /// Where to go for `configured`, and whom the answer speaks of. `None`: the tag is not known (yet).
    pub fn resolve(&self, addressed: &Addressed, configured: &Url) -> Option<(Url, Origin)> {
        match addressed {
            Addressed::Service => {
                let origin = match (&self.sole, self.known) {
                    (Some(sole), _) => Origin::Revision(sole.clone()),
                    (None, true) => Origin::Mixed,
                    (None, false) => Origin::Unknown,
                };
                Some((configured.clone(), origin))
            }
            Addressed::Revision(name) => Some((configured.clone(), Origin::Revision(name.clone()))),
            Addressed::Tag(tag) => {
                let (uri, revision) = self.tags.get(tag)?;
                Some((with_host(configured, uri)?, Origin::Revision(revision.clone())))
            }
        }
    }
}

/// `configured` with the host, port and security of `tag_uri`; `ws` stays `ws` unless the tag is `https`.
fn with_host(configured: &Url, tag_uri: &str) -> Option<Url> {
    let tag = Url::parse(tag_uri).ok()?;
    let socket = configured.scheme().starts_with("ws");
    let scheme = match (socket, tag.scheme()) {
        (true, "https") => "wss",
        (true, _) => "ws",
        (false, scheme) => scheme,
    };
    let mut url = Url::parse(&format!("{scheme}://{}", tag.host_str()?)).ok()?;
    url.set_port(tag.port()).ok()?;
    url.set_path(configured.path());
    url.set_query(configured.query());
    Some(url)
}
