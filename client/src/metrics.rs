//! The daemon's numbers as Prometheus reads them: its text format, version 0.0.4. The daemon names and scales them; nothing is added.

use std::fmt::Write;

use vigie_proto::{Metric, MetricKind, MetricLabel, MetricSample, MetricsReply};

/// What a server says of such a text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The text.
pub fn exposition(reply: &MetricsReply) -> String {
    let mut text = String::new();
    for metric in &reply.rows {
        let Metric { name, help, .. } = metric;
        let kind = match metric.kind {
            MetricKind::COUNTER => "counter",
            MetricKind::GAUGE => "gauge",
            MetricKind::HISTOGRAM => "histogram",
            // What a newer daemon counts in a way that is not known here is shown all the same.
            _ => "untyped",
        };
        line(&mut text, format_args!("# HELP {name} {}", help.replace('\\', r"\\").replace('\n', r"\n")));
        line(&mut text, format_args!("# TYPE {name} {kind}"));
        for sample in &metric.samples {
            if metric.kind == MetricKind::HISTOGRAM {
                histogram(&mut text, metric, sample);
            } else {
                let value = decimal(sample.value, metric.scale);
                line(&mut text, format_args!("{name}{} {value}", labels(&sample.labels, None)));
            }
        }
    }
    text
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ok = writeln!(text, "{line}");
}

fn histogram(text: &mut String, metric: &Metric, sample: &MetricSample) {
    let name = &metric.name;
    let ends = metric.bounds.iter().map(|bound| decimal(*bound, metric.scale)).chain(["+Inf".to_owned()]);
    for (end, count) in ends.zip(&sample.counts) {
        line(text, format_args!("{name}_bucket{} {count}", labels(&sample.labels, Some(&end))));
    }
    let all = sample.counts.last().copied().unwrap_or(0);
    let of = labels(&sample.labels, None);
    line(text, format_args!("{name}_sum{of} {}", decimal(sample.value, metric.scale)));
    line(text, format_args!("{name}_count{of} {all}"));
}

fn labels(labels: &[MetricLabel], le: Option<&str>) -> String {
    let of_sample = labels.iter().map(|label| (label.name.as_str(), label.value.as_str()));
    let pairs: Vec<String> = of_sample
        .chain(le.map(|le| ("le", le)))
        .map(|(name, value)| {
            let value = value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
}

/// A scaled number as a decimal one, exactly where the scale is a power of ten.
fn decimal(value: u64, scale: u64) -> String {
    let digits = scale.checked_ilog10().unwrap_or(0);
    if 10_u64.pow(digits) != scale {
        return (value as f64 / scale.max(1) as f64).to_string();
    }
    let (whole, rest) = (value / scale, value % scale);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = format!("{rest:0width$}", width = digits as usize);
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str, value: &str) -> MetricLabel {
        MetricLabel { name: name.into(), value: value.into(), ..MetricLabel::default() }
    }

    #[test]
    fn a_scaled_number_is_written_exactly() {
        let check = |value, scale| decimal(value, scale);
        assert_eq!(check(250, 1_000_000), "0.00025");
        assert_eq!(check(10_000_000, 1_000_000), "10");
        assert_eq!(check(1_790_000_000_123, 1_000), "1790000000.123");
        assert_eq!(check(u64::MAX, 1), "18446744073709551615");
        assert_eq!((check(3, 2), check(7, 0)), ("1.5".to_owned(), "7".to_owned()));
    }

    #[test]
    fn each_kind_has_its_form() {
        let gauge = Metric {
            name: "vigie_build_info".into(),
            help: "A \\ and\na line.".into(),
            kind: MetricKind::GAUGE,
            scale: 1,
            samples: vec![MetricSample {
                labels: vec![label("version", "a\"b\\c\nd")],
                value: 1,
                ..Default::default()
            }],
            ..Metric::default()
        };
        let times = Metric {
            name: "t_seconds".into(),
            help: "Times.".into(),
            kind: MetricKind::HISTOGRAM,
            scale: 1_000_000,
            bounds: vec![500, 1_000_000],
            samples: vec![MetricSample {
                labels: vec![label("kind", "text")],
                value: 2_500_000,
                counts: vec![1, 2, 3],
                ..Default::default()
            }],
            ..Metric::default()
        };
        let empty = Metric { kind: MetricKind(99), scale: 1, name: "x".into(), ..Metric::default() };
        let text = exposition(&MetricsReply { rows: vec![gauge, times, empty], ..MetricsReply::default() });
        let expected = r#"# HELP vigie_build_info A \\ and\na line.
# TYPE vigie_build_info gauge
vigie_build_info{version="a\"b\\c\nd"} 1
# HELP t_seconds Times.
# TYPE t_seconds histogram
t_seconds_bucket{kind="text",le="0.0005"} 1
t_seconds_bucket{kind="text",le="1"} 2
t_seconds_bucket{kind="text",le="+Inf"} 3
t_seconds_sum{kind="text"} 2.5
t_seconds_count{kind="text"} 3
# HELP x 
# TYPE x untyped
"#;
        assert_eq!(text, expected);
    }
}
