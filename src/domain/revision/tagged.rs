//! Where a URL leads that is asked through a tag.

use super::Traffic;

impl Traffic {
    /// `configured` with scheme, host and port of the URL of `tag`, which is asked instead; `None`: no revision carries it, as
    /// far as is known.
    pub fn at_tag(&self, tag: &str, configured: &str) -> Option<String> {
        let (uri, _) = self.tag(tag)?;
        let (_, rest) = configured.split_once("://")?;
        let path = rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or_default();
        let (scheme, host) = uri.split_once("://")?;
        let host = host.split(['/', '?']).next()?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some(format!("{scheme}://{host}{slash}{path}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{Traffic, TrafficTarget};

    #[test]
    fn the_path_stays_and_the_host_is_the_tags() {
        let target = |uri: &str| TrafficTarget {
            revision: Some("cart-2".into()),
            percent: 0,
            tag: Some("canary".into()),
            uri: Some(uri.into()),
        };
        let at = |uri: &str, url: &str| {
            Traffic { effective: vec![target(uri)], ..Traffic::default() }.at_tag("canary", url)
        };
        let uri = "https://canary---cart-x.a.run.app";
        assert_eq!(
            at(uri, "https://cart.example:8443/health?deep=1").as_deref(),
            Some(&*format!("{uri}/health?deep=1"))
        );
        assert_eq!(at("http://127.0.0.1:9/", "http://cart").as_deref(), Some("http://127.0.0.1:9/"));
        assert_eq!(Traffic::default().at_tag("canary", "http://cart"), None);
    }
}
