//! Editing keeps every byte but the changed value's.

use super::*;
use crate::domain::flag::{Provider, Wanted};

const TEXT: &str = "{\n  \"$schema\" : \"https://flagd.dev/schema/v0/flags.json\",\n  \"flags\": {\n\
    \t\"plain\":   {\"state\":\"ENABLED\", \"variants\": {\"on\": true,\"off\":false },\n\
    \t\t\"defaultVariant\" : \"off\" },\r\n\
    \"split\": { \"state\": \"ENABLED\", \"defaultVariant\": \"off\",\n      \"variants\": { \"on\": true, \"off\": false },\n\
    \"targeting\": {\"fractional\": [ {\"var\": \"email\"}, [ \"on\" , 25 ], [\"off\",75] ] } },\n\
    \"ruled\": { \"variants\": {\"on\":1,\"off\":0}, \"state\": \"DISABLED\", \"defaultVariant\":\"off\",\n\
    \"targeting\": { \"if\": [ {\"in\": [\"@x\", {\"var\":\"email\"}]}, \"on\", \"off\"] } },\n\
    \"colour\": { \"variants\": {\"red\":1,\"blue\":0}, \"state\": \"ENABLED\", \"defaultVariant\":\"red\" }\n\
    } , \"$evaluators\": { \"x\": 1.50 } }\n\n";

fn file(key: &str) -> File {
    File { path: "flags.json".into(), key: key.into(), on: "on".into(), off: "off".into() }
}

fn change(file: &File, wanted: &str) -> LiveChange {
    let (read, _) = file.seen(TEXT).expect("a flag");
    LiveChange {
        provider: Provider::Flagd,
        place: read.place.clone(),
        before: read.setting.clone(),
        after: read.target(wanted.parse::<Wanted>().expect("wanted"), None).expect("a target"),
        version: read.version,
        share: read.share,
    }
}

fn set(key: &str, wanted: &str) -> String {
    let file = file(key);
    file.edited(TEXT, &change(&file, wanted)).expect("edited")
}

#[test]
fn only_the_value_that_changes_is_another_one() {
    let with = |old: &str, new: &str| {
        assert_eq!(TEXT.matches(old).count(), 1, "{old}");
        TEXT.replacen(old, new, 1)
    };
    assert_eq!(set("plain", "on"), with("\"defaultVariant\" : \"off\"", "\"defaultVariant\" : \"on\""));
    assert_eq!(set("split", "60"), with("[ \"on\" , 25 ], [\"off\",75]", "[ \"on\" , 60 ], [\"off\",40]"));
    assert_eq!(
        set("split", "off"),
        with("\"split\": { \"state\": \"ENABLED\"", "\"split\": { \"state\": \"DISABLED\"")
    );
    assert_eq!(set("ruled", "on"), with("\"state\": \"DISABLED\"", "\"state\": \"ENABLED\""));
    let split =
        "\"defaultVariant\" : \"off\",\n\t\t\"targeting\": { \"fractional\": [[\"on\", 10], [\"off\", 90]] }";
    assert_eq!(set("plain", "10"), with("\"defaultVariant\" : \"off\"", split));
}

fn permit() -> Permit {
    Permit::new(crate::domain::Wall::MAX_UTC, std::sync::Arc::default())
}

fn on_disk() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flags.json");
    std::fs::write(&path, TEXT).expect("written");
    (folder, path)
}

#[test]
fn two_flags_of_one_file_do_not_overwrite_each_other() {
    let (folder, path) = on_disk();
    let turn = |key: &str, to: [&str; 2]| {
        let file = File { path: path.clone(), ..file(key) };
        for wanted in to.into_iter().cycle().take(40) {
            let (read, _) = file.seen(&file.text().expect("text")).expect("a flag");
            let after = read.target(wanted.parse::<Wanted>().expect("wanted"), None).expect("a target");
            let change = LiveChange { after: after.clone(), version: read.version, ..LiveChange::default() };
            // As two programs do it: past what one of them holds for itself.
            file.replace(&change, &permit()).expect("replaced");
            let (now, _) = file.seen(&file.text().expect("text")).expect("a flag");
            assert!(after.is_met_by(&now.setting), "{key} {wanted}: {}", now.setting.words());
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(|| turn("plain", ["on", "off"]));
        threads.spawn(|| turn("split", ["40", "60"]));
    });
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing is left beside it");
}

