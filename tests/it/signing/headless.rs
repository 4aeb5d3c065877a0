//! Machine evidence in commands without a screen, and files that are not plain UTF-8.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::{good, item, refused, room};
use crate::cli::said;

/// A health endpoint: 200 while `well`, else 503. It ends with the test's process.
pub(super) fn health(well: &Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/health", listener.local_addr().expect("bound"));
    let well = well.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _request = stream.read(&mut [0; 4096]);
            let status = if well.load(Ordering::SeqCst) { "200 OK" } else { "503 Service Unavailable" };
            let _gone =
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
        }
    });
    url
}

#[test]
fn a_bound_item_shows_and_obeys_what_the_room_sees_now() {
    let well = Arc::new(AtomicBool::new(true));
    let room = room(&format!(
        "[conditions]\nhealth_failing = \"0s\"\n[[service]]\nname = \"api\"\n[[service.health]]\nname = \"api\"\nurl = \"{}\"\n\
         [[bind]]\ntext = \"unit tests\"\ncondition = \"health api failing\"\n",
        health(&well)
    ));
    let dir = room.path();
    let unit = item(dir, "unit");
    assert_eq!((&unit["state"], &unit["now"]["good"]), (&"proposed".into(), &Value::Bool(true)), "{unit}");
    good(dir, &["tick", "unit tests"]);
    let unit = item(dir, "unit");
    assert_eq!(
        (&unit["state"], &unit["evidence"][0]["good"]),
        (&"done".into(), &Value::Bool(true)),
        "{unit}"
    );
    well.store(false, Ordering::SeqCst);
    let unit = item(dir, "unit");
    assert_eq!(unit["state"], "lapsed", "{unit}");
    assert!(
        unit["lapsed"]
            .as_str()
            .is_some_and(|why| why.contains("its evidence turned bad: health api failing"))
    );
    refused(dir, &["tick", "unit tests"], "its evidence is bad now: health api failing");
    assert!(good(dir, &["items"]).contains("now bad: health api failing"));
    assert!(!good(dir, &["export", "--checklist", "r.md"]).contains("[x] unit"), "lapsed is not written");
    good(dir, &["tick", "unit tests", "--state", "waived", "--reason", "known"]);
    let out = good(dir, &["rollout", "end", "completed", "--yes"]);
    assert!(!out.contains("required and open"), "{out}");
}

#[test]
fn a_tick_on_evidence_that_is_bad_at_the_moment_says_so_and_is_not_supported_by_it() {
    let well = Arc::new(AtomicBool::new(false));
    let room = room(&format!(
        "[conditions]\nhealth_failing = \"60s\"\n[[service]]\nname = \"api\"\n[[service.health]]\nname = \"api\"\nurl = \"{}\"\n\
         [[bind]]\ntext = \"unit tests\"\ncondition = \"health api failing\"\n",
        health(&well)
    ));
    let dir = room.path();
    let out = good(dir, &["tick", "unit tests"]);
    assert!(out.contains("its evidence does not support it: health api failing: over its limit, "), "{out}");
    let unit = item(dir, "unit");
    assert_eq!(
        (&unit["state"], &unit["kind"], &unit["evidence"][0]["good"]),
        (&"done".into(), &"person".into(), &Value::Null),
        "{unit}"
    );
    let report = good(dir, &["report"]);
    assert!(report.contains("over its limit") && report.contains("(no proof)"), "{report}");
}

/// A metrics endpoint that always tells `text`. It ends with the test's process.
fn metrics(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/metrics", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _request = stream.read(&mut [0; 4096]);
            let length = text.len();
            let _gone = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
            );
        }
    });
    url
}

