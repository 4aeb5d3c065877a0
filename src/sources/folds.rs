//! What was folded in the checklist at an earlier time, read once.

use std::path::PathBuf;

use tokio::io::AsyncReadExt;

use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// More than any such file has.
const MOST: u64 = 128 * 1024;

/// Reads the file at `path`; without one nothing was folded.
pub async fn run(path: PathBuf, lanes: Lanes) {
    let Ok(file) = tokio::fs::File::open(&path).await else { return };
    let mut text = String::new();
    if let Err(error) = file.take(MOST).read_to_string(&mut text).await {
        return tracing::warn!(path = %path.display(), %error, "folds are not remembered");
    }
    let folds: Vec<(u64, bool)> = text.lines().filter_map(fold).collect();
    if !folds.is_empty() {
        // A closed lane means that the room was left already.
        let _ = lanes.control.send(Msg::FoldsRead { folds }).await;
    }
}

/// `+` or `-` and a heading's key; anything else is skipped.
fn fold(line: &str) -> Option<(u64, bool)> {
    let (sign, key) = line.split_at_checked(1)?;
    let fold = match sign {
        "+" => true,
        "-" => false,
        _ => return None,
    };
    Some((u64::from_str_radix(key, 16).ok()?, fold))
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn lines_of_another_kind_are_skipped() {
        let lines = ["+00000000000000ff", "-1", "", "é", "+", "*12", "+zz"];
        let read: Vec<_> = lines.into_iter().filter_map(fold).collect();
        assert_eq!(read, [(255, true), (1, false)]);
    }
}
