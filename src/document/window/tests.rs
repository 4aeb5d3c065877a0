//! Times in headings.

use super::*;

fn told(text: &str) -> (Option<u64>, Option<u64>) {
    let window = of(text).unwrap_or_default();
    (window.from, window.until)
}

#[test]
fn windows_are_read_in_their_usual_forms() {
    let hours = |from: u64, until: u64| (Some(from * HOUR), Some(until * HOUR));
    assert_eq!(told("Right away (0-4 hours)"), hours(0, 4));
    assert_eq!(told("Soon (4 – 24 h)"), hours(4, 24));
    assert_eq!(told("1-7 days"), hours(24, 168));
    assert_eq!(told("10.2 Weeks 2-4"), hours(168, 672));
    assert_eq!(told("30 minutes to 2 hours"), (Some(1800), Some(7200)));
    assert_eq!(told("Clean up (Week 3)"), (Some(2 * WEEK), Some(3 * WEEK)));
    assert_eq!(told("Months: Month 2-3"), (Some(MONTH), Some(3 * MONTH)));
    assert_eq!(told("First 24 hours"), hours(0, 24));
    assert_eq!(told("First hour"), hours(0, 1));
    assert_eq!(told("Nach 2 Tagen"), (Some(2 * DAY), None));
    assert_eq!(told("0 à 4 heures"), hours(0, 4));
    assert_eq!(told("旧サーバーの撤去（2週間後）"), (Some(2 * WEEK), None));
    assert_eq!(told("部署后 0-4 小时"), hours(0, 4));
    assert_eq!(told("リリース後 1〜3日"), (Some(DAY), Some(3 * DAY)));
    assert_eq!(told("30 minutes before"), (None, None));
    assert_eq!(told("Cleanup (~Week 16)"), (None, None));
    assert_eq!(told("Clean up in week 42"), (None, None));
    assert_eq!(told("Clean up – Week 3"), (Some(2 * WEEK), Some(3 * WEEK)));
    assert_eq!(told("1. Deploy"), (None, None));
    assert_eq!(told("T+0 to T+15 min"), (Some(0), Some(900)));
    assert_eq!(told("T+1h"), (Some(HOUR), None));
    assert_eq!(told("T+1h – T+4h"), (Some(HOUR), Some(4 * HOUR)));
    assert_eq!(told("Look again (T+15m)"), (Some(900), None));
    assert_eq!(told("T+15m to T+30m"), (Some(900), Some(1800)));
    assert_eq!(told("After 10m users"), (Some(600), None));
    assert_eq!(told("10M users"), (None, None));
    assert_eq!(told("T-24h"), (None, None));
    assert_eq!(told("After one week"), (Some(WEEK), None));
    assert_eq!(told("Nach zwei Wochen"), (Some(2 * WEEK), None));
    assert_eq!(told("Apagarlo (después de 7 días)"), (Some(7 * DAY), None));
    assert_eq!(told("Post-deployment (day 1 to day 7)"), (Some(0), Some(7 * DAY)));
    assert_eq!(told("Danach (innerhalb von 24 Stunden)"), hours(0, 24));
    assert_eq!(told("Après (dans les 24 heures)"), hours(0, 24));
    assert_eq!(told("リリース後（24時間以内）"), hours(0, 24));
    assert_eq!(told("发布后（24小时内）"), hours(0, 24));
    assert_eq!(told("After (24h)"), hours(0, 24));
    assert_eq!(told("After (up to 4 hours)"), hours(0, 4));
    assert_eq!(told("After (1 week)"), (Some(0), Some(WEEK)));
    assert_eq!(told("After (30 mins)"), (Some(0), Some(1800)));
    assert_eq!(at_edge("T+4h: look").and_then(|window| window.from), Some(4 * HOUR));
    assert_eq!(at_edge("Lunch: look at day 3"), None);
    assert_eq!(told("99999999999999999999-4 hours"), (None, None));
    assert_eq!(told("4-0 hours"), (None, None));
}

#[test]
fn a_length_is_a_number_with_its_unit() {
    assert_eq!(length("watch it for 30 minutes"), Some(1800));
    assert_eq!(length("48 hours"), Some(48 * HOUR));
    assert_eq!(length("24h"), Some(DAY));
    assert_eq!(length("1.5 hours"), Some(90 * MINUTE));
    assert_eq!(length("0,5h"), Some(30 * MINUTE));
    assert_eq!(longest("every 5 minutes for 2 hours"), Some(2 * HOUR));
    assert_eq!(longest("24-hour soak"), Some(DAY));
    assert_eq!(length("10 users"), None);
}