#[test]
fn what_a_limit_of_a_document_measures_is_measured_at_the_desk_too() {
    let room = room(&format!(
        "[conditions]\nmetric_critical = \"0s\"\n[[service]]\nname = \"api\"\n[service.metrics]\nurl = \"{}\"\ninterval = \"1s\"\n\
         [[service.metrics.panel]]\nname = \"error_rate\"\nquery = 'errors_percent'\nunit = \"%\"\ntarget = \"< 1\"\ncritical = \"> 5\"\n",
        metrics("# TYPE errors_percent gauge\nerrors_percent 20\n")
    ));
    let dir = room.path();
    let text = "# R\n\n## Success criteria\n\n- [ ] Error rate < 1 %\n- [ ] Error rate < 1 % and no complaint\n\n\
                ## Rollback triggers\n\n- [ ] Error rate > 5 %\n";
    std::fs::write(dir.join("r.md"), text).expect("checklist");
    for part in ["Error rate < 1 %", "> 5 %"] {
        let found = item(dir, part);
        assert_eq!(
            (&found["state"], &found["now"]["good"]),
            (&"measured".into(), &Value::Bool(false)),
            "{found}"
        );
        assert_eq!(found["rests_on"][0]["kind"], "condition", "{found}");
    }
    refused(dir, &["tick", "Error rate < 1 %", "--state", "met"], "the room measures it");
    let asked = item(dir, "no complaint");
    assert_eq!((&asked["state"], &asked["rests_on"]), (&"open".into(), &Value::Array(Vec::new())), "{asked}");
    good(dir, &["tick", "no complaint", "--state", "met"]);
}

#[test]
fn what_cannot_be_seen_proves_nothing_and_lapses_nothing() {
    let closed = crate::servers::free_port();
    let room = room(&format!(
        "[[service]]\nname = \"api\"\n[service.metrics]\nurl = \"http://127.0.0.1:{closed}/metrics\"\n\
         [[service.metrics.panel]]\nname = \"errors\"\nquery = 'errors_total'\ncritical = \"> 5\"\n\
         [[bind]]\ntext = \"unit tests\"\ncondition = \"errors\"\nticks = \"itself\"\n"
    ));
    let dir = room.path();
    good(dir, &["tick", "unit tests"]);
    let unit = item(dir, "unit");
    assert_eq!((&unit["state"], &unit["now"]["good"]), (&"done".into(), &Value::Null), "{unit}");
    assert_eq!(unit["now"]["value"], "not seen now");
}

#[test]
fn a_gate_proposes_when_it_passed_and_its_failure_lapses() {
    let room = room(
        "[[gate]]\nname = \"unit\"\ncommand = \"test -f passes\"\n[[bind]]\ntext = \"unit tests\"\ngate = \"unit\"\n",
    );
    let dir = room.path();
    assert_eq!(item(dir, "unit")["state"], "open");
    std::fs::write(dir.join("passes"), "").expect("write");
    let (out, err, status) = said(dir, &["gate", "run", "unit"]);
    assert_eq!(status, 0, "{out}{err}");
    let unit = item(dir, "unit");
    assert_eq!((&unit["state"], &unit["now"]["kind"]), (&"proposed".into(), &"gate".into()), "{unit}");
    good(dir, &["tick", "unit tests"]);
    assert!(item(dir, "unit")["evidence"][0]["record"].is_u64(), "the run is its evidence");
    std::fs::remove_file(dir.join("passes")).expect("removed");
    assert_eq!(said(dir, &["gate", "run", "unit"]).2, 1);
    let unit = item(dir, "unit");
    assert_eq!(unit["state"], "lapsed", "{unit}");
    refused(dir, &["tick", "unit tests"], "its evidence is bad now: gate unit: failed");
    // Passed again, it is asked for again, and not for another rollout.
    std::fs::write(dir.join("passes"), "").expect("write");
    assert_eq!(said(dir, &["gate", "run", "unit"]).2, 0);
    good(dir, &["tick", "unit tests"]);
    good(dir, &["rollout", "begin", "9f1ce27", "--yes"]);
    let unit = item(dir, "unit");
    assert_eq!((&unit["state"], &unit["now"]["good"]), (&"open".into(), &Value::Null), "{unit}");
    assert!(
        unit["now"]["value"].as_str().is_some_and(|value| value.contains("before this candidate")),
        "{unit}"
    );
}

