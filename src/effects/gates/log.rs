//! The file that keeps the output of a run.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::domain::Clean;
use crate::domain::run::RunId;

/// The largest file with output, in bytes.
const MOST_LOGGED: u64 = 8_000_000;

/// The file with all output of a run, up to its limit.
pub(super) struct Log {
    file: Option<File>,
    path: PathBuf,
    /// Lines that are not in the file yet.
    waiting: String,
    written: u64,
    /// Why it does not have what it should.
    problem: Option<String>,
}

impl Log {
    pub(super) fn open(logs: &Path, run: &RunId) -> Self {
        let path = path(logs, run);
        match create(logs, &path) {
            Ok(file) => Self::of_file(file, path),
            Err(error) => {
                let problem = Some(format!("its output could not be written to a file: {error}"));
                Self { file: None, path, waiting: String::new(), written: 0, problem }
            }
        }
    }

    pub(super) fn of_file(file: File, path: PathBuf) -> Self {
        Self { file: Some(file), path, waiting: String::new(), written: 0, problem: None }
    }

    /// Takes a line; it is in the file after the next [`Log::write`].
    pub(super) fn line(&mut self, line: &Clean) {
        let size = line.len() as u64 + 1;
        if self.written + size > MOST_LOGGED {
            self.written = MOST_LOGGED;
            return;
        }
        self.written += size;
        self.waiting.push_str(line);
        self.waiting.push('\n');
    }

    /// Writes whole lines in one piece: if the console is killed, the file ends with one.
    pub(super) fn write(&mut self) {
        let lines = std::mem::take(&mut self.waiting);
        let wrote =
            self.file.as_mut().filter(|_| !lines.is_empty()).map(|file| file.write_all(lines.as_bytes()));
        if let Some(Err(error)) = wrote {
            self.problem = Some(format!("the file with its output is not whole: {error}"));
            self.file = None;
        }
    }

    pub(super) fn end(&mut self) {
        self.write();
        if self.written >= MOST_LOGGED
            && let Some(file) = &mut self.file
        {
            // The evidence has the end of the output; the file says that it has not.
            let _full = writeln!(file, "… more than 8 MB: the rest is not kept …");
        }
    }

    /// Why the file is missing or not whole.
    pub(super) fn problem(&self) -> Option<String> {
        self.problem.clone()
    }

    /// The file; empty: there is none that has all it should.
    pub(super) fn name(&self) -> Clean {
        self.file.as_ref().map(|_| Clean::new(&self.path.to_string_lossy())).unwrap_or_default()
    }
}

/// The file of a run.
pub(super) fn path(logs: &Path, run: &RunId) -> PathBuf {
    let plain = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    logs.join(format!("{}.log", run.0.chars().map(plain).collect::<String>()))
}

/// For their owner only: output may say more than it should.
fn create(logs: &Path, path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(logs)?;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    std::fs::create_dir_all(logs)?;
    options.open(path)
}
