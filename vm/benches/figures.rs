//! The figures `vm.*`: clones of `xfce` where it was built, else of `minimal`, on this machine.
//!
//! `cargo bench -p deskbound-vm`, and `-- --json` for one object a line.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use deskbound_vm::{CommandSpec, Mode, Recipe, Store, Template, User, Vm, VmError};
use serde_json::json;

const ROUNDS: usize = 9;

/// Enough that starting and ending it does not count.
const COPIED_BYTES: usize = 50_000_000;

/// A machine with more than this to do measures something else.
const BUSY_LOAD: f64 = 0.5;

/// What a figure is meant to be.
#[derive(Clone, Copy)]
enum Aim {
    AtMost(f64),
    AtLeast(f64),
    Reported,
}

struct Figure {
    id: &'static str,
    unit: &'static str,
    aim: Aim,
    values: Vec<f64>,
}

struct Bench {
    store: Store,
    template: Template,
    figures: Vec<Figure>,
}

#[tokio::main]
async fn main() -> Result<(), VmError> {
    let is_json = std::env::args().any(|argument| argument == "--json");
    let store = Store::open()?;
    let Some((recipe, template)) = built(&store).await? else {
        let mut error = std::io::stderr();
        let _ = writeln!(error, "no desktop is built: `deskbound vm build --recipe xfce` first");
        std::process::exit(3);
    };
    let load_before = load();
    let mut bench = Bench { store, template, figures: Vec::new() };
    bench.starts().await?;
    bench.checkpoints().await?;
    bench.inside().await?;
    bench.together().await?;
    let load = (load_before, load());
    if is_json {
        bench.print_json(load)
    } else {
        bench.print_table(&recipe, load)
    }
    Ok(())
}

async fn built(store: &Store) -> Result<Option<(Recipe, Template)>, VmError> {
    for name in ["xfce", "minimal"] {
        let recipe = Recipe::named(name)?;
        if let Some(template) = Template::find(store, &recipe).await? {
            return Ok(Some((recipe, template)));
        }
    }
    Ok(None)
}

impl Bench {
    fn add(&mut self, id: &'static str, unit: &'static str, aim: Aim, values: Vec<f64>) {
        self.figures.push(Figure { id, unit, aim, values });
    }

    async fn clone(&self) -> Result<Vm, VmError> {
        Vm::start(&self.store, &self.template).await
    }

