//! A listening port: it accepts, serves HTTP/1 with upgrades, and can be shut and opened again in the same place.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::hub::Hub;

/// Work that lives as long as the door is open: an upgraded socket.
pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Which way one comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// By the service's URL, through the traffic split.
    Service,
    /// By the URL of the tag with this slot.
    Tag(usize),
}

/// What handlers behind a door share.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) hub: Arc<Hub>,
    pub(super) token: Arc<str>,
    pub(super) entrance: Entrance,
    pub(super) work: mpsc::Sender<Work>,
}

/// Serves on `listener` while `open` says so; shut, it drops the listener and every connection.
pub(super) async fn keep(
    listener: TcpListener,
    mut open: watch::Receiver<bool>,
    routes: impl Fn(mpsc::Sender<Work>) -> Router + Send,
) {
    let Ok(address) = listener.local_addr() else { return };
    let mut listener = Some(listener);
    loop {
        let Some(current) = (match listener.take() {
            Some(listener) => Some(listener),
            None => TcpListener::bind(address).await.ok(),
        }) else {
            // Somebody else has the port; it may come free.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let (sender, work) = mpsc::channel(16);
        serve(current, &mut open, work, &routes(sender)).await;
        if open.wait_for(|open| *open).await.is_err() {
            return;
        }
    }
}

/// Serves until the door is to be shut. Returning drops the listener and ends the connections.
async fn serve(
    listener: TcpListener,
    open: &mut watch::Receiver<bool>,
    mut work: mpsc::Receiver<Work>,
    routes: &Router,
) {
    let mut busy = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { busy.spawn(connection(stream, routes.clone())); }
                // Out of file descriptors, most likely: some will come free.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(work) = work.recv() => { busy.spawn(work); }
            Some(_) = busy.join_next(), if !busy.is_empty() => {}
            // An error means that the world has ended.
            () = shut(open) => return,
        }
    }
}

/// Waits until the door is to be shut.
pub(super) async fn shut(open: &mut watch::Receiver<bool>) {
    let _ = open.wait_for(|open| !*open).await;
}

async fn connection(stream: TcpStream, routes: Router) {
    // Small frames must not wait for each other; without it they are only later.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(routes);
    let http = hyper::server::conn::http1::Builder::new();
    // A client that breaks the protocol or goes away ends its own connection, no more.
    let _ = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}
