//! Private keys in what a process writes.

/// A private key in PEM spans lines (RFC 7468): from its beginning to its end nothing of it is kept.
#[derive(Debug, Default)]
pub(super) struct KeyBlock {
    inside: bool,
}

impl KeyBlock {
    /// Whether `line` is of such a block, but for its first and last line.
    pub(super) fn hides(&mut self, line: &str) -> bool {
        if line.contains("-----BEGIN ") && line.contains("PRIVATE KEY") {
            self.inside = !line.contains("-----END ");
            return !self.inside;
        }
        if line.contains("-----END ") {
            self.inside = false;
        }
        self.inside
    }

    /// Whether a line that is not whole yet is inside of one.
    pub(super) fn is_open(&self) -> bool {
        self.inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inside_of_a_private_key_is_kept() {
        let mut block = KeyBlock::default();
        let lines = ["a", "-----BEGIN PRIVATE KEY-----", "MIIE", "vQIB", "-----END PRIVATE KEY-----", "b"];
        assert_eq!(lines.map(|line| block.hides(line)), [false, false, true, true, false, false]);
        assert!(
            block.hides("-----BEGIN PRIVATE KEY----- MIIE -----END PRIVATE KEY-----") && !block.is_open()
        );
    }
}
