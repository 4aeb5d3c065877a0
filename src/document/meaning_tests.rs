//! What items mean, and what is read beside them, as whole values.

mod asked;
mod back;
mod forms;
mod more;

use super::*;
use crate::domain::{Item, Meaning, Span};

fn document(bytes: &[u8]) -> Document {
    read("release.md", bytes).document.expect("a text")
}

/// `line meaning flags text` of every item: `!` required, `~` inferred, `x` claimed, `-` struck through, `<owner>`, `{field=value}`.
fn told(text: &str) -> Vec<String> {
    let item = |item: &Item| {
        let meaning = match &item.meaning {
            Meaning::Work => "work".to_owned(),
            Meaning::SignOff { role } => format!("sign-off({})", role.as_deref().unwrap_or("?")),
            Meaning::Trigger => "trigger".to_owned(),
            Meaning::Criterion => "criterion".to_owned(),
            Meaning::Claim => "claim".to_owned(),
            Meaning::Later { from_seconds: Some(from), until_seconds } => {
                format!("later({from}-{})", until_seconds.unwrap_or(0))
            }
            Meaning::Later { .. } => "later".to_owned(),
        };
        let flags = [(item.required, "!"), (item.inferred, "~"), (item.claimed, "x"), (item.struck, "-")];
        let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag).collect();
        let owner = item.owner.as_ref().map(|owner| format!(" <{owner}>")).unwrap_or_default();
        let fields: Vec<String> =
            item.fields.iter().map(|f| format!(" {{{}={}}}", f.name, f.value)).collect();
        format!("{} {meaning}{flags} {}{owner}{}", item.line, item.text, fields.concat())
    };
    document(text.as_bytes()).sections.iter().flat_map(|s| &s.items).map(item).collect()
}

#[test]
fn boxes_of_every_form_are_items() {
    let text = "\
# Go-live
- [] bare
- ☐ empty
- ☑ ticked
- ⬜ to do
- ✅ beside boxes
<details><summary>More</summary>
- [ ] in details
</details>

| # | Check | Who | State |
|---|---|---|---|
| 1 | Backups run | Ines | ☐ |
| 2 | Alerts fire | Sam | [x] seen |
";
    assert_eq!(
        told(text),
        [
            "2 work bare",
            "3 work empty",
            "4 workx ticked",
            "5 work to do",
            "6 workx beside boxes",
            "8 work in details",
            "13 work Backups run {Who=Ines}",
            "14 workx Alerts fire {Who=Sam} {State=seen}",
        ]
    );
}

#[test]
fn the_nearest_line_above_decides() {
    let text = "\
# Launch of the ledger
## Rollback
### When to roll back
- [ ] Errors > 3 % for 10 minutes
### Rollback tests
- [ ] Restored once in staging
### Rollback steps
- [ ] Point the router back
## Sign-off (required)
- [ ] Data lead approval
- [ ] Legal: Mara

**Final checks**
- [ ] Room is quiet
## Acceptance criteria
- [ ] p95 < 80 ms
## After the launch
### First look (0-2 hours)
- [ ] Queue drains
### Cleanup (Week 2)
- [ ] Old table dropped
## Test results
- [x] 41 of 41
- [ ] rerun on arm
";
    assert_eq!(
        told(text),
        [
            "4 trigger Errors > 3 % for 10 minutes",
            "6 work Restored once in staging",
            "8 later Point the router back",
            "10 sign-off(Data lead)! Data lead approval",
            "11 sign-off(Legal)! Legal: Mara",
            "14 work! Room is quiet",
            "16 criterion p95 < 80 ms",
            "19 later(0-7200) Queue drains",
            "21 later(604800-1209600) Old table dropped",
            "23 claimx 41 of 41",
            "24 work rerun on arm",
        ]
    );
}

#[test]
fn lists_without_boxes_are_items_where_something_asks_for_them() {
    let text = "\
# Moving the mail queue
- [ ] one box elsewhere
## Steps
1. Stop the workers
2. **Copy**
   - Dump
   - Load
## Abort if:
- the copy takes more than 2 hours
## Version history
1. first draft
## Smoke tests (optional)
- Send a mail
  - Owner: Noor
  - Expected: it arrives
## Contacts
- **On call:** see the rota
## What we like
- tea
- ✅ the new queue is faster
";
    assert_eq!(
        told(text),
        [
            "2 work one box elsewhere",
            "4 work~ Stop the workers",
            "5 work~ Copy",
            "6 work~ Dump",
            "7 work~ Load",
            "9 trigger~ the copy takes more than 2 hours",
            "13 work~ Send a mail <Noor> {Owner=Noor} {Expected=it arrives}",
            "20 claim~x the new queue is faster",
        ]
    );
}

