//! TLS and the shared HTTP clients. `ring` is the only TLS provider in the program; without one installed `reqwest`
//! and `sqlx` panic on first use, so everything that opens a TLS connection goes through here first.

use std::io;
use std::sync::{Arc, Once};
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::domain::Clean;

/// Time to a TCP connection, name look-up and TLS included in what `reqwest` calls connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The HTTP client could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no HTTP client: {0}; check the proxy variables and the system's certificates")]
pub struct ClientError(pub Clean);

/// Installs the `ring` provider, once per process; later calls do nothing.
pub fn ensure() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that another part of this process installed one already, and that one is `ring` too: no
        // other is linked, which a test of `Cargo.lock` holds.
        let _already = rustls::crypto::ring::default_provider().install_default();
    });
}

/// TLS over a connection to `host`, whose certificate must be of the system's roots.
///
/// # Errors
/// There are no roots, `host` is no name, or the peer speaks no TLS or shows another certificate.
pub async fn over(stream: TcpStream, host: &str) -> io::Result<TlsStream<TcpStream>> {
    ensure();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no certificates of the system were found"));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// A client that trusts the system's roots and gives up after `timeout` for a whole exchange. It follows no
/// redirect: a redirect is an answer to be shown, and a token must not travel to another host.
pub fn http(timeout: Duration) -> Result<reqwest::Client, ClientError> {
    ensure();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("warroom/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        // Less than the whole, so that a time-out tells whether a connection stood.
        .connect_timeout(CONNECT_TIMEOUT.min(timeout.mul_f64(0.9)))
        .timeout(timeout)
        .pool_max_idle_per_host(2)
        .tcp_nodelay(true);
    builder.build().map_err(|error| ClientError(Clean::new(&causes(&error))))
}

/// An error with all its causes in one line, without the URL (which may carry a token in its query): `reqwest` says
/// only "error sending request" on top.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        let text = match error.downcast_ref::<reqwest::Error>() {
            Some(outer) => own_words(outer),
            None => error.to_string(),
        };
        if !words.iter().any(|word| word.contains(&text)) {
            words.push(text);
        }
        at = error.source();
    }
    words.join(": ")
}

/// What a `reqwest` error says itself, its URL cut off.
fn own_words(error: &reqwest::Error) -> String {
    let text = error.to_string();
    match error.url() {
        Some(url) => text.replace(&format!(" for url ({url})"), ""),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_twice_is_harmless_and_a_client_can_be_built() {
        ensure();
        assert!(http(Duration::from_secs(1)).is_ok());
        assert!(rustls::crypto::CryptoProvider::get_default().is_some());
    }

    #[tokio::test]
    async fn a_failure_names_its_cause_and_hides_the_url() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let client = http(Duration::from_secs(2)).unwrap();
        let sent = client.get(format!("http://{free}/?token=s3cret")).send().await;
        let text = causes(&sent.unwrap_err());
        assert!(text.to_lowercase().contains("refused") && !text.contains("s3cret"), "{text}");
    }
}
