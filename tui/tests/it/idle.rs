//! An agent that does nothing must score nothing: otherwise a check holds by itself.

use deskbound_agent::desktop::DesktopError;
use deskbound_agent::run::Roles;
use deskbound_agent::stop::Stop;
use deskbound_agent::vm::VmDesktop;
use deskbound_eval::{
    Bench, Conditions, Extent, Plan, Solver, Status, Store as Results, Suite, Work,
};
use deskbound_host::{Purpose, install, missing};
use deskbound_models::{
    Actor, Context, Decision, GroundRequest, Grounder, Grounding, ModelError, Move,
};
use deskbound_vm::{Image, Recipe, Store, Template};

const RECIPE: &str = "minimal";

struct Idle;

impl Actor for Idle {
    fn decide(&mut self, _: &Context<'_>) -> Result<Decision, ModelError> {
        Ok(Decision::new(Move::Done, 1.0, ""))
    }
}

impl Grounder for Idle {
    fn ground(&mut self, _: &GroundRequest<'_>) -> Result<Grounding, ModelError> {
        Ok(Grounding::NotHere { best: 0.0 })
    }
}

struct OnClones;

impl Bench for OnClones {
    type Desktop = VmDesktop;

    async fn desktop(&self, recipe: &str) -> Result<VmDesktop, DesktopError> {
        VmDesktop::start(recipe).await
    }

    fn name(&self, recipe: &str) -> String {
        format!("vm:{recipe}")
    }

    fn roles(&self, _seed: u64) -> Result<Roles, String> {
        Ok(Roles { actor: Box::new(Idle), grounder: Box::new(Idle), viewer: None })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doing_nothing_scores_nothing() {
    install(&missing(Purpose::Run), &mut |step| eprintln!("{step}")).expect("installed");
    let store = Store::open().expect("the store opens");
    let recipe = Recipe::named(RECIPE).expect("it is shipped");
    Image::ensure(&store, &recipe, &mut |_| {}).await.expect("an image");
    Template::ensure(&store, &recipe, &mut |_| {}).await.expect("a template");
    let folder = tempfile::tempdir().expect("a folder");
    let suite = Suite::named("first-steps").expect("it is shipped");
    let conditions = Conditions {
        suite: suite.name.clone(),
        suite_digest: suite.digest.clone(),
        program: String::new(),
        solver: Solver::Models,
        models: "idle".to_owned(),
        weights: Default::default(),
        images: Default::default(),
        desktop: "vm".to_owned(),
        recipe: None,
        sight: Default::default(),
        seed: 0,
        label: String::new(),
    };
    let plan = Plan::new(&suite, conditions, &Extent::default()).expect("it has tasks");
    let work = Work {
        suite: &suite,
        conditions: &plan.conditions,
        store: &Results::make(folder.path(), &plan).expect("a folder"),
        bench: &OnClones,
        runs: folder.path().join("runs"),
        jobs: 1,
        stop: Stop::default(),
        until: None,
        told: &|_| {},
    };
    tokio::task::block_in_place(|| work.through(plan.items.clone())).expect("results are kept");
    let outcomes = Results::read(folder.path()).expect("results").outcomes();
    for outcome in &outcomes {
        let error = &outcome.error;
        assert_eq!(outcome.status, Status::Fail, "{}: {error:?}", outcome.item.id);
    }
    assert_eq!(outcomes.len(), 15);
}
