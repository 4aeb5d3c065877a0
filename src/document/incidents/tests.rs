//! Severities, routes and templates of whole documents.

use crate::document::read;
use crate::domain::plan::Plan;

fn plan(text: &str) -> Plan {
    read("n.md", text.as_bytes()).document.expect("text").plan
}

#[test]
fn severities_have_clocks_criteria_and_actions() {
    let text = "#### Severity 1 (worst)\n- **Carts of others shown**\n- Shop is down\n\n**Response Time:** 5 minutes  \n**Escalation:** Head of shop  \n\
                **Action:** Roll back\n\n#### SEV2 - slow (30 minute response)\n- Slow pages\n\n## Severity of words\n- x\n";
    let shown: Vec<String> = plan(text)
        .severities
        .iter()
        .map(|s| {
            format!(
                "{} {}: {:?} {} / {} / {:?}",
                s.line, s.name, s.response_seconds, s.escalation, s.action, s.criteria
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "1 Severity 1 (worst): Some(300) Head of shop / Roll back / [\"Carts of others shown\", \"Shop is down\"]",
            "9 SEV2 - slow (30 minute response): Some(1800)  /  / [\"Slow pages\"]",
        ]
    );
    let table = "| Severity | Description | Response time | Escalation |\n|---|---|---|---|\n| P1 | Down | 15 min | CTO |\n| P2 | Slow | next day | Lead |\n";
    let shown: Vec<_> = plan(table)
        .severities
        .into_iter()
        .map(|s| (s.name.to_string(), s.response_seconds, s.escalation.to_string()))
        .collect();
    assert_eq!(shown, [("P1".into(), Some(900), "CTO".into()), ("P2".into(), None, "Lead".into())]);
}

#[test]
fn routes_are_read_and_stay_inert() {
    let text = "```yaml\nalert_routing:\n  grave:\n    channels: [\"pager\", \"chat_ops\"]\n    escalation_delay: \"5_minutes\"\n    recipients:\n      - \"lead@shop.example\"\n  \
                mild:\n    channels: chat\n    escalation_delay: 15m\n```\n\n- Grave alerts → PagerDuty\n- a → b\n";
    let shown: Vec<String> = plan(text)
        .routes
        .iter()
        .map(|r| format!("{} {} {:?} {:?} {:?}", r.line, r.name, r.channels, r.recipients, r.delay_seconds))
        .collect();
    assert_eq!(
        shown,
        [
            "3 grave [\"pager\", \"chat_ops\"] [\"lead@shop.example\"] Some(300)",
            "8 mild [\"chat\"] [] Some(900)",
            "13 Grave alerts [\"PagerDuty\"] [] None",
        ]
    );
}

#[test]
fn templates_keep_their_lines_and_name_their_gaps() {
    let text = "```yaml\nalert_templates:\n  carts_mixed:\n    title: \"Carts mixed for {{shop}}\"\n    message: |\n      Seen: {{count}}\n\n      Shop: {{ shop }}\n```\n\n\
                ### Mail template\n```\nSubject: Trouble\n\nWe look into it, [NAME].\n```\n";
    let templates = plan(text).templates;
    let shown: Vec<String> = templates
        .iter()
        .map(|t| format!("{} {} [{}] {:?} {:?}", t.line, t.name, t.title, t.message, t.names))
        .collect();
    assert_eq!(
        shown,
        [
            "3 carts_mixed [Carts mixed for {{shop}}] [\"Seen: {{count}}\", \"\", \"Shop: {{ shop }}\"] [\"shop\", \"count\"]",
            "13 Mail template [Trouble] [\"We look into it, [NAME].\"] []",
        ]
    );
}

#[test]
fn templates_stand_below_a_heading_further_out_and_in_quotes_and_bullets() {
    let text = "# Comms\n## Message templates\n### Start\n```\nWe begin with {{service}} at {{time}}\n```\n**Going back**\n\n\
                > Dear all,\n>\n> we went back with {{service}},\n> because {{reason}}.\n\n- Done: \"{{service}} is out\"\n- no gap\n\
                ## Deploy\n- [ ] Tag {{version}}\n";
    let plan = plan(text);
    let shown: Vec<String> = plan
        .templates
        .iter()
        .map(|t| format!("{} {} {:?} {:?}", t.line, t.name, t.message, t.names))
        .collect();
    assert_eq!(
        shown,
        [
            "5 Start [\"We begin with {{service}} at {{time}}\"] [\"service\", \"time\"]",
            "9 Going back [\"Dear all,\", \"\", \"we went back with {{service}},\", \"because {{reason}}.\"] [\"service\", \"reason\"]",
            "14 Done [\"{{service}} is out\"] [\"service\"]",
        ]
    );
    let told: Vec<u32> = plan.findings.iter().map(|finding| finding.line).collect();
    assert_eq!(told, [17], "{:?}", plan.findings);
}

#[test]
fn a_severity_keeps_criteria_and_clocks_however_they_are_written() {
    let text = "### SEV1 – outage\n- Criteria: all users are down\n- Response time: 5 minutes\n- Escalate after 15 minutes to the CTO\n- Action: page everyone\n\
                ### SEV2\n**Definition:** pages are slow\n\n- Respond within 30 minutes\n";
    let shown: Vec<String> = plan(text)
        .severities
        .iter()
        .map(|s| {
            format!("{} {:?} {} / {} / {:?}", s.line, s.response_seconds, s.escalation, s.action, s.criteria)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "1 Some(300) after 15 minutes to the CTO / page everyone / [\"all users are down\"]",
            "6 Some(1800)  /  / [\"pages are slow\"]",
        ]
    );
}

#[test]
fn routes_are_read_where_each_severity_lists_its_channels_by_name() {
    let text = "```yaml\nalert_channels:\n  critical:\n    - slack: \"#prod-alerts\"\n    - pagerduty: primary\n    - email: ops@x.example\n  warning:\n    - slack: \"#warn\"\n\
                other:\n  critical:\n    - name: a\n```\n";
    let shown: Vec<String> = plan(text)
        .routes
        .iter()
        .map(|r| format!("{} {} {:?} {:?}", r.line, r.name, r.channels, r.recipients))
        .collect();
    assert_eq!(
        shown,
        [
            "3 critical [\"slack #prod-alerts\", \"pagerduty primary\", \"email ops@x.example\"] []",
            "7 warning [\"slack #warn\"] []",
        ]
    );
}

#[test]
fn templates_in_yaml_may_be_names_with_their_texts() {
    let text = "# Talk\n```yaml\nmessages:\n  start: \"We begin {{service}}\"\n  none: \"no gap\"\n  done: |\n    {{service}} is out.\n    Thanks\n```\n\n\
                ## Message templates\n```yaml\nbegin: \"Now {{who}}\"\n```\n\n## Config\n```yaml\nhost: \"{{ host }}\"\n```\n";
    let shown: Vec<_> = plan(text)
        .templates
        .iter()
        .map(|t| (t.line, t.name.to_string(), t.names.len(), t.message.len()))
        .collect();
    assert_eq!(
        shown,
        [(4, "start".to_owned(), 1, 1), (6, "done".to_owned(), 1, 2), (13, "begin".to_owned(), 1, 1)]
    );
}

#[test]
fn each_of_several_messages_below_one_heading_is_called_by_its_own_label() {
    let text =
        "## Messages\n\n**Start:**\n> We begin {{service}}.\n\n**Rollback:**\n> {{service}} goes back.\n";
    let names: Vec<String> = plan(text).templates.into_iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["Start", "Rollback"]);
}

#[test]
fn a_route_without_delay_is_told_apart_from_one_that_says_none() {
    let text = "```yaml\nalert_routing:\n  critical:\n    channels: [pager]\n    delay: 0\n  info:\n    channels: [chat]\n  warning:\n    channels: [chat]\n    delay: 5m\n```\n";
    let delays: Vec<_> = plan(text).routes.into_iter().map(|route| route.delay_seconds).collect();
    assert_eq!(delays, [Some(0), None, Some(300)]);
}

#[test]
fn a_severity_is_told_with_its_criteria_and_what_is_done() {
    let text = "# A\n## Severity 1\n**Criteria:**\n- nobody can pay\n\n**Response time:** 5 minutes\n\n**Escalation:** the duty lead\n\n**Action:** roll back\n";
    let document = crate::document::read("r.md", text.as_bytes()).document.expect("a text");
    let words = crate::domain::plan::words::summary(&document);
    assert!(
        words.contains(
            "Severity 1: answer within 5m00s · if: nobody can pay · tell: the duty lead · then: roll back"
        ),
        "{words}"
    );
}
