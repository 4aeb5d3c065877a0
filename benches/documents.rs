//! How long a document of 1 MB takes to be read, and whether four times the text takes four times as long.
//!
//! Documents of many shapes, each of 250 KB and of 1 MB, read in turn in one run: what grows with the square of its size
//! shows in the ratio, whatever the machine. The best of several rounds counts.
//!
//! `cargo bench --profile quick --bench documents`, behind it `-- WORD` for the shapes with a word in their name
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use warroom::document;

const SMALL: usize = 250_000;
const LARGE: usize = 4 * SMALL;

/// A document with a bit of everything, as they are.
const USUAL: &str = "## Step\n\nWhat this step is for, in **words** with `code` and a [link](https://x.example).\n\n\
    - [ ] Error rate < 1% for 30 minutes @mara\n  - Owner: Sam\n- [x] Done already\n1. Deploy it\n\n```bash\n\
    # all of them\npytest tests -q\nkubectl rollout status deploy/x\n```\n\n| Metric | Target | Alert If |\n\
    |---|---|---|\n| p95 | < 200ms | > 1s |\n\n";

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{:22} {:>10} {:>10} {:>6}", "shape", "250 KB", "1 MB", "ratio")?;
    let word = std::env::args().skip(1).find(|arg| arg != "--bench").unwrap_or_default();
    for (name, of) in shapes().into_iter().filter(|(name, _)| name.contains(&word)) {
        let (small, large) = (of(SMALL), of(LARGE));
        let (mut least, mut most) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            least = least.min(took(&small));
            most = most.min(took(&large));
        }
        let per_byte = (most.as_secs_f64() / large.len() as f64) / (least.as_secs_f64() / small.len() as f64);
        let (small, large) = (least.as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
        writeln!(out, "{name:22} {small:>7.1} ms {large:>7.1} ms {:>6.1}", per_byte * 4.0)?;
    }
    Ok(())
}

fn took(text: &str) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(document::read("d.md", text.as_bytes()));
    begin.elapsed()
}

type Shape = (&'static str, Box<dyn Fn(usize) -> String>);

/// `count` pieces behind one another, each made of its number.
fn joined(count: usize, piece: impl Fn(usize) -> String) -> String {
    let mut all = String::new();
    for n in 0..count {
        all.push_str(&piece(n));
    }
    all
}

fn shapes() -> Vec<Shape> {
    fn many(head: &'static str, piece: &'static str, tail: &'static str) -> Box<dyn Fn(usize) -> String> {
        Box::new(move |bytes| format!("{head}{}{tail}", piece.repeat(bytes / piece.len())))
    }
    let numbered: Box<dyn Fn(usize) -> String> =
        Box::new(|bytes| joined(bytes / 24, |n| format!("## Heading number {n:05}\n\n")));
    let nested: Box<dyn Fn(usize) -> String> = Box::new(|bytes| {
        let group = joined(12, |n| format!("{}- [ ] item {n} < 5%\n", "  ".repeat(n)));
        format!("# A\n{}", group.repeat(bytes / group.len()))
    });
    let metrics: Box<dyn Fn(usize) -> String> = Box::new(|bytes| {
        joined(bytes / 80, |n| {
            format!("```promql\nsum(rate(requests_{n:05}_total[5m])) by (code)\n```\n**Target:** < {n}\n\n")
        })
    });
    vec![
        ("as they are", many("# Release\n\n", USUAL, "")),
        (
            "tables",
            many("# A\n\n| Metric | Target | Alert If |\n|---|---|---|\n", "| p95 | < 200ms | > 1s |\n", ""),
        ),
        ("many small tables", many("# A\n", "\n| Metric | Target |\n|---|---|\n| p95 | < 2 s |\n\n", "")),
        ("nested lists", nested),
        ("one list of items", many("# A\n", "- [ ] Error rate < 1% @mara (required)\n", "")),
        (
            "long items",
            many(
                "# A\n",
                "- [ ] Verify that the payment service answers on every node after the switch, and that the error rate of \
                 the dashboard stays below 1 % for 30 minutes; tell whoever is on call if it does not\n",
                "",
            ),
        ),
        ("one list, all alike", many("# Checklist\n", "- verify it\n", "")),
        ("one fence", many("# A\n```bash\n", "pytest tests -q && ls | wc -l\n", "```\n")),
        ("one fence of none", many("# A\n```\n", "output of something 17 ms\n", "```\n")),
        ("one fence, one command", many("# A\n```bash\necho '", "text of one command\n", "'\n```\n")),
        ("one paragraph", many("# A\n", "a sentence of words with 5 % of *them*; ", "")),
        ("one line, brackets", many("# A\n", "[x] <a ![", "")),
        ("headings", numbered),
        ("headings, all alike", many("", "## Phase 1: Steps\n- [ ] a\n\n", "")),
        ("queries", metrics),
        ("quotes, deep", many("# A\n", "> > > > > > > > - [ ] deep\n\n", "")),
        ("details", many("# A\n", "<details><summary>More</summary>\n\n- [ ] inside\n\n</details>\n\n", "")),
        ("details never closed", many("# A\n", "<details><summary>\n", "")),
        ("links", many("# A\n", "[a](b) [c][d] ", "")),
        ("emphasis", many("# A\n", "*a **b _c ", "")),
        ("placeholders", many("# A\n", "- [ ] ask [NAME] on [DATE] before 2026-01-31\n", "")),
        (
            "yaml",
            many("# A\n", "```yaml\na:\n  target: \"< 5%\"\n  critical_threshold: \"> 9%\"\n```\n\n", ""),
        ),
        ("labels", many("# A\n", "**Last updated:** 2026-01-10 | **Owner:** x\n\n", "")),
        (
            "steps",
            many("# A\n## Deployment steps\n", "1. Run it: `make x`\n\n   ```bash\n   ls\n   ```\n", ""),
        ),
        ("Chinese", many("# 发布\n## 检查清单\n", "- [ ] 错误率低于 1% 持续 5 分钟\n", "")),
    ]
}
