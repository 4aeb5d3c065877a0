//! A cache that answers `PING`, so that there is something to probe besides HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use super::door::shut;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Answers on `listener` while `open` says so, as the doors do.
pub(super) async fn serve(listener: TcpListener, mut open: watch::Receiver<bool>) {
    let Ok(address) = listener.local_addr() else { return };
    let mut listener = Some(listener);
    loop {
        match listener.take() {
            Some(listener) => accept(listener, &mut open).await,
            None => listener = again(address).await,
        }
        if open.wait_for(|open| *open).await.is_err() {
            return;
        }
    }
}

async fn again(address: SocketAddr) -> Option<TcpListener> {
    let bound = TcpListener::bind(address).await.ok();
    if bound.is_none() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bound
}

async fn accept(listener: TcpListener, open: &mut watch::Receiver<bool>) {
    let mut busy = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => { busy.spawn(talk(stream)); }
            Some(_) = busy.join_next(), if !busy.is_empty() => {}
            () = shut(open) => return,
        }
    }
}

/// Redis' protocol as far as a probe needs it: `PING` inline or as an array; everything else is an unknown command.
async fn talk(stream: TcpStream) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut expected = 0_usize;
    let mut words: Vec<String> = Vec::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(count) = line.strip_prefix('*') {
            expected = count.trim().parse().unwrap_or(0).min(16);
            words.clear();
            continue;
        }
        if line.starts_with('$') && words.len() < expected {
            continue;
        }
        words.push(line.trim().to_owned());
        if words.len() < expected {
            continue;
        }
        let ping = words.first().is_some_and(|word| word.eq_ignore_ascii_case("ping"));
        let answer: &[u8] = if ping { b"+PONG\r\n" } else { b"-ERR unknown command\r\n" };
        words.clear();
        expected = 0;
        if write.write_all(answer).await.is_err() {
            return;
        }
    }
}
