//! What the parts of a figure take: told beside it, so that a figure which falls short has its
//! reason.

use std::{hint::black_box, os::unix::fs::FileExt as _, time::Instant};

use deskbound_figures::{Aim, Figure, Figures, ROUNDS};
use deskbound_vm::Vm;

use crate::{Bench, COPIED_BYTES, MANY, run, told};

/// Written by a program of the desktop's own, in pieces as large as those of a copy.
const WRITTEN_MB: f64 = 50.0 * 1.048_576;

impl Bench {
    /// A frame: the monitor's round trip, and what this side does with three megabytes. The rest is
    /// QEMU's.
    pub(crate) fn frame_parts(&self, vm: &Vm, figures: &mut Figures) {
        let controls = vm.controls();
        figures.absolute(told("vm.frame_monitor_ms", "ms"), ROUNDS, || {
            (0..MANY).map(|_| self.ms(controls.is_running())).sum::<f64>() / MANY as f64
        });
        let frame = self.wait(controls.frame());
        let pixels = frame.image.as_raw();
        let file = tempfile::tempfile_in("/dev/shm").expect("memory");
        file.write_all_at(pixels, 0).expect("there is room");
        let mut spare = vec![0; pixels.len()];
        figures.absolute(told("vm.frame_read_ms", "ms"), ROUNDS, || {
            let started = Instant::now();
            for _ in 0..MANY {
                file.read_exact_at(&mut spare, 0).expect("it is there");
                assert!(black_box(&spare) == black_box(pixels), "it is the same");
            }
            started.elapsed().as_secs_f64() * 1000.0 / MANY as f64
        });
    }

    /// A copy into the desktop: the port alone, and what its kernel makes of a file of its own, by
    /// way of its page cache and past it.
    pub(crate) fn copy_parts(&self, vm: &Vm, content: &[u8], figures: &mut Figures) {
        let rate = |id| Figure { id, unit: "MB/s", aim: Aim::Told };
        figures.absolute(rate("vm.copy_in_port_mb_s"), ROUNDS, || {
            COPIED_BYTES as f64 / 1e3 / self.ms(vm.write_file("/dev/null", content))
        });
        for (id, flag) in
            [("vm.copy_in_cached_mb_s", "conv=notrunc"), ("vm.copy_in_direct_mb_s", "oflag=direct")]
        {
            let dd = ["dd", "if=/dev/zero", "of=/home/desk/part", "bs=1M", "count=50", flag];
            figures.absolute(rate(id), ROUNDS, || {
                self.wait(run(vm, &["rm", "-f", "/home/desk/part"]));
                WRITTEN_MB * 1000.0 / self.ms(run(vm, &dd))
            });
        }
    }
}
