//! The body of an answer.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::Clean;

/// Series of one answer that are read; who asks for more wants another query.
const MOST_SERIES: usize = 1000;

/// What a query gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answered {
    /// The series; a scalar is one without labels.
    pub series: Vec<Series>,
    /// Further ones that were not read.
    pub left_out: usize,
    /// What the server warns of, such as a part of it that did not answer.
    pub warning: Option<Clean>,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Unix seconds and values, oldest first; one in an instant query.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// The points by their place: `count` of them, `step` apart, the last at `end`; `None` where there is none.
    pub fn spaced(&self, end: f64, step: Duration, count: u32) -> Vec<Option<f64>> {
        let mut out = vec![None; count as usize];
        for (time, value) in &self.points {
            let back = ((end - time) / step.as_secs_f64()).round();
            let place = (back >= 0.0 && back < f64::from(count)).then(|| count as usize - 1 - back as usize);
            if let Some(slot) = place.and_then(|place| out.get_mut(place))
                && !value.is_nan()
            {
                *slot = Some(*value);
            }
        }
        out
    }
}

#[derive(Deserialize)]
struct Body {
    status: String,
    data: Option<Data>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: Value,
}

/// The names in an answer to `label/__name__/values`; `None`: it is none.
pub(super) fn names(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Names {
        status: String,
        data: Vec<String>,
    }
    let names: Names = serde_json::from_slice(body).ok()?;
    (names.status == "success").then_some(names.data)
}

/// `None`: not an answer of this API. `Err`: the server's own word on what is wrong.
pub(super) fn read(body: &[u8]) -> Option<Result<Answered, Clean>> {
    let body: Body = serde_json::from_slice(body).ok()?;
    if body.status == "error" {
        // Prometheus names the parameter before the place and the fault.
        let told = body.error.strip_prefix("invalid parameter \"query\": ").unwrap_or(&body.error);
        return Some(Err(Clean::new(told)));
    }
    let data = body.data.filter(|_| body.status == "success")?;
    let warning = body.warnings.first().map(|words| Clean::new(words));
    let all = match data.result_type.as_str() {
        "scalar" => {
            let points = vec![point(&data.result)?];
            return Some(Ok(Answered {
                series: vec![Series { points, ..Series::default() }],
                warning,
                ..Answered::default()
            }));
        }
        "vector" | "matrix" => data.result.as_array()?,
        other => return Some(Err(Clean::new(&format!("the result is a {other}, which is no number")))),
    };
    let read: Option<Vec<Series>> = all.iter().take(MOST_SERIES).map(series).collect();
    let Some(series) = read else {
        let native = all.iter().any(|it| it.get("histogram").or_else(|| it.get("histograms")).is_some());
        let why = "native histograms, which are no numbers: wrap the query in histogram_quantile()";
        return native.then(|| Err(Clean::new(why)));
    };
    Some(Ok(Answered { series, left_out: all.len().saturating_sub(MOST_SERIES), warning }))
}

fn series(json: &Value) -> Option<Series> {
    let labels = json.get("metric")?.as_object()?.iter();
    let labels =
        labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    let points = match (json.get("value"), json.get("values")) {
        (Some(one), _) => vec![point(one)?],
        (None, Some(many)) => many.as_array()?.iter().map(point).collect::<Option<_>>()?,
        (None, None) => return None,
    };
    Some(Series { labels, points })
}

/// `[seconds, "value"]`.
fn point(json: &Value) -> Option<(f64, f64)> {
    let [time, value] = json.as_array()?.as_slice() else { return None };
    // Rust reads NaN, +Inf and -Inf as Prometheus writes them.
    Some((time.as_f64()?, value.as_str()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(result_type: &str, result: &str) -> Option<Result<Answered, Clean>> {
        let data = format!(r#"{{"resultType":"{result_type}","result":{result}}}"#);
        read(format!(r#"{{"status":"success","data":{data},"warnings":["part missing"]}}"#).as_bytes())
    }

    #[test]
    fn each_kind_of_result_is_read() {
        let points = |read: Option<Result<Answered, Clean>>| {
            let answered = read.expect("an answer").expect("good");
            assert_eq!(answered.warning, Some(Clean::new("part missing")));
            answered.series.into_iter().map(|series| series.points).collect::<Vec<_>>()
        };
        assert_eq!(points(one("scalar", r#"[1.5,"-Inf"]"#)), [[(1.5, f64::NEG_INFINITY)]]);
        assert_eq!(points(one("vector", "[]")), Vec::<Vec<(f64, f64)>>::new());
        let vector = r#"[{"metric":{"revision":"a"},"value":[2,"0.25"]}]"#;
        assert_eq!(points(one("vector", vector)), [[(2.0, 0.25)]]);
        let matrix = r#"[{"metric":{},"values":[[1,"3"],[2,"4"]]}]"#;
        assert_eq!(points(one("matrix", matrix)), [[(1.0, 3.0), (2.0, 4.0)]]);
        let nan = points(one("vector", r#"[{"metric":{},"value":[2,"NaN"]}]"#));
        assert!(nan[0][0].1.is_nan());
    }

    #[test]
    fn what_is_no_number_is_said_and_what_is_no_answer_is_none() {
        let words = |read: Option<Result<Answered, Clean>>| read.expect("an answer").unwrap_err().to_string();
        assert!(words(one("string", r#"[1,"x"]"#)).contains("the result is a string"));
        let histogram = r#"[{"metric":{},"histogram":[1,{"count":"3"}]}]"#;
        assert!(words(one("vector", histogram)).contains("native histograms"));
        let error = br#"{"status":"error","errorType":"bad_data","error":"parse error: \u001b[31mno"}"#;
        let told = words(read(error));
        assert!(told.starts_with("parse error:") && !told.contains('\u{1b}'), "{told}");
        for body in [&b"<html>"[..], b"{}", b"[]", br#"{"status":"success"}"#, br#"{"status":"ok","data":1}"#]
        {
            assert_eq!(read(body), None, "{}", String::from_utf8_lossy(body));
        }
    }
}
