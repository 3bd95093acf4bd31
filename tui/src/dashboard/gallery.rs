//! Fetches pictures and trees, away from the thread that draws. Only the newest wish is kept: who
//! leafs through a thousand steps waits for the one they stop at.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use deskbound_accessibility::{Numbered, Numbering, ScreenPx, ScreenRect, Tree, news};
use deskbound_agent::elements::elements;
use deskbound_agent::journal::Attached;
use deskbound_models::Candidate;
use image::RgbImage;

use super::graphics::{Marks, Means, Raster, pack};
use super::helm::Sight;
use super::moment::LookId;
use super::picture::{Extent, Fidelity, Picture, Zoom};

/// Unpacked screens that are kept: those around the one that is looked at.
const SCREENS_KEPT: usize = 6;
/// How much closer the surroundings of a target are shown.
const CROP_LEVEL: u8 = 2;
/// Lines of what changed.
const CHANGES_MAX: usize = 40;

/// What is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) look: LookId,
    pub(crate) frame: Option<Attached>,
    pub(crate) tree: Option<Attached>,
    /// The tree after the step, to say what changed.
    pub(crate) after: Option<Attached>,
    /// A newer screen than the recorded one.
    pub(crate) sight: Option<Sight>,
    /// Also the surroundings of this point, as large as this.
    pub(crate) crop: Option<(ScreenPx, Extent)>,
    pub(crate) zoom: Zoom,
    pub(crate) room: Extent,
    /// `None` where a picture of cells says nothing.
    pub(crate) fidelity: Option<Fidelity>,
    /// Also in the terminal's own pixels, with this marked on it.
    pub(crate) raster: Option<(Means, Marks)>,
}

/// What was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Exhibit {
    pub(crate) request: Request,
    pub(crate) picture: Option<Picture>,
    pub(crate) crop: Option<Picture>,
    /// The picture, packed for the terminal.
    pub(crate) raster: Option<Arc<Vec<u8>>>,
    pub(crate) tree: Option<Arc<Tree>>,
    pub(crate) outline: Arc<Vec<OutlineRow>>,
    /// What the step changed, one thing a line.
    pub(crate) changes: Arc<Vec<String>>,
    /// Why something is missing.
    pub(crate) fault: Option<String>,
}

/// One thing on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutlineRow {
    pub(crate) role: String,
    pub(crate) name: String,
    pub(crate) context: String,
    pub(crate) bounds: Option<ScreenRect>,
}

impl OutlineRow {
    /// Whether this is what a phrase was found to mean.
    pub(crate) fn is(&self, found: &Candidate) -> bool {
        self.role == found.role && self.name == found.name && self.context == found.context
    }

    /// In any case of letters.
    pub(crate) fn says(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        [&self.role, &self.name, &self.context].iter().any(|text| {
            let text = text.to_lowercase();
            text.contains(&words)
        })
    }
}

/// The thread and its mailbox.
pub(crate) struct Gallery {
    mailbox: Arc<Mailbox>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Mailbox {
    content: Mutex<Content>,
    changed: Condvar,
}

#[derive(Default)]
struct Content {
    wish: Option<Request>,
    closed: bool,
}

impl Gallery {
    /// Pictures of the run that lies in `run`; each is handed to `deliver`.
    pub(crate) fn open(run: PathBuf, deliver: impl Fn(Exhibit) + Send + 'static) -> Self {
        let mailbox = Arc::<Mailbox>::default();
        let ours = Arc::clone(&mailbox);
        let thread = thread::spawn(move || {
            let mut curator = Curator::new(run);
            while let Some(request) = ours.next() {
                deliver(curator.fetch(request));
            }
        });
        Self { mailbox, thread: Some(thread) }
    }