#[test]
fn stages_phases_events_and_the_other_lists_are_read() {
    let text = "\
# Plan
## Startup phases (in order)
1. **LOAD** - reads the config
2. **SERVE** - opens the port
## Events
- `run_started` - begins
- **run_done**: ends
## Phase 1: Few (Days 1-2)
### Pre-deployment
- [ ] Backup
### Steps
- [ ] Set `NEW_QUEUE=true` for 5% of users
- [ ] Watch it for 2 hours
### Success criteria
- [ ] Loss is zero
## Rollback procedure
1. Turn it off
## War room roles
- **Commander:** Ines
## War room activation
- Any outage
";
    let plan = document(text.as_bytes()).plan;
    let names = |list: &[crate::domain::plan::Named]| {
        list.iter().map(|named| format!("{} {}: {}", named.line, named.name, named.text)).collect::<Vec<_>>()
    };
    let phases: Vec<_> = plan.phases.iter().map(|phase| (phase.line, &*phase.name, &*phase.text)).collect();
    assert_eq!(phases, [(3, "LOAD", "reads the config"), (4, "SERVE", "opens the port")]);
    assert_eq!(names(&plan.events), ["6 run_started: begins", "7 run_done: ends"]);
    assert_eq!(names(&plan.rollback_steps), ["17 Turn it off: "]);
    assert_eq!(names(&plan.activations), ["21 Any outage: "]);
    assert_eq!((&*plan.roles[0].name, &*plan.roles[0].who, plan.roles.len()), ("Commander", "Ines", 1));
    let [stage] = plan.stages.as_slice() else { panic!("one stage: {:?}", plan.stages) };
    assert_eq!(
        (stage.line, &*stage.name, stage.percent, stage.soak_seconds),
        (8, "Few", Some(5), Some(7200))
    );
    assert_eq!((stage.pre.len(), stage.steps.len(), stage.success.len()), (1, 2, 1));
    assert_eq!(stage.flags, [Clean::new("NEW_QUEUE")]);
    let counts = plan.counts;
    assert_eq!((counts.headings, counts.items, counts.conditions, counts.ordered_steps), (10, 4, 1, 3));
}

#[test]
fn what_is_questionable_has_its_line_and_a_next_step() {
    let text = "\
# PRODUCTION READY
## Files (3 total)
1. a
2. b
## Tests
- [ ] unit
- [x] lint
## Contacts
- **Lead:** [Contact Info]
";
    let plan = document(text.as_bytes()).plan;
    let found: Vec<_> =
        plan.findings.iter().map(|f| (f.line, f.kind.to_string(), f.text.to_string())).collect();
    let expected = [
        (
            1,
            "claim",
            "it says \"PRODUCTION READY\", and 1 item is open (the first in line 6); finish them, or say what is ready",
        ),
        (2, "claim", "the heading says 3, and 2 entries stand below it; correct one of them"),
        (7, "claim", "1 item is said to be done here, without evidence; it counts when somebody attests it"),
        (9, "placeholder", "\"[Contact Info]\" was never filled in; write what is meant before the rollout"),
    ];
    assert_eq!(found, expected.map(|(line, kind, text)| (line, kind.to_owned(), text.to_owned())));
}

#[test]
fn a_mark_is_where_the_box_stands_in_the_file_as_it_is_stored() {
    let text = "---\nt: ✅\n---\n# ✅ A\r\n- [ ] “b”\n- ⬜ c\n";
    let broken = encoding_rs::MACINTOSH.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    for (bytes, between) in [(text.as_bytes().to_vec(), "⬜"), (broken.clone().into_bytes(), "‚¨ú")] {
        for bom in [&b""[..], b"\xef\xbb\xbf"] {
            let stored = [bom, &bytes].concat();
            let document = document(&stored);
            let marks =
                document.sections.iter().flat_map(|s| &s.items).map(|item| item.mark.expect("a mark"));
            let there = |Span { from, to }: Span| stored[from as usize..to as usize].to_vec();
            let there: Vec<_> =
                marks.map(|mark| String::from_utf8(there(mark)).expect("whole chars")).collect();
            assert_eq!(there, [" ", between]);
        }
    }
    let hostile = b"# A\xff\xfe\n- [ ] \xe2\x98 b\n- [x] c\n";
    let marks: Vec<_> = document(hostile).sections[0].items.iter().filter_map(|item| item.mark).collect();
    assert_eq!(marks, [Span { from: 9, to: 10 }, Span { from: 20, to: 21 }]);
    assert_eq!((hostile[9], hostile[20]), (b' ', b'x'));
}

#[test]
fn meanings_are_told_in_other_languages() {
    let text = "\
# Umstellung
## Rollback-Kriterien
- [ ] Fehlerquote über 5 %
## Freigaben
- [ ] Freigabe (QA)
## Nach dem Deployment
- [ ] Protokolle prüfen
## Critères d'acceptation
- [ ] Tout répond
## Condições para rollback
- [ ] Fila parada
## 回滚条件
- [ ] 错误率过高
## リリース後の確認
- [ ] 監視
## 任意
- [ ] MUSTではない
";
    assert_eq!(
        told(text),
        [
            "3 trigger Fehlerquote über 5 %",
            "5 sign-off(QA) Freigabe (QA) <QA>",
            "7 later Protokolle prüfen",
            "9 criterion Tout répond",
            "11 trigger Fila parada",
            "13 trigger 错误率过高",
            "15 later 監視",
            "17 work MUSTではない",
        ]
    );
}
