//! `[[objective]]`: what share has to go well over a window; its budget and how fast it burns become metrics of a service.

use super::metrics::{limit, source};
use super::room::service_ix;
use super::section::Section;
use super::{probe, scalar};
use crate::domain::condition::Comparator;
use crate::domain::room::{
    BURN_WINDOWS, MetricFrom, MetricSpec, MetricsSpec, OfObjective, Service, Share, Tells,
};

/// Most of them in one room.
const MOST: usize = 20;

/// The longest window over what is scraped here: samples are kept for a week.
const LONGEST_HERE: u32 = 7 * 24;

/// The longest window at all, in hours.
const LONGEST: u32 = 90 * 24;

/// Adds what is told of each to the metrics of its service; `engine`: the room has one to ask.
pub(super) fn add(top: &Section<'_>, services: &mut [Service], names: &[&str], engine: bool) {
    for section in &top.sections("objective", MOST) {
        let ix = service_ix(section, names);
        let Some(service) = services.get_mut(usize::from(ix.0)) else { continue };
        let scraped = service.scraped().is_some();
        let panels = read(section, scraped, engine);
        service.metrics.get_or_insert_with(MetricsSpec::unscraped).panels.extend(panels);
    }
}

fn read(section: &Section<'_>, scraped: bool, engine: bool) -> Vec<MetricSpec> {
    let name = section.required("name", "write name = \"chat\" under [[objective]]");
    probe::plain_name(section, &name);
    let allowed = allowed(section);
    let default = if engine || !scraped { "prometheus" } else { "scrape" };
    let from = match source(section, default, (scraped, engine)) {
        MetricFrom::Person => {
            let why = "a budget is computed from what was counted";
            section.wrong("from", "`from` is \"person\"", why, "write prometheus or scrape");
            MetricFrom::Prometheus
        }
        from => from,
    };
    if from == MetricFrom::Prometheus && !engine && !section.has("from") {
        let what = format!("objective {name} has nobody to ask");
        let why = "there is neither [prometheus] nor a scraped endpoint";
        section.wrong("name", &what, why, "add [prometheus], or url to [service.metrics]");
    }
    let window = window(section, from);
    let share = share(section);
    let mut unit = Some("%".to_owned());
    let (warning, critical) = (limit(section, "warning", &mut unit), limit(section, "critical", &mut unit));
    let of = |suffix: &str, query: String, unit: &str, tells| MetricSpec {
        name: suffix.to_owned(),
        query,
        from,
        unit: unit.to_owned(),
        objective: Some(Box::new(OfObjective { name: name.clone(), tells })),
        ..MetricSpec::default()
    };
    let budget = of(&format!("budget.{name}"), share.budget(allowed, &window), "%", Tells::Budget);
    let budget = MetricSpec { warning, critical, ..budget };
    let burns = BURN_WINDOWS.map(|(word, over)| {
        of(&format!("burn.{name}.{word}"), share.burn(allowed, word), "×", Tells::Burn(over))
    });
    std::iter::once(budget).chain(burns).collect()
}

/// What share may go wrong, 0 to 1.
fn allowed(section: &Section<'_>) -> f64 {
    let text = section.required("target", "write target = \"99.5 %\"");
    let read = scalar::limit(&format!(">= {}", text.trim_start_matches([' ', '>', '=', '≥'])));
    let percent = match read {
        Ok((limit, unit)) if limit.op == Comparator::Ge && (unit.is_empty() || unit == "%") => limit.value,
        _ => f64::NAN,
    };
    let possible = percent > 0.0 && percent < 100.0;
    if !possible && !text.is_empty() {
        let what = format!("`{}` is \"{text}\"", section.dotted("target"));
        let why = "it is a share in percent, over 0 and below 100: of a target of 100 no budget is left";
        section.wrong("target", &what, why, "write target = \"99.5 %\"");
    }
    if possible { (100.0 - percent) / 100.0 } else { 1.0 }
}

/// The window as `PromQL` writes it.
fn window(section: &Section<'_>, from: MetricFrom) -> String {
    let text = section.text_or("window", "7d");
    let hours = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok()?.checked_mul(24));
    let hours = hours.or_else(|| text.strip_suffix('h')?.parse().ok());
    let longest = if from == MetricFrom::Prometheus { LONGEST } else { LONGEST_HERE };
    if hours.is_none_or(|hours| hours == 0 || hours > longest) {
        let what = format!("`{}` is \"{text}\"", section.dotted("window"));
        let why = format!("it is whole days or hours, at most {}d here", longest / 24);
        section.wrong("window", &what, &why, "write window = \"7d\"");
    }
    text
}

fn share(section: &Section<'_>) -> Share {
    let [good, bad, total, ratio] = ["good", "bad", "total", "ratio"].map(|key| section.raw_text(key));
    for (key, query) in [("good", &good), ("bad", &bad), ("total", &total), ("ratio", &ratio)] {
        if query.as_ref().is_some_and(|query| !query.contains("$window")) {
            let what = format!("`{}` does not say over how long", section.dotted(key));
            let why = "the same query is asked over several windows";
            section.wrong(key, &what, why, "write [$window] where the range stands");
        }
    }
    match (good, bad, total, ratio) {
        (Some(good), None, Some(total), None) => Share::Good { good, total },
        (None, Some(bad), Some(total), None) => Share::Bad { bad, total },
        (None, None, None, Some(ratio)) => Share::Ratio(ratio),
        _ => {
            let what = format!("`{}` does not say what went well", section.path);
            let why = "it is `good` and `total`, `bad` and `total`, or `ratio`";
            let next = "write good = 'sum(increase(ok_total[$window]))' and total";
            section.wrong("name", &what, why, next);
            Share::Ratio(String::new())
        }
    }
}
