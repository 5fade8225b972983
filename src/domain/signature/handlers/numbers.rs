//! Numbers as programs write them after reading them. The digits are the shortest that read back as the same number (IEEE
//! 754 double), which all of these use; they differ in where they put the point and the exponent.

use std::borrow::Cow;

/// How a program keeps and writes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// As they were written.
    Kept,
    /// ECMA-262, Number::toString: everything is a double.
    JavaScript,
    /// Go's encoding/json for float64.
    Go,
    /// Integers stay; `repr` of a float.
    Python,
    /// Integers stay; `Float#to_s`.
    Ruby,
    /// Integers of 64 bits stay; `serialize_precision = -1` without the fraction of whole numbers.
    Php,
    /// Integers stay; `Double.toString`.
    Java,
}

/// A number as the program writes it; `None` when it cannot (infinity).
pub fn write(numbers: Numbers, text: &str) -> Option<Cow<'_, str>> {
    let is_integer = !text.contains(['.', 'e', 'E']);
    let integer = || Some(Cow::Borrowed(if text == "-0" { "0" } else { text }));
    match numbers {
        Numbers::Kept => Some(Cow::Borrowed(text)),
        Numbers::Python | Numbers::Ruby | Numbers::Java if is_integer => integer(),
        Numbers::Php if is_integer && text.parse::<i64>().is_ok() => match text {
            "-0" => Some(Cow::Borrowed("-0.0")),
            _ => integer(),
        },
        // Whole numbers that a double holds exactly, which nearly all are: no arithmetic.
        Numbers::JavaScript | Numbers::Go if is_integer && text.len() <= 15 && text != "-0" => integer(),
        _ => {
            let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
            Some(Cow::Owned(float(numbers, value)))
        }
    }
}

/// Shortest digits and the place of the point: `0.digits * 10^point`.
fn digits(value: f64) -> (String, i32) {
    let text = format!("{:e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    (digits, exponent.parse::<i32>().unwrap_or(0) + 1)
}

fn float(numbers: Numbers, value: f64) -> String {
    let (digits, point) = digits(value);
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return match numbers {
            Numbers::JavaScript => "0".to_owned(),
            Numbers::Go => format!("{sign}0"),
            Numbers::Php if sign.is_empty() => "0".to_owned(),
            _ => format!("{sign}0.0"),
        };
    }
    // Where plain digits end and exponents begin, as the place of the point; whether `.0` follows whole numbers; how the
    // exponent is written.
    let (plain, fraction): (std::ops::RangeInclusive<i32>, bool) = match numbers {
        Numbers::JavaScript | Numbers::Go => (-5..=21, false),
        Numbers::Python | Numbers::Ruby | Numbers::Kept => (-3..=16, true),
        Numbers::Php => (-3..=17, false),
        Numbers::Java => (-2..=7, true),
    };
    if plain.contains(&point) {
        return format!("{sign}{}", fixed(&digits, point, fraction));
    }
    let (first, rest) = digits.split_at(1);
    let point_zero = matches!(numbers, Numbers::Ruby | Numbers::Php | Numbers::Java);
    let rest = match rest {
        "" if point_zero => ".0".to_owned(),
        "" => String::new(),
        rest => format!(".{rest}"),
    };
    let exponent = point - 1;
    let exponent = match numbers {
        Numbers::JavaScript | Numbers::Go | Numbers::Php => format!("e{exponent:+}"),
        Numbers::Java => format!("E{exponent}"),
        Numbers::Python | Numbers::Ruby | Numbers::Kept => format!("e{exponent:+03}"),
    };
    format!("{sign}{first}{rest}{exponent}")
}

/// Plain digits with their point.
fn fixed(digits: &str, point: i32, fraction: bool) -> String {
    let size = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if point <= 0 {
        return format!("0.{}{digits}", "0".repeat(usize::try_from(-point).unwrap_or(0)));
    }
    if point >= size {
        let zeros = "0".repeat(usize::try_from(point - size).unwrap_or(0));
        return format!("{digits}{zeros}{}", if fraction { ".0" } else { "" });
    }
    let (whole, rest) = digits.split_at(usize::try_from(point).unwrap_or(0));
    format!("{whole}.{rest}")
}
