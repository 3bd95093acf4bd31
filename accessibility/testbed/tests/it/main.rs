//! The desktop starts, carries real applications, and leaves nothing behind.

use std::{fs, path::Path, time::Duration};

use deskbound_testbed::{Testbed, wait_until};

const LIMIT: Duration = Duration::from_secs(30);

/// Titles of all windows, as the X server tells them.
fn windows(bed: &Testbed) -> String {
    let said =
        bed.command("xprop").args(["-root", "_NET_CLIENT_LIST"]).output().expect("xprop runs");
    let list = String::from_utf8(said.stdout).expect("text");
    let ids = list.split_once('#').map_or("", |(_, ids)| ids).split(',');
    ids.map(str::trim)
        .filter(|id| !id.is_empty())
        .map(|id| {
            let said =
                bed.command("xprop").args(["-id", id, "WM_CLASS"]).output().expect("xprop runs");
            String::from_utf8_lossy(&said.stdout).into_owned()
        })
        .collect()
}

/// Processes that carry `folder` in their environment.
fn processes(folder: &Path) -> Vec<String> {
    let needle = folder.to_str().expect("text").to_owned();
    let entries = fs::read_dir("/proc").expect("there is /proc").flatten();
    let belongs = |path: &Path| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&needle)
    };
    let ours = entries.map(|entry| entry.path()).filter(|path| belongs(path));
    ours.map(|path| fs::read_to_string(path.join("comm")).unwrap_or_default()).collect()
}

#[test]
fn applications_start_and_nothing_is_left() {
    let bed = Testbed::start().unwrap();
    let folder = bed.home().parent().unwrap().to_owned();
    let number = bed.display().trim_start_matches(':').to_owned();
    assert!(bed.a11y_bus_address().starts_with("unix:path="), "{}", bed.a11y_bus_address());

    let apps: Vec<_> = ["mousepad", "thunar", "galculator", "featherpad"]
        .map(|name| (name, bed.launch(name, &[]).unwrap()))
        .into();
    for (name, app) in &apps {
        wait_until(&format!("{name} has a window"), LIMIT, || {
            windows(&bed).to_lowercase().contains(name)
        })
        .unwrap_or_else(|error| panic!("{error}\n{}", app.log()));
        assert!(app.is_alive(), "{name}: {}", app.log());
    }
    assert!(processes(&folder).len() > apps.len());

    // A stopped application, and one nobody holds any more, must not survive either.
    apps[0].1.freeze().unwrap();
    std::mem::forget(apps);
    drop(bed);
    assert_eq!(processes(&folder), Vec::<String>::new());
    assert!(!folder.exists());
    assert!(!Path::new(&format!("/tmp/.X{number}-lock")).exists());
}

#[test]
fn a_killed_owner_leaves_nothing() {
    const CHILD: &str = "TESTBED_OWNER";
    if std::env::var_os(CHILD).is_some() {
        let bed = Testbed::start().unwrap();
        fs::write(std::env::var(CHILD).unwrap(), bed.home().parent().unwrap().to_str().unwrap())
            .unwrap();
        std::thread::park_timeout(LIMIT);
        return;
    }
    // Brings the packages, for which the wait below is too short.
    drop(Testbed::start().unwrap());
    let note = tempfile::NamedTempFile::new().unwrap();
    let mut owner = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_owner_leaves_nothing"])
        .env(CHILD, note.path())
        .spawn()
        .unwrap();
    let read = || fs::read_to_string(note.path()).unwrap();
    wait_until("the owner has its desktop", LIMIT, || !read().is_empty()).unwrap();
    let folder = std::path::PathBuf::from(read());
    assert!(!processes(&folder).is_empty());
    owner.kill().unwrap();
    owner.wait().unwrap();
    wait_until("everything is gone", LIMIT, || processes(&folder).is_empty() && !folder.exists())
        .unwrap();
}
