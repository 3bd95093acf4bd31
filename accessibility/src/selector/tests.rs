use proptest::prelude::*;

use super::*;
use crate::sample::{Facts, Sample};

fn tree() -> Tree {
    Sample::default()
        .app("mousepad")
        .put_with(
            1,
            Role::Frame,
            "Untitled 1",
            Facts { states: &[State::Active], ..Facts::default() },
        )
        .put(2, Role::Button, "Save")
        .put_with(
            2,
            Role::Button,
            "Save As…  ",
            Facts { without: &[State::Enabled, State::Sensitive], ..Facts::default() },
        )
        .put_with(
            2,
            Role::Text,
            "",
            Facts { text: "Dear \"all\",\nhello", states: &[State::Focused], ..Facts::default() },
        )
        .app("thunar")
        .put(1, Role::Frame, "home")
        .put(2, Role::ToggleButton, "save")
        .finish()
}

#[test]
fn a_query_finds() {
    let tree = tree();
    let check = |query: &str, found: &[u32]| {
        let selector: Selector = query.parse().unwrap_or_else(|error| panic!("{query}: {error}"));
        let ids: Vec<u32> = tree.find(&selector).map(|id| id.0).collect();
        assert_eq!(ids, found, "{query}");
    };
    check("", &[0, 1, 2, 3, 4, 5, 6, 7]);
    check("button", &[2, 3]);
    check("role=push-button", &[2, 3]);
    check("button|toggle-button enabled", &[2, 7]);
    check("button disabled", &[3]);
    check("button !enabled", &[3]);
    check(r#""Save""#, &[2]);
    check(r#"name="Save As…""#, &[3]);
    check(r#"~"save""#, &[2, 3, 7]);
    check("name~save app=thunar", &[7]);
    check("name~save in~UNTITLED", &[2, 3]);
    check(r#"field text~"\"ALL\",\nhello" state=focused"#, &[4]);
    check("in=home", &[7]);
    check("in=home !showing", &[]);
    check("frame active", &[1]);
}

#[test]
fn what_cannot_be_read_says_why() {
    let check = |query: &str, says: &str| {
        let error = query.parse::<Selector>().expect_err(query);
        assert_eq!(error.to_string(), says);
    };
    check("buton", "`buton` is no role and no state (is `button` meant?)");
    check("qqq", "`qqq` is no role and no state");
    check("!chekced", "`chekced` is no state (is `checked` meant?)");
    check("state=button", "`button` is no state");
    check("role=lnik", "`lnik` is no role (is `link` meant?)");
    check("button link", "`role` is asked for twice");
    check("button \"a\" name=b", "`name` is asked for twice");
    check("colour=red", "`colour` cannot be asked for; role, state, name, text, app and in can");
    check("name=", "a value is missing behind `name`");
    check("role~but", "`role` is one of a list and cannot be asked for with `~`");
    check("button \"Sa", "the quote that begins at character 8 does not end");
    check(r#""ü\x""#, r#"`\x` at character 3 means nothing; `\"`, `\\`, `\n` and `\t` do"#);
    check("button (1)", "`(` at character 8 is out of place");
    check(&"x".repeat(3_000), "the query is longer than 2000 bytes");
}

fn wordings() -> impl Strategy<Value = Option<Wording>> {
    let text = "(\\PC|[\"\\\\\n\t~=! ]){0,20}";
    prop::option::of(prop_oneof![text.prop_map(Wording::Is), text.prop_map(Wording::Has)])
}

proptest! {
    #[test]
    fn a_selector_is_read_as_it_is_written(
        roles in prop::collection::btree_set(0_u32..130, 0..4),
        (name, text, app, inside) in (wordings(), wordings(), wordings(), wordings()),
        (states, without) in (any::<[u32; 2]>(), any::<[u32; 2]>()),
    ) {
        let selector = Selector {
            roles: roles.into_iter().map(wire::role_of).collect(),
            name, text, app, inside,
            states: wire::states_of(&states),
            without: wire::states_of(&without),
        };
        prop_assert_eq!(selector.to_string().parse(), Ok(selector));
    }

    #[test]
    fn any_text_is_a_query_or_an_error(query in "[a-z=~!|\" \\\\é\n]{0,40}|\\PC{0,40}") {
        if let Ok(selector) = query.parse::<Selector>() {
            let tree = tree();
            let found = tree.find(&selector).count();
            prop_assert!(found <= tree.len());
            prop_assert_eq!(selector.to_string().parse(), Ok(selector));
        }
    }
}
