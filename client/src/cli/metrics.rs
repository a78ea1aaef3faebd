//! `vigie metrics`: every number that the daemon counts, for Prometheus.

use vigie::exposition;
use vigie_proto::{Metric, MetricSample, Metrics};

use super::context::Context;
use super::exit::{CliError, Exit};
use crate::ui::output::Reader;
use vigie::json::Object;

pub(crate) fn run(context: &mut Context) -> Result<Exit, CliError> {
    let reply = context.client.ask(&Metrics::default())?;
    if !context.global.json {
        let _still = context.out.write(exposition(&reply).as_bytes());
        return Ok(Exit::Done);
    }
    for metric in &reply.rows {
        for sample in &metric.samples {
            if context.out.line(record(metric, sample).finish()) == Reader::Gone {
                return Ok(Exit::Done);
            }
        }
    }
    Ok(Exit::Done)
}

/// One value, in whole units of `1 / scale`.
fn record(metric: &Metric, sample: &MetricSample) -> Object {
    let labels = sample.labels.iter().fold(Object::part(), |labels, label| labels.string(&label.name, &label.value));
    let line = Object::line("metric")
        .string("name", &metric.name)
        .string("kind", metric.kind.name())
        .object("labels", Some(labels))
        .number("value", sample.value)
        .number("scale", metric.scale);
    let buckets = metric.bounds.iter().map(Some).chain([None]).zip(&sample.counts);
    let buckets = buckets.map(|(end, count)| Object::part().number_or_null("le", end).number("count", count));
    if sample.counts.is_empty() { line } else { line.objects("buckets", buckets) }
}