#[test]
fn a_claim_is_a_claim_everywhere() {
    let room = room("");
    let dir = room.path();
    let lint = item(dir, "lint");
    assert_eq!((&lint["state"], &lint["by"]), (&"claimed".into(), &Value::Null));
    assert!(good(dir, &["items"]).contains("claimed  lint is clean\n"));
    assert_eq!(good(dir, &["export", "--checklist", "r.md"]), super::CHECKLIST, "no name is put to it");
    let report = good(dir, &["report"]);
    assert!(report.contains("lint is clean") && report.contains("claim"), "{report}");
}

/// The checklist as it is stored by a program that took UTF-8 for Mac Roman and wrote CRLF.
const MOJIBAKE: &str = "\u{feff}# Release ‚Äî 2.4\r\n\r\n## Checks\r\n\r\n- [ ] p95 ‚â• 2 hours  \r\n- [ ] unit tests ‚úÖ\r\n\r\nTail\u{c}\t without newline";

fn write(dir: &Path) {
    std::fs::write(dir.join("r.md"), MOJIBAKE).expect("write");
}

#[test]
fn every_other_byte_of_a_strange_file_stays() {
    let room = room("");
    let dir = room.path();
    write(dir);
    assert_eq!(item(dir, "p95")["text"], "p95 ≥ 2 hours", "it is read repaired");
    good(dir, &["tick", "2 hours", "--note", "2 h 14 min ✓"]);
    let copy = good(dir, &["export", "--checklist", "r.md"]);
    let comment =
        copy.split_once("hours").and_then(|(_, rest)| rest.split_once("  \r\n")).map(|(comment, _)| comment);
    let comment = comment.expect("a comment before what breaks the line");
    assert!(comment.starts_with(" <!-- warroom: done by mara, ") && comment.is_ascii(), "{comment}");
    assert_eq!(copy.replace(comment, "").replacen("[x]", "[ ]", 1), MOJIBAKE);
    assert_eq!(std::fs::read(dir.join("r.md")).expect("read"), MOJIBAKE.as_bytes());
}

#[test]
fn in_place_keeps_mode_and_link_and_fails_whole() {
    let room = room("");
    let dir = room.path();
    std::fs::create_dir(dir.join("docs")).expect("a folder");
    std::fs::rename(dir.join("r.md"), dir.join("docs/real.md")).expect("moved");
    symlink("docs/real.md", dir.join("r.md")).expect("a link");
    let real = dir.join("docs/real.md");
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).expect("mode");
    good(dir, &["tick", "unit tests"]);
    good(dir, &["export", "--checklist", "r.md", "--in-place"]);
    let about = std::fs::symlink_metadata(dir.join("r.md")).expect("the link");
    assert!(about.file_type().is_symlink(), "a link stays a link");
    assert_eq!(std::fs::metadata(&real).expect("the file").permissions().mode() & 0o777, 0o640);
    let written = std::fs::read_to_string(&real).expect("read");
    assert!(written.contains("- [x] unit tests pass (required) <!-- warroom: done by mara"), "{written}");
    // What was said in another rollout does not stand in the file any more.
    good(dir, &["rollout", "begin", "9f1ce27", "--yes"]);
    good(dir, &["export", "--checklist", "r.md", "--in-place"]);
    assert_eq!(std::fs::read_to_string(&real).expect("read"), super::CHECKLIST);
    // A file that may not be written is not, and none is by a room that is read-only.
    good(dir, &["tick", "unit tests"]);
    let (_, why, status) = said(dir, &["--read-only", "export", "--checklist", "r.md", "--in-place"]);
    assert!(status == 2 && why.contains("was not written"), "{status} {why}");
    assert_eq!(std::fs::read_to_string(&real).expect("read"), super::CHECKLIST);
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o444)).expect("mode");
    refused(dir, &["export", "--checklist", "r.md", "--in-place"], "was not written");
    assert_eq!(std::fs::read_to_string(&real).expect("read"), super::CHECKLIST);
    assert_eq!(std::fs::read_dir(dir.join("docs")).expect("list").count(), 1, "nothing is left behind");
}
