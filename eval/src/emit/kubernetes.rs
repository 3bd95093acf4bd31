//! A job of Kubernetes, as JSON, which `kubectl` takes as it takes YAML: an index for every shard that
//! is open. Which exit status is tried again is the job's own matter (Kubernetes 1.33 and later).

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::open_shards;
use crate::store::Held;

/// Where the volume of the plan is seen in the container.
const MOUNT: &str = "/plans";
const NAME: &str = "deskbound-eval";
/// Goes of one shard on machines that fail it.
const GOES: u32 = 4;

/// What a job is told.
#[derive(Clone, Copy, Debug)]
pub struct Kubernetes<'s> {
    pub image: &'s str,
    pub claim: &'s str,
    /// The folder of the plan, below the volume.
    pub below: &'s Path,
    pub at_once: u32,
    pub cpus: u32,
    pub memory_mib: u32,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KubernetesError {
    #[error("every shard is through: there is nothing to do")]
    NothingOpen,
    #[error("{} leads out of the volume", below.display())]
    Outside { below: PathBuf },
}

/// # Errors
/// Where nothing is open, or the folder is not one of the volume.
pub fn kubernetes(held: &Held, about: &Kubernetes<'_>) -> Result<String, KubernetesError> {
    use std::path::Component;
    let open = open_shards(&held.plan, held);
    if open.is_empty() {
        return Err(KubernetesError::NothingOpen);
    }
    let is_inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !about.below.components().all(is_inside) {
        return Err(KubernetesError::Outside { below: about.below.to_owned() });
    }
    let folder = Path::new(MOUNT).join(about.below);
    let job = job(&open, &folder.to_string_lossy(), about);
    Ok(serde_json::to_string_pretty(&job).expect("it is plain data"))
}

fn job(open: &[u32], folder: &str, about: &Kubernetes<'_>) -> Value {
    let numbers: Vec<String> = open.iter().map(u32::to_string).collect();
    // The index counts the shards that are open. The folder is an argument, and never read by a shell.
    let pick = format!(
        "folder=$1; set -- {}; shift \"$JOB_COMPLETION_INDEX\"; \
         exec deskbound eval run-shard \"$folder\" --shard \"$1\"",
        numbers.join(" ")
    );
    let room =
        json!({ "cpu": about.cpus.to_string(), "memory": format!("{}Mi", about.memory_mib) });
    let on_exit = |action: &str, status: u8| json!({ "action": action, "onExitCodes": { "operator": "In", "values": [status] } });
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "generateName": format!("{NAME}-") },
        "spec": {
            "completionMode": "Indexed",
            "completions": open.len(),
            "parallelism": open.len().min(about.at_once.max(1) as usize),
            "backoffLimitPerIndex": GOES - 1,
            "podFailurePolicy": { "rules": [
                on_exit("FailIndex", 65),
                on_exit("Ignore", 75),
                { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget" }] },
            ] },
            "template": { "spec": {
                "restartPolicy": "Never",
                "containers": [{
                    "name": "shard",
                    "image": about.image,
                    "command": ["sh", "-c", pick, "sh", folder],
                    "resources": { "requests": room, "limits": { "memory": room["memory"] } },
                    "volumeMounts": [{ "name": "plans", "mountPath": MOUNT }],
                }],
                "volumes": [{
                    "name": "plans",
                    "persistentVolumeClaim": { "claimName": about.claim },
                }],
            } },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::emit::tests::held;

    fn about(below: &str) -> Kubernetes<'_> {
        Kubernetes {
            image: "registry/deskbound:1",
            claim: "plans",
            below: Path::new(below),
            at_once: 4,
            cpus: 2,
            memory_mib: 3072,
        }
    }

    #[test]
    fn each_index_is_an_open_shard() {
        let done: Vec<usize> = (0..16).filter(|at| ![1, 6, 14].contains(at)).collect();
        let job = kubernetes(&held(8, 16, &done), &about("first run")).unwrap();
        let job: Value = serde_json::from_str(&job).unwrap();
        assert_eq!(
            (&job["spec"]["completions"], &job["spec"]["parallelism"]),
            (&json!(2), &json!(2))
        );
        let command = &job["spec"]["template"]["spec"]["containers"][0]["command"];
        let words: Vec<&str> =
            command.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        // As the container would, with `deskbound` put in words.
        let script = words[2].replace("exec deskbound", "echo");
        for (index, shard) in [("0", "1"), ("1", "6")] {
            let mut shell = Command::new("sh");
            shell.args(["-c", &script]).args(&words[3..]).env("JOB_COMPLETION_INDEX", index);
            let said = String::from_utf8(shell.output().unwrap().stdout).unwrap();
            assert_eq!(said, format!("eval run-shard /plans/first run --shard {shard}\n"));
        }
    }

    #[test]
    fn what_cannot_be_a_job_is_refused() {
        let all: Vec<usize> = (0..4).collect();
        assert_eq!(kubernetes(&held(2, 4, &all), &about(".")), Err(KubernetesError::NothingOpen));
        for below in ["../x", "/etc", "a/../../b"] {
            let refused = kubernetes(&held(2, 4, &[]), &about(below));
            assert!(matches!(refused, Err(KubernetesError::Outside { .. })), "{below}");
        }
    }
}
