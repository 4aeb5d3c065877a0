//! From bytes to a number.

use serde_json::Value;

use crate::domain::Clean;
use crate::domain::metric::Gap;

/// A number, or why a good answer holds none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// This one.
    Is(f64),
    /// None.
    Gap(Gap),
}

/// The number at `pointer` of a JSON text; `true` and `false` are 1 and 0, and a text may hold a number.
pub(super) fn at(text: &[u8], pointer: &str) -> Result<Number, Clean> {
    let json: Value =
        serde_json::from_slice(text).map_err(|error| Clean::new(&format!("no JSON: {error}")))?;
    let found = json.pointer(pointer).ok_or_else(|| Clean::new(&format!("nothing stands at {pointer}")))?;
    match found {
        Value::Null => Ok(Number::Gap(Gap::Null)),
        Value::Bool(is) => Ok(Number::Is(f64::from(u8::from(*is)))),
        Value::Number(number) => match number.as_f64() {
            Some(value) if value.is_finite() => Ok(Number::Is(value)),
            _ => Err(Clean::new("the number is too large")),
        },
        Value::String(text) => written(text),
        Value::Array(_) | Value::Object(_) => {
            Err(Clean::new(&format!("at {pointer} stands no number but a list or an object")))
        }
    }
}

/// The number that a text is.
pub(super) fn alone(text: &[u8]) -> Result<Number, Clean> {
    let text = std::str::from_utf8(text).map_err(|_garbled| Clean::new("the output is not UTF-8"))?;
    written(text)
}

fn written(text: &str) -> Result<Number, Clean> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Number::Gap(Gap::Null));
    }
    let shown: String = text.chars().take(40).collect();
    match text.parse::<f64>() {
        Ok(value) if value.is_nan() => Ok(Number::Gap(Gap::NotANumber)),
        Ok(value) if value.is_finite() => Ok(Number::Is(value)),
        Ok(_infinite) => Err(Clean::new(&format!("\"{shown}\" is not a finite number"))),
        Err(_none) => Err(Clean::new(&format!("\"{shown}\" is no number"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(read: Result<Number, Clean>) -> Result<Number, String> {
        read.map_err(|why| why.to_string())
    }

    #[test]
    fn a_place_in_json() {
        let text = br#"{"a":{"b":[1,{"c":2.5}]},"t":true,"s":" 7 ","n":null,"nan":"NaN","w":"many"}"#;
        let at = |pointer| told(at(text, pointer));
        assert_eq!(at("/a/b/1/c"), Ok(Number::Is(2.5)));
        assert_eq!((at("/t"), at("/s")), (Ok(Number::Is(1.0)), Ok(Number::Is(7.0))));
        assert_eq!((at("/n"), at("/nan")), (Ok(Number::Gap(Gap::Null)), Ok(Number::Gap(Gap::NotANumber))));
        assert_eq!(at("/a/x"), Err("nothing stands at /a/x".into()));
        assert_eq!(at("/w"), Err("\"many\" is no number".into()));
        assert!(at("/a").unwrap_err().contains("no number but"));
        assert!(told(super::at(b"<html>", "/a")).unwrap_err().starts_with("no JSON"));
    }

    #[test]
    fn a_text_that_is_a_number() {
        assert_eq!(told(alone(b" -1.5e3\n")), Ok(Number::Is(-1500.0)));
        assert_eq!(told(alone(b"\n")), Ok(Number::Gap(Gap::Null)));
        assert_eq!(told(alone(b"3 errors")), Err("\"3 errors\" is no number".into()));
        assert_eq!(told(alone(b"-inf")), Err("\"-inf\" is not a finite number".into()));
        assert_eq!(told(at(br#"{"a":"1e999"}"#, "/a")), Err("\"1e999\" is not a finite number".into()));
        assert_eq!(told(alone(b"\xff")), Err("the output is not UTF-8".into()));
    }
}
