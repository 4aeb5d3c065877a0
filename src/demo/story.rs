//! The scenarios as numbers: how bad each kind of trouble is, given how long a revision has been exposed.

use super::Scenario;

/// How bad each kind of trouble is, 0 (none) to 1 (full).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Levels {
    /// Sockets closed with 4401.
    pub auth: f64,
    /// Sockets closed with 1011.
    pub internal: f64,
    /// Sockets closed with 1013.
    pub overload: f64,
    /// `tool_completed` events lost.
    pub lost_tools: f64,
    /// Requests answered with 5xx.
    pub errors: f64,
    /// Health going up and down.
    pub flap: f64,
    /// Slow health.
    pub slow: f64,
    /// Dying and starting again.
    pub crash: f64,
}

/// What the script may look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Seconds since the target started.
    pub t: f64,
    /// Whether the revision carries the bad change.
    pub bad: bool,
    /// For how many seconds the revision has had traffic; 0 when it has none now.
    pub exposed: f64,
}

/// What `scenario` does to one revision.
pub fn levels(scenario: Scenario, facts: Facts) -> Levels {
    let Facts { t, bad, exposed } = facts;
    let none = Levels::default();
    let on_bad = |from: f64| if bad { ramp(exposed, from, 8.0) } else { 0.0 };
    match scenario {
        Scenario::BadCanary => Levels {
            auth: on_bad(33.0),
            internal: on_bad(35.0),
            lost_tools: on_bad(44.0),
            errors: on_bad(48.0),
            flap: if on_bad(65.0) > 0.0 { 1.0 } else { 0.0 },
            slow: 0.3 * on_bad(48.0),
            ..none
        },
        Scenario::AuthStorm => Levels { auth: 4.0 * on_bad(10.0), ..none },
        Scenario::CrashLoop => Levels { crash: on_bad(8.0), ..none },
        Scenario::Overload => Levels {
            overload: ramp(t, 30.0, 5.0),
            errors: 0.03 * ramp(t, 30.0, 5.0),
            slow: 0.3 * ramp(t, 30.0, 5.0),
            ..none
        },
        Scenario::FlappingHealth => Levels { flap: if on_bad(10.0) > 0.0 { 1.0 } else { 0.0 }, ..none },
        Scenario::MissingEvents => Levels { lost_tools: on_bad(15.0), ..none },
        Scenario::SlowHealth => Levels { slow: ramp(t, 30.0, 5.0), ..none },
        Scenario::Healthy
        | Scenario::SlowStart
        | Scenario::PhaseHang
        | Scenario::PhaseOutOfOrder
        | Scenario::StartupFailed
        | Scenario::Frozen
        | Scenario::Garbage
        | Scenario::TargetDown => none,
    }
}

impl Levels {
    /// These levels on their way to `target`: up at once (the script ramps), down within seconds.
    #[must_use]
    pub fn towards(self, target: Self, dt: f64) -> Self {
        let fall = (-dt / 2.0).exp();
        let ease = |now: f64, to: f64| {
            let eased = if to >= now { to } else { to + (now - to) * fall };
            if eased < 0.01 { 0.0 } else { eased }
        };
        Self {
            auth: ease(self.auth, target.auth),
            internal: ease(self.internal, target.internal),
            overload: ease(self.overload, target.overload),
            lost_tools: ease(self.lost_tools, target.lost_tools),
            errors: ease(self.errors, target.errors),
            flap: ease(self.flap, target.flap),
            slow: ease(self.slow, target.slow),
            crash: ease(self.crash, target.crash),
        }
    }
}

/// 0 before `from`, 1 after `from + over`, a line between.
fn ramp(t: f64, from: f64, over: f64) -> f64 {
    ((t - from) / over).clamp(0.0, 1.0)
}

/// Runs that begin each second, over all revisions.
pub fn runs_per_second(scenario: Scenario, t: f64) -> f64 {
    if scenario == Scenario::Overload && t >= 30.0 { 7_500.0 } else { 8.0 }
}

/// Whether nothing is sent any more, though sockets stay open and runs too.
pub fn frozen(scenario: Scenario, t: f64) -> bool {
    scenario == Scenario::Frozen && t >= 40.0
}

/// Whether the listeners are open.
pub fn listening(scenario: Scenario, t: f64) -> bool {
    scenario != Scenario::TargetDown || !(20.0..60.0).contains(&t)
}
