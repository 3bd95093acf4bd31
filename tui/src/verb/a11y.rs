//! `deskbound a11y`: what applications show to the accessibility bus, on the user's own desktop or
//! on a virtual one that runs.

mod doctor;
mod remedy;
mod source;
mod watch;

use clap::{Args, Subcommand};
use deskbound_accessibility::{
    NodeId, Numbering, Numbers, Outline, OutlineLimits, Ranked, Readable, Selector, Tree,
    osworld_xml,
};
use deskbound_agent::sanitize;

use self::source::Source;
pub(crate) use self::source::session_bus;
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, escaped_xml, harmless, note, say};
use crate::tree;

#[derive(Debug, Subcommand)]
pub(crate) enum A11y {
    /// All that the applications show.
    Tree(Whole),
    /// What fits a query, such as `button "Save" enabled`.
    Find(Find),
    /// What changes, as it changes, until an interrupt.
    Watch(watch::Watch),
    /// Why there is no tree, or how each application fares.
    Doctor(doctor::Doctor),
}

/// Which desktop, and what of it.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// A virtual desktop that runs, in place of the session this is started in.
    #[arg(long, value_name = "NAME")]
    vm: Option<String>,
    /// Only windows with this in their title, or of an application with this in its name.
    #[arg(long, value_name = "TEXT")]
    window: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Whole {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    form: Form,
}

#[derive(Args, Debug)]
#[group(multiple = false)]
struct Form {
    /// As JSON, a flat list of nodes.
    #[arg(long)]
    json: bool,
    /// As the XML that OSWorld's server writes.
    #[arg(long)]
    xml: bool,
    /// As models read it.
    #[arg(long)]
    outline: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Find {
    /// Roles, states, names and texts: `button "Save" enabled`, `field text~"Dear"`,
    /// `menu-item in="File" !disabled`.
    query: String,
    /// The best first, by how much a name has to do with this phrase.
    #[arg(long, value_name = "PHRASE")]
    like: Option<String>,
    #[command(flatten)]
    which: Which,
    /// As JSON, a list of nodes.
    #[arg(long)]
    json: bool,
}

impl A11y {
    pub(crate) async fn run(&self) -> Result<Exit, Failure> {
        match self {
            Self::Tree(whole) => whole.run().await,
            Self::Find(find) => find.run().await,
            Self::Watch(watch) => watch.run().await,
            Self::Doctor(doctor) => doctor.run().await,
        }
    }
}

impl Which {
    async fn source(&self) -> Result<Source, Failure> {
        match &self.vm {
            Some(name) => Source::desktop(name).await,
            None => Source::session().await,
        }
    }

    async fn tree(&self, source: &Source) -> Result<Tree, Failure> {
        let tree = source.tree().await?;
        let Some(wanted) = &self.window else { return Ok(tree) };
        let wanted = wanted.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let fits = |id: &NodeId| has(tree.name(*id)) || has(&tree.app(*id).name);
        let windows: Vec<NodeId> = tree.frames().filter(fits).collect();
        Ok(tree.cropped(&windows))
    }

    /// The tree of this moment, and a word about what is not whole.
    async fn look(&self) -> Result<(Tree, Numbers), Failure> {
        let tree = self.tree(&self.source().await?).await?;
        for app in &tree.apps {
            if let Some(why) = remedy::of_app(app.status) {
                note(format_args!("note: {} {}", sanitize::line(&app.name), why.what));
            }
        }
        if let (true, Some(window)) = (tree.is_empty(), &self.window) {
            return Err(Failure::new(Exit::Failed, format!("no window has `{window}`"))
                .hint("`deskbound a11y tree` shows all of them"));
        }
        let numbers = Numbering::default().number(&tree);
        Ok((tree, numbers))
    }
}

impl Whole {
    async fn run(&self) -> Result<Exit, Failure> {
        let (tree, numbers) = self.which.look().await?;
        if self.form.json {
            say(json(&Readable::new(&tree, &numbers)));
        } else if self.form.xml {
            say(escaped_xml(&osworld_xml(&tree)));
        } else if self.form.outline {
            let outline = Outline::new(&tree, &numbers, &OutlineLimits::default());
            outline.text.lines().map(harmless).for_each(say);
        } else {
            tree::lines(&tree).for_each(say);
        }
        Ok(Exit::Done)
    }
}

impl Find {
    async fn run(&self) -> Result<Exit, Failure> {
        let selector: Selector = self.query.parse().map_err(|error| {
            Failure::usage(Box::new(error)).hint(r#"such as: button "Save" enabled"#)
        })?;
        let (tree, numbers) = self.which.look().await?;
        let found: Vec<Ranked> = match &self.like {
            Some(phrase) => tree.rank(&selector, phrase),
            None => tree.find(&selector).map(|node| Ranked { node, score: 1.0 }).collect(),
        };
        if self.json {
            let readable = Readable::new(&tree, &numbers);
            let nodes: Vec<_> = found.iter().map(|found| readable.node(found.node)).collect();
            say(json(&nodes));
        } else {
            for Ranked { node, score } in &found {
                let score = self.like.as_ref().map_or(String::new(), |_| format!("{score:.2}  "));
                let (number, line) = (numbers.of(*node), tree::line(&tree, *node));
                say(format_args!("{score}[{number}] {line}{}", whereabouts(&tree, *node)));
            }
        }
        Ok(if found.is_empty() { Exit::Failed } else { Exit::Done })
    }
}

/// The window it is in, and the application.
fn whereabouts(tree: &Tree, id: NodeId) -> String {
    let window = tree.ancestors(id).find(|above| tree.node(*above).depth == 1);
    let app = sanitize::line(&tree.app(id).name);
    match window {
        Some(window) => format!("  in “{}” of {app}", sanitize::line(tree.name(window))),
        None => format!("  of {app}"),
    }
}

fn json(value: &impl serde::Serialize) -> String {
    escaped(&serde_json::to_string_pretty(value).expect("names and numbers"))
}