    async fn starts(&mut self) -> Result<(), VmError> {
        let mut ready_ms = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let vm = self.clone().await?;
            ready_ms.push(ms(started));
            drop(vm);
        }
        if let Some(boot) = self.template.boot_time() {
            let ratio = boot.as_secs_f64() * 1000.0 / median(&ready_ms);
            self.add("vm.clone_vs_boot", "ratio", Aim::Reported, vec![ratio]);
        }
        self.add("vm.clone_ready_ms", "ms", Aim::AtMost(300.0), ready_ms);
        Ok(())
    }

    /// Of a clone that has worked a little, as a step of an agent would leave it.
    async fn checkpoints(&mut self) -> Result<(), VmError> {
        let mut vm = self.clone().await?;
        let (mut taken_ms, mut back_ms, mut fork_ms) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            run(&vm, &["sh", "-c", "ls -lR /usr/share > /home/desk/list; sync"]).await?;
            let started = Instant::now();
            let taken = vm.checkpoint(&format!("round-{round}")).await?;
            taken_ms.push(ms(started));
            let started = Instant::now();
            let fork = Vm::start(&self.store, taken.template()).await?;
            fork_ms.push(ms(started));
            drop(fork);
            let started = Instant::now();
            vm.rewind(taken.template()).await?;
            back_ms.push(ms(started));
            vm.rewind(&self.template).await?;
        }
        self.add("vm.checkpoint_ms", "ms", Aim::AtMost(1000.0), taken_ms);
        self.add("vm.rewind_ms", "ms", Aim::AtMost(500.0), back_ms);
        self.add("vm.fork_ms", "ms", Aim::AtMost(1500.0), fork_ms);
        Ok(())
    }

    async fn inside(&mut self) -> Result<(), VmError> {
        let vm = self.clone().await?;
        let memory_mb = private_memory_mb(vm.name());
        self.add("vm.clone_memory_mb", "MB", Aim::AtMost(120.0), memory_mb.into_iter().collect());
        let mut command_ms = Vec::new();
        for _ in 0..ROUNDS * 3 {
            let started = Instant::now();
            run(&vm, &["true"]).await?;
            command_ms.push(ms(started));
        }
        self.add("vm.command_ms", "ms", Aim::AtMost(60.0), command_ms);
        let content: Vec<u8> = (0..COPIED_BYTES).map(|at| ((at * 31) >> 3) as u8).collect();
        let (mut in_mb_s, mut out_mb_s) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS.div_ceil(2) {
            let started = Instant::now();
            vm.write_file("/home/desk/blob", &content).await?;
            in_mb_s.push(mb_s(started));
            let started = Instant::now();
            assert!(
                vm.read_file("/home/desk/blob").await? == content,
                "what came out is not what went in"
            );
            out_mb_s.push(mb_s(started));
        }
        self.add("vm.copy_in_mb_s", "MB/s", Aim::AtLeast(80.0), in_mb_s);
        self.add("vm.copy_out_mb_s", "MB/s", Aim::AtLeast(40.0), out_mb_s);
        Ok(())
    }

    async fn together(&mut self) -> Result<(), VmError> {
        let mut four_ms = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let four = tokio::try_join!(self.clone(), self.clone(), self.clone(), self.clone())?;
            four_ms.push(ms(started));
            drop(four);
        }
        self.add("vm.four_clones_ms", "ms", Aim::Reported, four_ms);
        Ok(())
    }

    fn print_table(&self, recipe: &Recipe, load: (f64, f64)) {
        let mut out = std::io::stdout();
        let (accel, mib) = (self.template.accel(), recipe.memory_mib);
        let busy = if is_busy(load) { ", BUSY" } else { "" };
        let (before, after) = load;
        let _ = writeln!(
            out,
            "clones of `{}`, {mib} MiB, {accel}; load {before:.1} before, {after:.1} after{busy}\n",
            recipe.name
        );
        let _ = writeln!(out, "| figure | median | least | most | runs | aim |");
        let _ = writeln!(out, "| --- | ---: | ---: | ---: | ---: | --- |");
        for Figure { id, unit, aim, values } in &self.figures {
            let (least, most) = ends(values);
            let aim = match aim {
                Aim::AtMost(most) if median(values) <= *most => format!("≤ {most}"),
                Aim::AtMost(most) => format!("≤ {most}, MISSED"),
                Aim::AtLeast(least) if median(values) >= *least => format!("≥ {least}"),
                Aim::AtLeast(least) => format!("≥ {least}, MISSED"),
                Aim::Reported => "reported".into(),
            };
            let (value, runs) = (median(values), values.len());
            let _ = writeln!(
                out,
                "| `{id}` | {value:.1} {unit} | {least:.1} | {most:.1} | {runs} | {aim} |"
            );
        }
    }

    fn print_json(&self, load: (f64, f64)) {
        let mut out = std::io::stdout();
        for Figure { id, unit, aim, values } in &self.figures {
            let (least, most) = ends(values);
            let aim = match aim {
                Aim::AtMost(aim) | Aim::AtLeast(aim) => Some(aim),
                Aim::Reported => None,
            };
            let line = json!({
                "figure": id, "value": median(values), "unit": unit, "versus": null,
                "runs": values.len(), "min": least, "max": most, "aim": aim,
                "busy": is_busy(load), "load_before": load.0, "load_after": load.1,
            });
            let _ = writeln!(out, "{line}");
        }
    }
}

async fn run(vm: &Vm, argv: &[&str]) -> Result<(), VmError> {
    let spec = CommandSpec {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        cwd: None,
        env: Vec::new(),
        user: User::Session,
        timeout: Some(Duration::from_secs(120)),
        mode: Mode::Followed,
    };
    vm.run(spec, &mut |_, _| {}).await.map(drop)
}

/// What QEMU has for itself alone; needs the right to look at it.
fn private_memory_mb(clone: &str) -> Option<f64> {
    let named = format!("\0-name\0{clone}\0");
    let processes = fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path());
    let qemu: PathBuf = { processes }.find(|process| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&named)
    })?;
    let said = fs::read_to_string(qemu.join("smaps_rollup")).ok()?;
    let private = said.lines().filter(|line| line.starts_with("Private_"));
    let kb = private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    Some(kb.sum::<f64>() * 1024.0 / 1e6)
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn mb_s(since: Instant) -> f64 {
    COPIED_BYTES as f64 / 1e6 / since.elapsed().as_secs_f64()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn ends(values: &[f64]) -> (f64, f64) {
    let fold = |pick: fn(f64, f64) -> f64| values.iter().copied().fold(f64::NAN, pick);
    (fold(f64::min), fold(f64::max))
}

/// Of the last minute.
fn load() -> f64 {
    let said = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    said.split_whitespace().next().and_then(|load| load.parse().ok()).unwrap_or(f64::NAN)
}

/// Our own machines are work too, so the load before says most.
fn is_busy((before, _): (f64, f64)) -> bool {
    before > BUSY_LOAD
}
