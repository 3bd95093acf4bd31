use super::*;

pub(crate) fn conditions() -> Conditions {
    Conditions {
        suite: "first-steps".to_owned(),
        suite_digest: "d".to_owned(),
        program: "p".to_owned(),
        solver: Solver::Nothing,
        models: "rules".to_owned(),
        weights: Default::default(),
        images: Default::default(),
        desktop: "x11".to_owned(),
        recipe: None,
        sight: Sight::Both,
        seed: 7,
        label: String::new(),
    }
}

fn plan(epochs: u32, shards: u32) -> Plan {
    let suite = Suite::named("first-steps").unwrap();
    let extent = Extent { epochs, shards, ..Extent::default() };
    Plan::new(&suite, conditions(), &extent).unwrap()
}

#[test]
fn more_epochs_keep_the_samples_there_were() {
    let (one, three) = (plan(1, 1), plan(3, 1));
    assert_eq!(one.items.len(), 15);
    assert_eq!(three.items.len(), 45);
    assert_eq!(three.items[..15], one.items);
    assert_eq!(one.name(), three.name());
    assert_eq!(plan(3, 1).bytes(), three.bytes());
}

#[test]
fn shards_share_out_all_samples_evenly() {
    for shards in [1, 2, 4, 7, 15, 40] {
        let plan = plan(1, shards);
        let mut all = Vec::new();
        let mut sizes = Vec::new();
        for shard in 0..shards {
            let items = plan.shard(shard).unwrap();
            sizes.push(items.len());
            all.extend(items);
        }
        let spread = sizes.iter().max().unwrap() - sizes.iter().min().unwrap();
        assert!(spread <= 1, "{shards}: {sizes:?}");
        all.sort_by_key(|item| plan.items.iter().position(|other| other == item));
        assert_eq!(all, plan.items);
        assert!(matches!(plan.shard(shards), Err(PlanError::NoShard { .. })));
    }
}

#[test]
fn whatever_a_result_depends_on_is_in_the_name() {
    let base = conditions();
    let others = [
        Conditions { suite_digest: "e".to_owned(), ..base.clone() },
        Conditions { program: "q".to_owned(), ..base.clone() },
        Conditions { solver: Solver::Refuse, ..base.clone() },
        Conditions { recipe: Some("xfce".to_owned()), ..base.clone() },
        Conditions { seed: 8, ..base.clone() },
        Conditions { label: "again".to_owned(), ..base.clone() },
        Conditions { sight: Sight::Tree, ..base.clone() },
    ];
    for other in others {
        assert_ne!(other.digest(), base.digest(), "{other:?}");
    }
    assert_eq!(base.digest(), base.clone().digest());
}

#[test]
fn a_plan_is_read_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(2, 3);
    fs::write(folder.path().join(FILE), plan.bytes()).unwrap();
    assert_eq!(Plan::read(folder.path()).unwrap(), plan);
    let later = Plan { format: FORMAT + 1, ..plan };
    fs::write(folder.path().join(FILE), later.bytes()).unwrap();
    assert!(matches!(Plan::read(folder.path()), Err(PlanError::Format { .. })));
}

#[test]
fn a_part_of_a_suite_can_be_named() {
    let suite = Suite::named("first-steps").unwrap();
    let only = |only: &str| {
        let extent = Extent { only: Some(only.to_owned()), ..Extent::default() };
        Plan::new(&suite, conditions(), &extent).map(|plan| plan.items.len()).ok()
    };
    assert_eq!(only("rename-or-move"), Some(3));
    assert_eq!(only("add-a-line-2"), Some(1));
    assert_eq!(only("no such thing"), None);
}

#[test]
fn shards_that_know_how_long_tasks_took_end_at_about_the_same_time() {
    let suite = Suite::named("desk").unwrap();
    // As long as the samples of a run of the suite took, from 4 s to a minute and a half.
    let long = |at: usize| {
        4_000 + (at as u64 * 7_919) % 41_000 + if at.is_multiple_of(13) { 45_000 } else { 0 }
    };
    let history: BTreeMap<String, u64> =
        suite.tasks.iter().enumerate().map(|(at, task)| (task.id.clone(), long(at))).collect();
    for shards in [2, 3, 4, 8, 16] {
        let extent = Extent { epochs: 2, shards, history: history.clone(), ..Extent::default() };
        let plan = Plan::new(&suite, conditions(), &extent).unwrap();
        let of =
            |items: Vec<Item>| (items.len(), items.iter().map(|it| history[&it.task]).sum::<u64>());
        let (sizes, loads): (Vec<usize>, Vec<u64>) =
            (0..shards).map(|shard| of(plan.shard(shard).unwrap())).unzip();
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
        let longest = *history.values().max().unwrap();
        let bound = (loads.iter().sum::<u64>() / u64::from(shards)).max(longest);
        let worst = *loads.iter().max().unwrap();
        assert!(worst * 100 <= bound * 115, "{shards}: {worst} for {bound}");
        // The same samples, in another order.
        let plain = Plan::new(&suite, conditions(), &Extent { epochs: 2, ..Extent::default() });
        let ids = |plan: &Plan| {
            let mut ids: Vec<_> = plan.items.iter().map(|item| item.id.clone()).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&plan), ids(&plain.unwrap()));
    }
}
