//! Asking the metrics engine for a time that nobody watched: one query after the other, answered all together.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::clients::prometheus::{Answered, Engine, Fault, Series};
use crate::domain::Clean;
use crate::domain::past::{Gap, PastQuery, PastValues};
use crate::domain::room::PrometheusSpec;
use crate::lanes::Lanes;
use crate::model::msg::{Msg, Token};

/// Between two queries: nobody waits for them, and others ask the engine too.
const PAUSE: Duration = Duration::from_millis(50);

/// Questions on their way.
#[derive(Debug)]
pub struct Pasts {
    lanes: Lanes,
    tasks: JoinSet<()>,
}

impl Pasts {
    /// Nothing is asked.
    pub fn new(lanes: Lanes) -> Self {
        Self { lanes, tasks: JoinSet::new() }
    }

    /// Asks for all of `queries`; answered by `PastRead`.
    pub fn ask(&mut self, spec: &PrometheusSpec, token: Token, gap: Gap, queries: Vec<PastQuery>) {
        while self.tasks.try_join_next().is_some() {}
        let (lanes, engine) = (self.lanes.clone(), Engine::new(spec));
        self.tasks.spawn(async move {
            let mut all = Vec::with_capacity(queries.len());
            let mut failed = None;
            for query in &queries {
                match values(&engine, gap, query).await {
                    Ok(values) => all.push(values),
                    Err(why) => {
                        failed = Some(why);
                        break;
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
            let values = failed.map_or(Ok(all), Err);
            let _gone = lanes.data.send(Msg::PastRead { token, values }).await;
        });
    }
}

/// The values of one query; `Err`: the engine itself could not be asked.
async fn values(engine: &Engine, gap: Gap, asked: &PastQuery) -> Result<PastValues, Clean> {
    let last = gap.step * gap.count.saturating_sub(1);
    let end = gap.from.timestamp_millis() as f64 / 1e3 + last.as_secs_f64();
    let answered = match engine.range(&asked.query, end, gap.step, gap.count).await {
        Ok(answered) => answered,
        Err(Fault::Query(why)) => return Ok(Err(why)),
        Err(Fault::Engine(why)) => return Err(why),
    };
    let Answered { series, left_out, warning } = answered;
    if let Some(why) = warning {
        return Ok(Err(why));
    }
    let is_it =
        |it: &&Series| asked.only.as_ref().is_none_or(|(label, value)| it.labels.get(label) == Some(value));
    let fitting: Vec<_> = series.iter().filter(is_it).collect();
    Ok(match fitting.as_slice() {
        [] => Ok(vec![None; gap.count as usize]),
        [one] => Ok(one.spaced(end, gap.step, gap.count)),
        many => Err(Clean::new(&format!("{} series", many.len() + left_out))),
    })
}