    /// Never waits.
    pub(crate) fn ask(&self, request: Request) {
        self.mailbox.lock().wish = Some(request);
        self.mailbox.changed.notify_one();
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.mailbox.lock().closed = true;
        self.mailbox.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic in there has been told by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Content> {
        // The content is whole at any moment.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Request> {
        let mut content = self.lock();
        loop {
            if content.closed {
                return None;
            }
            if let Some(wish) = content.wish.take() {
                return Some(wish);
            }
            content = self.changed.wait(content).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Reads, checks and scales; remembers what it has read.
pub(crate) struct Curator {
    run: PathBuf,
    screens: VecDeque<(Attached, Arc<RgbImage>)>,
    trees: VecDeque<(Attached, Arc<Tree>)>,
}

impl Curator {
    pub(crate) fn new(run: PathBuf) -> Self {
        Self { run, screens: VecDeque::new(), trees: VecDeque::new() }
    }

    pub(crate) fn fetch(&mut self, request: Request) -> Exhibit {
        let mut fault = None;
        let mut kept = |result: Result<_, deskbound_agent::journal::Fault>| {
            result.map_err(|found| fault = Some(found.to_string())).ok()
        };
        let tree = request.tree.as_ref().and_then(|tree| kept(self.tree(tree)));
        let later = request.after.as_ref().and_then(|tree| kept(self.tree(tree)));
        let screen = match (&request.sight, &request.frame) {
            _ if request.fidelity.is_none() => None,
            (Some(Sight(screen)), _) => Some(Arc::clone(screen)),
            (None, Some(frame)) => match self.screen(frame) {
                Ok(screen) => Some(screen),
                Err(found) => {
                    fault = Some(found.to_string());
                    None
                }
            },
            (None, None) => None,
        };
        let scaled = |zoom, room| Picture::of(screen.as_deref()?, zoom, room, request.fidelity?);
        let picture = scaled(request.zoom, request.room);
        let crop = request
            .crop
            .and_then(|(centre, room)| scaled(Zoom { level: CROP_LEVEL, centre }, room));
        let raster = screen.as_deref().zip(picture.as_ref());
        let raster = raster.and_then(|(screen, picture)| rastered(&request, screen, picture));
        let outline = tree.as_deref().map(outline).unwrap_or_default();
        let changes = tree.as_deref().zip(later.as_deref()).map(changes).unwrap_or_default();
        let (outline, changes) = (Arc::new(outline), Arc::new(changes));
        Exhibit { request, picture, crop, raster, tree, outline, changes, fault }
    }

    fn screen(
        &mut self,
        file: &Attached,
    ) -> Result<Arc<RgbImage>, deskbound_agent::journal::Fault> {
        remembered(&mut self.screens, file, || file.frame(&self.run))
    }

    fn tree(&mut self, file: &Attached) -> Result<Arc<Tree>, deskbound_agent::journal::Fault> {
        remembered(&mut self.trees, file, || file.tree(&self.run))
    }
}

fn remembered<T, E>(
    memory: &mut VecDeque<(Attached, Arc<T>)>,
    file: &Attached,
    read: impl FnOnce() -> Result<T, E>,
) -> Result<Arc<T>, E> {
    if let Some((_, known)) = memory.iter().find(|(name, _)| name == file) {
        return Ok(Arc::clone(known));
    }
    let read = Arc::new(read()?);
    if memory.len() == SCREENS_KEPT {
        memory.pop_front();
    }
    memory.push_back((file.clone(), Arc::clone(&read)));
    Ok(read)
}

/// The picture's part of the screen in the terminal's pixels. Where it cannot be packed, cells remain.
fn rastered(request: &Request, screen: &RgbImage, picture: &Picture) -> Option<Arc<Vec<u8>>> {
    let (means, marks) = request.raster.as_ref()?;
    let mut raster = Raster::of(screen, picture.part, picture.extent, *means);
    raster.mark(marks);
    pack(&raster, *means).ok().map(Arc::new)
}

fn outline(tree: &Tree) -> Vec<OutlineRow> {
    let numbers = Numbering::default().number(tree);
    let rows = elements(tree, &numbers).into_iter().map(|element| OutlineRow {
        role: element.candidate.role,
        name: element.candidate.name,
        context: element.candidate.context,
        bounds: Some(element.bounds),
    });
    rows.collect()
}

fn changes((before, after): (&Tree, &Tree)) -> Vec<String> {
    let mut numbering = Numbering::default();
    let (old, new) = (numbering.number(before), numbering.number(after));
    let before = Numbered { tree: before, numbers: &old };
    let after = Numbered { tree: after, numbers: &new };
    news(before, after).iter().take(CHANGES_MAX).map(ToString::to_string).collect()
}
