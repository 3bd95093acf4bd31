//! Removing what no recipe, no clone and nobody's wish stands on any more.

use std::{fs, path::PathBuf};

use crate::{
    error::VmError,
    image::Image,
    progress::ProgressSink,
    recipe::Recipe,
    store::{Store, folders, is_hidden, remove},
    template::Template,
};

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub folders: Vec<PathBuf>,
}

impl Store {
    /// Removes leftovers, and every image and template but those that a recipe of today leads to
    /// or something that runs stands on. What was kept by name stays. Waits for a build to end.
    pub async fn prune(&self, progress: ProgressSink<'_>) -> Result<Pruned, VmError> {
        let _nobody_builds = self.build_lock(progress).await?;
        let mut keep = Vec::new();
        for image in Image::list(self)? {
            // Of a recipe that is no more, or not the user's any more.
            let Ok(recipe) = Recipe::named(&image.manifest.recipe) else { continue };
            keep.extend(Image::find(self, &recipe)?.map(|image| image.path));
            keep.extend(Template::find(self, &recipe).await?.map(|template| template.path));
        }
        let mut pruned = Pruned { folders: self.sweep()? };
        // Templates first, for images that only they stand on.
        for parent in [self.templates(), self.images()] {
            for path in folders(&parent)? {
                if !keep.contains(&path) && !is_hidden(&path) && !self.is_stood_on(&path) {
                    remove(&path)?;
                    pruned.folders.push(path);
                }
            }
        }
        Ok(pruned)
    }

    /// Whether a clone that runs now, or a template that is kept, stands on this folder.
    fn is_stood_on(&self, path: &std::path::Path) -> bool {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return true };
        let stands_on = |parent: PathBuf| {
            folders(&parent)
                .unwrap_or_default()
                .iter()
                .any(|other| fs::read_to_string(other.join("base")).is_ok_and(|base| base == name))
        };
        stands_on(self.clones()) || stands_on(self.templates())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::HeldFolder;

    #[tokio::test]
    async fn what_is_stood_on_stays_and_the_rest_goes() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let make = |path: PathBuf, base: &str| {
            fs::create_dir_all(&path).expect("made");
            fs::write(path.join("base"), base).expect("written");
            path
        };
        let used_image = make(store.images().join("used"), "");
        let idle_image = make(store.images().join("idle"), "");
        let used = make(store.templates().join("used-1"), "used");
        let idle = make(store.templates().join("idle-1"), "idle");
        let kept = make(store.kept().join("mine"), "");
        let left = make(root.path().join("..left"), "");
        let clone = HeldFolder::make(store.clones().join("desk-1-1")).expect("made");
        fs::write(clone.path.join("base"), "used-1").expect("written");
        let pruned = store.prune(&mut |_| {}).await.expect("pruned");
        assert_eq!(pruned.folders, [left, idle, idle_image]);
        assert!(used_image.is_dir() && used.is_dir() && kept.is_dir() && clone.path.is_dir());
        drop(clone);
        let pruned = store.prune(&mut |_| {}).await.expect("pruned");
        assert_eq!(pruned.folders, [used, used_image]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_build_is_waited_for() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let build = store.build_lock(&mut |_| {}).await.expect("nobody builds");
        let mut told = 0;
        let mut count = |_| told += 1;
        let soon = std::time::Duration::from_secs(5);
        assert!(tokio::time::timeout(soon, store.prune(&mut count)).await.is_err());
        assert!(told > 0, "nobody was told why nothing happens");
        drop(build);
        store.prune(&mut |_| {}).await.expect("it has ended");
    }
}
