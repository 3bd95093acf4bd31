//! The figures `vm.*`: clones of `xfce` where it was built, else of `minimal`, on this machine.
//! `xfce-peer`, where the user has such a recipe, is an `xfce` with pyatspi inside.
//!
//! `cargo bench -p deskbound-vm`, and `-- --json` for one object a line.

#[path = "figures/parts.rs"]
mod parts;
#[path = "figures/tree.rs"]
mod tree;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use deskbound_accessibility::ScreenPx;
use deskbound_figures::{Aim, Figure, Figures, Pair, ROUNDS};
use deskbound_host::{Purpose, install, missing};
use deskbound_vm::{
    Checkpoint, Chord, CommandSpec, Frame, Mode, Recipe, Store, Template, User, Vm, VmError,
};
use tokio::runtime::Runtime;

/// Enough that starting and ending it does not count.
const COPIED_BYTES: usize = 50_000_000;

/// For an application to start, emulated.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Of what takes a millisecond, one round is so many.
const MANY: usize = 20;

/// What another way to move the pointer needs inside, where it is not installed.
const PEER: [&str; 6] = [
    "/usr/bin/xdotool",
    "/usr/lib/x86_64-linux-gnu/libxdo.so.3",
    "/usr/lib/x86_64-linux-gnu/libXtst.so.6",
    "/usr/lib/x86_64-linux-gnu/libXinerama.so.1",
    "/usr/lib/x86_64-linux-gnu/libxkbcommon.so.0",
    "/usr/lib/x86_64-linux-gnu/libXi.so.6",
];

const PEER_FOLDER: &str = "/home/desk/peer";

type Told<T = ()> = Result<T, VmError>;

fn main() -> Told {
    let runtime = Runtime::new().expect("a runtime");
    let store = Store::open()?;
    let Some((recipe, template)) = runtime.block_on(built(&store))? else {
        eprintln!("no desktop is built: `deskbound vm build --recipe xfce` first");
        std::process::exit(3);
    };
    let (accel, mib) = (template.accel(), recipe.memory_mib);
    eprintln!("clones of `{}`, {mib} MiB, {accel}", recipe.name);
    let bench = Bench { runtime, store, template };
    let mut figures = Figures::from_args();
    bench.starts(&mut figures);
    bench.checkpoints(&mut figures)?;
    bench.outside(&mut figures)?;
    bench.inside(&mut figures)?;
    bench.together(&mut figures);
    tree::trees(&bench, &mut figures)?;
    Ok(())
}

async fn built(store: &Store) -> Told<Option<(Recipe, Template)>> {
    for name in ["xfce-peer", "xfce", "minimal"] {
        let Ok(recipe) = Recipe::named(name) else {
            continue;
        };
        if let Some(template) = Template::find(store, &recipe).await? {
            return Ok(Some((recipe, template)));
        }
    }
    Ok(None)
}

struct Bench {
    runtime: Runtime,
    store: Store,
    template: Template,
}

impl Bench {
    fn clone(&self) -> Vm {
        self.wait(Vm::start(&self.store, &self.template))
    }

    fn wait<T>(&self, doing: impl Future<Output = Told<T>>) -> T {
        self.runtime.block_on(doing).unwrap_or_else(|error| panic!("{error}"))
    }

    /// How long it takes, in milliseconds.
    fn ms<T>(&self, doing: impl Future<Output = Told<T>>) -> f64 {
        let started = Instant::now();
        let done = self.wait(doing);
        let took = started.elapsed();
        drop(done);
        took.as_secs_f64() * 1000.0
    }

    fn starts(&self, figures: &mut Figures) {
        let mut ready_ms = Vec::new();
        figures.absolute(at_most("vm.clone_ready_ms", "ms", 300.0), ROUNDS, || {
            ready_ms.push(self.ms(Vm::start(&self.store, &self.template)));
            ready_ms[ready_ms.len() - 1]
        });
        let figure = told("vm.clone_vs_boot", "ratio");
        match self.template.boot_time() {
            None => figures.missing(figure, "nobody knows how long the boot took"),
            Some(boot) => {
                let mut ready_ms = ready_ms.into_iter();
                let peer = boot.as_secs_f64() * 1000.0;
                figures.ratio(figure, ROUNDS, "the boot, when the template was made", || Pair {
                    peer,
                    ours: ready_ms.next().expect("as many rounds"),
                });
            }
        }
    }

