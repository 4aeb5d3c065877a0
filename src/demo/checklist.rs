//! The checklist that comes with the demo.

use super::Urls;

/// A deployment checklist as a team would write it, with a smoke test of the servers at `urls`.
pub(super) fn text(urls: &Urls) -> String {
    let canary = urls.tags.get("canary").unwrap_or(&urls.service);
    TEXT.replace("{service}", &urls.service).replace("{canary}", canary)
}

const TEXT: &str = r"# Deploying chat-backend 2.418

Change CHG-2291: sessions resume after a reconnect (`SESSION_RESUME`).
Rollout: internal by tag, then 10 %, then everyone.

## Security

- [x] Dependency audit is clean (Ines)
- [x] Secrets rotated in the last 90 days (Ines)
- [ ] Token refresh reviewed by the identity team
- [ ] No tenant can read another tenant's sessions

## Testing

- [x] Unit and contract tests pass on the release branch (Sam)
- [x] Load test at twice the usual traffic (Sam)
- [ ] Reconnect test against the canary
  - Owner: Sam
  - Expected: runs go on within 2 s
- [ ] QA went through the smoke list

## Infrastructure

- [x] Database migration 7f31 is backward compatible (Noor)
- [x] Cache has 40 % of its memory free (Noor)
- [ ] Minimum instances raised to 2
- [ ] Alerts point to this week's on-call
- [ ] Dashboard of the rollout is open on the wall

## Deploy

- [ ] Announced in the release channel
- [ ] Canary deployed by tag, without traffic
- [ ] All seven startup phases within their budget
- [ ] 10 % of the traffic on the canary
- [ ] Soaked for 30 minutes at 10 %
- [ ] 100 % of the traffic on the new revision

## Validation

Smoke test:

```bash
SERVICE={service}
CANARY={canary}
# What serves answers
curl -sS -i $SERVICE/health   # expected: HTTP 200
# The canary answers by its tag
curl -sS -i $CANARY/health   # expected: HTTP 200
# Its metrics can be read
curl -sS -i $SERVICE/metrics   # expected: HTTP 200
```

- [ ] Error rate below 1 %
- [ ] Every run has all five event types
- [ ] No close code above its usual rate
- [ ] Reconnects resume where they stopped

## Sign-off

- [ ] Engineering lead (Sam)
- [ ] On-call (Ines)
- [ ] Product owner (Mara)
";
