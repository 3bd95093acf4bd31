//! How far a build is, from what its programs say.
//!
//! mmdebstrap names its steps in lines that begin with `I:`; apt says how many packages are coming
//! and names each when it fetches, unpacks and sets it up. `qemu-img -p` writes percents.

use crate::progress::Progress;

/// A step of mmdebstrap that is worth showing, and how often it names each package.
const STEPS: [(&str, u64); 3] = [
    ("downloading packages", 1),
    ("installing essential packages", 2),
    ("installing remaining packages", 3),
];

/// What apt and dpkg say of a package, once each.
const NAMED: [&str; 3] = ["Get:", "Unpacking ", "Setting up "];

/// Percents have two places.
const PERCENTS_OF: u64 = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Course {
    /// Packages that are coming.
    packages: u64,
    /// How often the step under way names each; 0 where it does not.
    each: u64,
    named: u64,
}

impl Course {
    /// What a line tells.
    pub(crate) fn told(&mut self, line: &str) -> Vec<Progress> {
        if let Some(done) = percents(line) {
            return vec![Progress::Share { done, of: PERCENTS_OF }];
        }
        let mut told = Vec::new();
        if let Some(step) = line.strip_prefix("I: ") {
            self.named = 0;
            let known = STEPS.iter().find(|(name, _)| step.starts_with(name));
            self.each = known.map_or(0, |(_, each)| *each);
            told.extend(known.map(|_| Progress::Step(step.trim_end_matches('.').to_owned())));
        }
        if let Some(packages) = coming(line) {
            self.packages = packages;
        }
        told.push(Progress::Detail(line.to_owned()));
        let of = self.each * self.packages;
        if of > 0 && NAMED.iter().any(|word| line.starts_with(word)) {
            self.named += 1;
            told.push(Progress::Share { done: self.named.min(of), of });
        }
        told
    }
}

/// `0 upgraded, 85 newly installed, 0 to remove and 0 not upgraded.`
fn coming(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(" newly installed")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// `    (12.34/100%)`
fn percents(line: &str) -> Option<u64> {
    let (whole, places) = line.trim().strip_prefix('(')?.strip_suffix("/100%)")?.split_once('.')?;
    let (whole, places): (u64, u64) = (whole.parse().ok()?, places.parse().ok()?);
    (whole <= 100 && places < 100).then_some(whole * 100 + places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_is_a_course() {
        let mut course = Course::default();
        let said = "\
I: running apt-get update...
Get:1 http://deb.example/debian bookworm InRelease [151 kB]
I: downloading packages with apt...
0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.
Get:1 http://deb.example/debian bookworm/main amd64 a [1 kB]
Get:2 http://deb.example/debian bookworm/main amd64 b [1 kB]
I: installing essential packages...
Unpacking a (1) ...
Setting up a (1) ...
I: installing remaining packages inside the chroot...
0 upgraded, 5 newly installed, 0 to remove and 0 not upgraded.
Setting up c (1) ...
    (50.25/100%)";
        let told: Vec<String> = said
            .lines()
            .flat_map(|line| course.told(line))
            .filter_map(|progress| match progress {
                Progress::Step(step) => Some(step),
                Progress::Share { done, of } => Some(format!("{done}/{of}")),
                Progress::Detail(_) => None,
            })
            .collect();
        let expected = [
            "downloading packages with apt",
            "1/2",
            "2/2",
            "installing essential packages",
            "1/4",
            "2/4",
            "installing remaining packages inside the chroot",
            "1/15",
            "5025/10000",
        ];
        assert_eq!(told, expected);
        for junk in ["(1/100%)", "(x.1/100%)", "(101.00/100%)", " newly installed", "(", ""] {
            assert!(matches!(course.told(junk)[..], [Progress::Detail(_)]), "{junk}");
        }
    }
}