    /// Of a clone that has worked a little, as a step of an agent would leave it.
    fn checkpoints(&self, figures: &mut Figures) -> Told {
        let mut vm = self.clone();
        let mut taken: Vec<Checkpoint> = Vec::new();
        figures.absolute(at_most("vm.checkpoint_ms", "ms", 1000.0), ROUNDS, || {
            let works = ["sh", "-c", "ls -lR /usr/share > /home/desk/list; sync"];
            self.wait(run(&vm, &works));
            let name = format!("round-{}", taken.len());
            let started = Instant::now();
            taken.push(self.wait(vm.checkpoint(&name)));
            started.elapsed().as_secs_f64() * 1000.0
        });
        let last = taken.last().expect("there were rounds").template().clone();
        figures
            .absolute(at_most("vm.rewind_ms", "ms", 500.0), ROUNDS, || self.ms(vm.rewind(&last)));
        figures.absolute(at_most("vm.fork_ms", "ms", 1500.0), ROUNDS, || {
            self.ms(Vm::start(&self.store, &last))
        });
        Ok(())
    }

    /// What goes by QMP.
    fn outside(&self, figures: &mut Figures) -> Told {
        let vm = self.clone();
        let controls = vm.controls();
        figures.absolute(at_most("vm.frame_ms", "ms", 8.0), ROUNDS, || {
            (0..MANY).map(|_| self.ms(controls.frame())).sum::<f64>() / MANY as f64
        });
        self.frame_parts(&vm, figures);
        self.wait(edit(&vm));
        let key: Chord = "x".parse().expect("a key");
        figures.absolute(told("vm.key_to_frame_ms", "ms"), ROUNDS, || {
            let before = self.wait(controls.frame());
            let started = Instant::now();
            self.wait(controls.chord(&key));
            self.wait(changed(&vm, &before));
            started.elapsed().as_secs_f64() * 1000.0
        });
        let at = |round: usize| ScreenPx { x: 100 + (round % 500) as i32, y: 300 };
        let figure = Figure { id: "vm.move_vs_xdotool", unit: "ratio", aim: Aim::AtLeast(50.0) };
        if let Err(why) = self.bring_peer(&vm) {
            figures.missing(figure, why);
            return Ok(());
        }
        let mut moves = 0;
        figures.ratio(figure, ROUNDS, "xdotool, one process a move", || {
            moves += 1;
            let ours = (0..MANY).map(|round| self.ms(controls.move_to(at(round)))).sum::<f64>();
            let x = (300 + moves).to_string();
            let peer =
                self.ms(run(&vm, &[&format!("{PEER_FOLDER}/xdotool"), "mousemove", &x, "9"]));
            Pair { peer, ours: ours / MANY as f64 }
        });
        Ok(())
    }

    fn bring_peer(&self, vm: &Vm) -> Result<(), String> {
        let needed: Vec<_> =
            missing(Purpose::Long).into_iter().filter(|p| p.name == "xdotool").collect();
        install(&needed, &mut |_| {}).map_err(|error| error.to_string())?;
        self.wait(run(vm, &["mkdir", PEER_FOLDER]));
        for path in PEER.iter().map(Path::new).filter(|path| path.exists()) {
            let inside = path.file_name().expect("a file").to_string_lossy();
            let inside = format!("{PEER_FOLDER}/{inside}");
            let copied = vm.guest().copy_in(path, &inside);
            self.runtime.block_on(copied).map_err(|error| error.to_string())?;
        }
        let program = format!("{PEER_FOLDER}/xdotool");
        let moved = self.runtime.block_on(run(vm, &[&program, "mousemove", "9", "9"]));
        moved.map_err(|error| error.to_string())
    }