#[test]
fn what_may_not_leave_any_more_changes_nothing() {
    let (folder, path) = on_disk();
    let file = File { path: path.clone(), ..file("plain") };
    let late = Permit::new(crate::domain::Wall::MIN_UTC, std::sync::Arc::default());
    assert!(matches!(file.replace(&change(&file, "on"), &late), Err(Fault::Refused(_))));
    assert_eq!(std::fs::read_to_string(&path).expect("text"), TEXT);
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn the_file_stays_its_owners_or_is_left_alone() {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
    let (_folder, path) = on_disk();
    let file = File { path: path.clone(), ..file("plain") };
    // Only root may give files away; others keep their own ones.
    let given = chown(&path, Some(12_345), Some(23_456)).is_ok();
    let owner = |path: &Path| std::fs::metadata(path).map(|it| (it.uid(), it.gid())).expect("there");
    let before = owner(&path);
    file.replace(&change(&file, "on"), &permit()).expect("replaced");
    assert_eq!(owner(&path), before);
    assert_eq!(given, before == (12_345, 23_456));
    // What was opened only by its path cannot be given away, whoever runs this.
    let path_only = rustix::fs::OFlags::PATH.bits().cast_signed();
    let root = std::fs::OpenOptions::new().read(true).custom_flags(path_only).open("/").expect("there");
    let refused = keep_owner(&root, &std::fs::metadata(&path).expect("there"));
    assert!(refused.expect_err("not to be given").to_string().contains("nothing was changed"));
}

#[test]
fn what_is_read_is_what_flagd_would_do() {
    let words = |key: &str| file(key).seen(TEXT).map(|(read, _)| read.setting.words());
    assert_eq!(words("plain").expect("read"), "off");
    assert_eq!(words("split").expect("read"), "on 25 %");
    assert_eq!(words("ruled").expect("read"), "off");
    let (colour, _) = file("colour").seen(TEXT).expect("read");
    assert_eq!((colour.value, colour.fixed), (Some("red".into()), Some("it has no variant on".into())));
    assert!(words("gone").is_err());
    assert!(file("plain").seen("{ \"flags\": ").is_err());
    assert_eq!(
        [(1, 0), (0, 3), (1, 2), (1, 1000), (999, 1)].map(|(on, off)| share(on, off)),
        [Some(100), Some(0), Some(33), Some(1), Some(99)]
    );
    assert_eq!(share(0, 0), None);
}

#[test]
fn a_definition_that_changed_meanwhile_is_left_alone() {
    let file = file("plain");
    let change = change(&file, "on");
    let other = TEXT.replace("\"defaultVariant\" : \"off\"", "\"defaultVariant\" : \"on\"");
    assert!(matches!(file.edited(&other, &change), Err(Fault::Refused(_))));
    // Another flag of the file may change.
    let elsewhere = TEXT.replace("[ \"on\" , 25 ]", "[ \"on\" , 5 ]");
    assert!(file.edited(&elsewhere, &change).is_ok());
}

#[tokio::test]
async fn the_file_is_replaced_whole_and_its_rights_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flags.json");
    std::fs::write(&path, TEXT).expect("written");
    #[cfg(unix)]
    let rights = {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("rights");
        |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    };
    let link = folder.path().join("link.json");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let file = File { path: if cfg!(unix) { link.clone() } else { path.clone() }, ..file("split") };
    file.write(&change(&file, "40"), &permit()).await.expect("written");
    assert_eq!(file.read().await.expect("read").setting.words(), "on 40 %");
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 2, "nothing is left beside it");
    #[cfg(unix)]
    {
        assert_eq!(rights(&path), 0o640);
        assert!(std::fs::symlink_metadata(&link).expect("there").is_symlink());
    }
    let refused = file.write(&change(&file, "50"), &permit()).await;
    assert!(matches!(refused, Err(Fault::Refused(_))), "the frozen definition is gone");
}
