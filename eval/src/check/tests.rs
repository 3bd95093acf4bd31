//! The checks of the shipped suite, against a plain folder in place of a desktop.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::*;
use crate::suite::Suite;

struct Folder {
    home: tempfile::TempDir,
    windows: Vec<String>,
}

impl Folder {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), windows: vec!["Desktop".to_owned()] }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }
}

impl World for Folder {
    async fn put(&mut self, path: &str, text: &str) -> Result<(), DesktopError> {
        fs::write(self.at(path), text)
            .map_err(|source| DesktopError::File { path: path.to_owned(), source })
    }

    async fn make_folder(&mut self, path: &str) -> Result<(), DesktopError> {
        fs::create_dir_all(self.at(path))
            .map_err(|source| DesktopError::File { path: path.to_owned(), source })
    }

    async fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        match fs::read(self.at(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DesktopError::File { path: path.to_owned(), source }),
        }
    }

    async fn exists(&mut self, path: &str) -> Result<bool, DesktopError> {
        Ok(self.at(path).symlink_metadata().is_ok())
    }

    async fn is_folder(&mut self, path: &str) -> Result<bool, DesktopError> {
        Ok(self.at(path).is_dir())
    }

    async fn windows(&mut self) -> Result<Vec<String>, DesktopError> {
        Ok(self.windows.clone())
    }
}

/// Does by hand what the checks ask for.
async fn solve(world: &mut Folder, checks: &[Check]) {
    for check in checks {
        match check {
            Check::File { path, text } => world.put(path, &format!("{text}\n")).await.unwrap(),
            Check::Missing { path } => fs::remove_file(world.at(path)).unwrap(),
            Check::Folder { path } => world.make_folder(path).await.unwrap(),
            Check::Window { title } => world.windows.push(format!("{title} - Thunar")),
        }
    }
}

async fn passes(world: &mut Folder, sample: &Sample) -> bool {
    look(world, &sample.checks).await.unwrap().iter().all(|finding| finding.holds)
}

#[tokio::test]
async fn doing_nothing_passes_no_sample_and_doing_what_is_asked_passes_each() {
    let suite = Suite::named("first-steps").unwrap();
    for (id, sample) in suite.samples() {
        let mut world = Folder::new();
        lay_out(&mut world, sample).await.unwrap();
        assert!(!passes(&mut world, sample).await, "{id} passes untouched");
        solve(&mut world, &sample.checks).await;
        let findings = look(&mut world, &sample.checks).await.unwrap();
        assert!(findings.iter().all(|finding| finding.holds), "{id}: {findings:?}");
    }
}

#[tokio::test]
async fn every_check_can_fail_on_its_own() {
    let suite = Suite::named("first-steps").unwrap();
    for (id, sample) in suite.samples() {
        for (n, check) in sample.checks.iter().enumerate() {
            let mut world = Folder::new();
            lay_out(&mut world, sample).await.unwrap();
            solve(&mut world, &sample.checks).await;
            match check {
                Check::File { path, .. } => world.put(path, "spoilt").await.unwrap(),
                Check::Missing { path } => world.put(path, "back again").await.unwrap(),
                Check::Folder { path } => fs::remove_dir_all(world.at(path)).unwrap(),
                Check::Window { .. } => world.windows.clear(),
            }
            let findings = look(&mut world, &sample.checks).await.unwrap();
            assert!(!findings[n].holds, "{id}, check {n}");
        }
    }
}

#[test]
fn one_newline_at_the_end_is_free_and_nothing_else_is() {
    for (found, text, expected) in [
        ("a", "a", true),
        ("a\n", "a", true),
        ("a", "a\n", true),
        ("a\n\n", "a", false),
        ("a ", "a", false),
        ("a\r\n", "a", false),
        ("A", "a", false),
        ("", "", true),
    ] {
        assert_eq!(same(found.as_bytes(), text), expected, "{found:?} {text:?}");
    }
}