    /// What goes through the guest program.
    fn inside(&self, figures: &mut Figures) -> Told {
        let vm = self.clone();
        let figure = at_most("vm.clone_memory_mb", "MB", 120.0);
        match private_memory_mb(vm.name()) {
            None => figures.missing(figure, "the kernel does not tell"),
            Some(mb) => figures.absolute(figure, 1, || mb),
        }
        figures.absolute(at_most("vm.ping_ms", "ms", 2.0), ROUNDS, || {
            (0..MANY).map(|_| self.ms(vm.guest().ping())).sum::<f64>() / MANY as f64
        });
        figures.absolute(at_most("vm.command_ms", "ms", 60.0), ROUNDS, || {
            (0..MANY).map(|_| self.ms(run(&vm, &["true"]))).sum::<f64>() / MANY as f64
        });
        let content: Vec<u8> = (0..COPIED_BYTES).map(|at| ((at * 31) >> 3) as u8).collect();
        let mb = COPIED_BYTES as f64 / 1e6;
        let at_least = |id, aim| Figure { id, unit: "MB/s", aim: Aim::AtLeast(aim) };
        figures.absolute(at_least("vm.copy_in_mb_s", 80.0), ROUNDS, || {
            mb * 1000.0 / self.ms(vm.write_file("/home/desk/blob", &content))
        });
        self.copy_parts(&vm, &content, figures);
        figures.absolute(at_least("vm.copy_out_mb_s", 40.0), ROUNDS, || {
            let started = Instant::now();
            let came = self.wait(vm.read_file("/home/desk/blob"));
            let took = started.elapsed().as_secs_f64();
            assert!(came == content, "what came out is not what went in");
            mb / took
        });
        Ok(())
    }

    fn together(&self, figures: &mut Figures) {
        let one = || Vm::start(&self.store, &self.template);
        figures.absolute(told("vm.four_clones_ms", "ms"), ROUNDS, || {
            self.ms(async { tokio::try_join!(one(), one(), one(), one()) })
        });
    }
}

fn at_most(id: &'static str, unit: &'static str, aim: f64) -> Figure {
    Figure { id, unit, aim: Aim::AtMost(aim) }
}

fn told(id: &'static str, unit: &'static str) -> Figure {
    Figure { id, unit, aim: Aim::Told }
}

async fn run(vm: &Vm, argv: &[&str]) -> Told {
    let spec = CommandSpec {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        cwd: None,
        env: vec![("LD_LIBRARY_PATH".to_owned(), PEER_FOLDER.to_owned())],
        user: User::Session,
        timeout: Some(START_LIMIT),
        mode: Mode::Followed,
    };
    let mut said = Vec::new();
    let end = vm.run(spec, &mut |_, bytes| said.extend_from_slice(bytes)).await?;
    if end.status == 0 {
        return Ok(());
    }
    Err(VmError::GuestRefused { reason: String::from_utf8_lossy(&said).into_owned() })
}

/// An editor with the focus.
async fn edit(vm: &Vm) -> Told {
    vm.guest().launch("org.xfce.mousepad", &[]).await?;
    let started = Instant::now();
    while vm.guest().windows().await?.iter().all(|window| !window.title.contains("Mousepad")) {
        assert!(started.elapsed() < START_LIMIT, "there is no editor");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut before = vm.controls().frame().await?;
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let frame = vm.controls().frame().await?;
        if frame.digest == before.digest {
            return Ok(());
        }
        assert!(started.elapsed() < START_LIMIT, "the editor does not come to rest");
        before = frame;
    }
}

async fn changed(vm: &Vm, since: &Frame) -> Told<Frame> {
    let asked = Instant::now();
    loop {
        let frame = vm.controls().frame().await?;
        if frame.digest != since.digest {
            return Ok(frame);
        }
        assert!(asked.elapsed() < START_LIMIT, "nothing changes on the screen");
    }
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
