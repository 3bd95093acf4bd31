//! The log of inspect_ai, version 2: a zip of JSON files, for its viewer and its analyses.
//!
//! A sample's id there is the task and the number of the wording; the epoch is the epoch.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::date::utc;
use super::end_name;
use crate::digest;
use crate::outcome::{Outcome, Status};
use crate::plan::{Plan, Solver};
use crate::report::reason;
use crate::score::{Score, counted};
use crate::statistics::Estimate;

const VERSION: u32 = 2;
const SCORER: &str = "checks";

/// # Errors
/// Where the archive would be too large for its format.
pub fn inspect(plan: &Plan, outcomes: &[Outcome]) -> Result<Vec<u8>, ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let head = header(plan, outcomes);
    let start = json!({ "version": VERSION, "eval": head["eval"], "plan": head["plan"] });
    put(&mut zip, "_journal/start.json", &start)?;
    let mut summaries = Vec::new();
    for (outcome, counts) in outcomes.iter().zip(counted(outcomes)) {
        let sample = sample(outcome, counts);
        let (id, epoch) = (id(outcome), outcome.item.epoch);
        put(&mut zip, &format!("samples/{id}_epoch_{epoch}.json"), &sample)?;
        summaries.push(summary(&sample));
    }
    put(&mut zip, "summaries.json", &Value::Array(summaries))?;
    put(&mut zip, "header.json", &head)?;
    Ok(zip.finish()?.into_inner())
}

fn put(zip: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, value: &Value) -> Result<(), ZipError> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file(name, options)?;
    Ok(zip.write_all(value.to_string().as_bytes())?)
}

fn id(outcome: &Outcome) -> String {
    format!("{}.{}", outcome.item.task, outcome.item.wording)
}

fn header(plan: &Plan, outcomes: &[Outcome]) -> Value {
    let conditions = &plan.conditions;
    let digest = conditions.digest();
    let name = |part: &str| digest::of(format!("{part} {digest}").as_bytes())[..22].to_owned();
    let begun = utc(outcomes.iter().map(|outcome| outcome.at_s).min().unwrap_or(0));
    let ended = utc(outcomes.iter().map(|outcome| outcome.at_s).max().unwrap_or(0));
    let spoilt = Score::of(outcomes).count(Status::InfrastructureError);
    let open = plan.items.len().saturating_sub(outcomes.len() - spoilt);
    let error = match open {
        0 => Value::Null,
        open => json!({ "message": format!("PARTIAL: {open} samples have no result"),
            "traceback": "", "traceback_ansi": "" }),
    };
    let epochs = plan.items.iter().map(|item| item.epoch).max().unwrap_or(1);
    let mut ids: Vec<String> = outcomes.iter().map(id).collect();
    ids.dedup();
    let model = match conditions.solver {
        Solver::Models => format!("deskbound/{}", conditions.models),
        solver => format!("deskbound/{solver}"),
    };
    json!({
        "version": VERSION,
        "status": if open == 0 { "success" } else { "error" },
        "error": error,
        "eval": {
            "eval_id": name("eval"), "run_id": name("run"), "task_id": name("task"),
            "created": begun, "task": conditions.suite, "task_version": 1,
            "task_args": { "desktop": conditions.desktop, "recipe": conditions.recipe,
                "seed": conditions.seed, "label": conditions.label },
            "solver": conditions.solver,
            "dataset": { "name": conditions.suite, "samples": ids.len(), "sample_ids": ids },
            "model": model,
            "config": { "epochs": epochs },
            "packages": {},
            "metadata": { "suite_digest": conditions.suite_digest, "program": conditions.program,
                "conditions": digest },
            "scorers": [{ "name": SCORER, "metrics": [{ "name": "mean" }] }],
        },
        "plan": { "name": "plan", "steps": [{ "solver": "deskbound", "params": {} }] },
        "results": results(plan, outcomes),
        "stats": { "started_at": begun, "completed_at": ended },
    })
}

fn results(plan: &Plan, outcomes: &[Outcome]) -> Value {
    let score = Score::of(outcomes);
    let spoilt = score.count(Status::InfrastructureError);
    let metrics = |Estimate { value, low, high }: Estimate| {
        let metric =
            |name: &str, value: f64| (name.to_owned(), json!({ "name": name, "value": value }));
        let named = [metric("mean", value), metric("low_95", low), metric("high_95", high)];
        serde_json::Map::from_iter(named)
    };
    let scored = |name: &str, estimate| {
        json!({ "name": name, "scorer": SCORER, "scored_samples": outcomes.len() - spoilt,
            "unscored_samples": spoilt, "metrics": metrics(estimate) })
    };
    json!({
        "total_samples": plan.items.len(),
        "completed_samples": outcomes.len() - spoilt,
        "scores": [scored("strict", score.strict), scored("partial", score.partial)],
    })
}

fn sample(outcome: &Outcome, counts: bool) -> Value {
    let checks: Vec<String> = outcome.checks.iter().map(|finding| finding.check.clone()).collect();
    let said = end_name(outcome);
    let is_spoilt = outcome.status == Status::InfrastructureError;
    let scores = json!({
        "strict": { "value": if counts { 1 } else { 0 }, "answer": said,
            "explanation": if counts { "every check holds".to_owned() } else { reason(outcome) } },
        "partial": { "value": outcome.partial, "answer": said },
    });
    #[expect(clippy::cast_precision_loss, reason = "no sample takes 2⁵³ ms")]
    let seconds = |ms: u64| ms as f64 / 1000.0;
    let times = &outcome.times;
    let error = json!({ "message": outcome.error, "traceback": "", "traceback_ansi": "" });
    json!({
        "id": id(outcome), "epoch": outcome.item.epoch,
        "input": outcome.instruction, "target": checks,
        "messages": [
            { "role": "user", "content": outcome.instruction },
            { "role": "assistant", "content": said },
        ],
        "output": { "model": "deskbound", "choices": [
            { "message": { "role": "assistant", "content": said }, "stop_reason": "stop" } ] },
        "scores": if is_spoilt { Value::Null } else { scores },
        "metadata": { "family": outcome.family, "half": outcome.half, "status": outcome.status,
            "steps": outcome.steps, "times": times, "desktop": outcome.desktop,
            "disturbed": outcome.disturbed, "host": outcome.host, "checks": outcome.checks },
        "store": {}, "events": [], "model_usage": {}, "attachments": {},
        "total_time": seconds(times.reset_ms + times.run_ms + times.check_ms),
        "working_time": seconds(times.run_ms),
        "started_at": utc(outcome.at_s), "completed_at": utc(outcome.at_s),
        "uuid": digest::of(format!("{} {}", outcome.conditions, outcome.item.id).as_bytes())[..22],
        "error": if is_spoilt || outcome.status == Status::AgentError { error } else { Value::Null },
    })
}

/// What the viewer lists before it opens a sample.
fn summary(sample: &Value) -> Value {
    let kept = [
        "id",
        "epoch",
        "input",
        "target",
        "scores",
        "metadata",
        "model_usage",
        "total_time",
        "working_time",
        "uuid",
        "started_at",
        "completed_at",
    ];
    let mut summary: serde_json::Map<String, Value> =
        kept.into_iter().map(|name| (name.to_owned(), sample[name].clone())).collect();
    if let Some(message) = sample["error"]["message"].as_str() {
        summary.insert("error".to_owned(), message.into());
    }
    summary.insert("completed".to_owned(), true.into());
    Value::Object(summary)
}
