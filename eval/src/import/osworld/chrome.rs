//! Settings of Chrome, as they stand in its own files.

use serde_json::{Value, json};

/// One setting that tasks ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    SearchEngine,
    Bookmarks,
    Experiments,
    ProfileName,
    FontSize,
    DoNotTrack,
    EnhancedSafety,
    SafeBrowsing,
    FreshStart,
    ExtensionPaths,
    ExtensionNames,
    DeletedByItself,
    Language,
}

impl Fact {
    pub(super) fn named(getter: &str) -> Option<Self> {
        Some(match getter {
            "default_search_engine" => Self::SearchEngine,
            "bookmarks" => Self::Bookmarks,
            "enabled_experiments" => Self::Experiments,
            "profile_name" => Self::ProfileName,
            "chrome_font_size" => Self::FontSize,
            "enable_do_not_track" => Self::DoNotTrack,
            "enable_enhanced_safety_browsing" => Self::EnhancedSafety,
            "enable_safe_browsing" => Self::SafeBrowsing,
            "new_startup_page" => Self::FreshStart,
            "find_unpacked_extension_path" => Self::ExtensionPaths,
            "find_installed_extension_name" => Self::ExtensionNames,
            "data_delete_automacally" => Self::DeletedByItself,
            "chrome_language" => Self::Language,
            _ => return None,
        })
    }

    /// Below Chrome's own folder.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Bookmarks => "Default/Bookmarks",
            Self::Experiments | Self::Language => "Local State",
            _ => "Default/Preferences",
        }
    }

    /// What the file says of it, or what holds where it says nothing. `None`: there is no value.
    pub(super) fn of(self, file: Option<&Value>) -> Option<Value> {
        let nothing = Value::Null;
        let file_or = file.unwrap_or(&nothing);
        let at = |pointer: &str| file_or.pointer(pointer);
        let said = |truth: bool| Some(Value::from(if truth { "true" } else { "false" }));
        let extensions = |pointer: &str| {
            let all = at("/extensions/settings").and_then(Value::as_object);
            let each = all.into_iter().flat_map(|all| all.values());
            each.map(|one| one.pointer(pointer).cloned()).collect::<Option<Value>>()
        };
        match self {
            Self::SearchEngine => {
                let name = at("/default_search_provider_data/template_url_data/short_name");
                Some(name.cloned().unwrap_or_else(|| "Google".into()))
            }
            Self::Bookmarks => at("/roots").cloned(),
            Self::Experiments => {
                Some(at("/browser/enabled_labs_experiments").cloned().unwrap_or_else(|| json!([])))
            }
            Self::ProfileName => at("/profile/name").cloned(),
            Self::FontSize => {
                let usual = || json!({"default_fixed_font_size": 13, "default_font_size": 16});
                Some(at("/webkit/webprefs").cloned().unwrap_or_else(usual))
            }
            Self::DoNotTrack => said(is_true(at("/enable_do_not_track"))),
            Self::EnhancedSafety if file.is_none() => Some("Google".into()),
            Self::EnhancedSafety => said(is_true(at("/safebrowsing/enhanced"))),
            Self::SafeBrowsing => {
                said(is_true(at("/safebrowsing/enhanced")) || is_true(at("/safebrowsing/enabled")))
            }
            Self::FreshStart if file.is_none() => Some("Google".into()),
            Self::FreshStart => said(
                at("/session").is_none() || at("/session/restore_on_startup") == Some(&json!(5)),
            ),
            Self::ExtensionPaths => extensions("/path"),
            Self::ExtensionNames => extensions("/manifest/name"),
            Self::DeletedByItself => match at("/profile") {
                None => Some("Google".into()),
                Some(_) => said(at("/profile/default_content_setting_values").is_some()),
            },
            Self::Language => Some(at("/intl/app_locale").cloned().unwrap_or("en-US".into())),
        }
    }
}

/// As Python takes it.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(truth)) => *truth,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
    }
}

/// Whether the bookmarks are those that are wanted; `None` for a form that is not known.
pub(super) fn bookmarks_are(found: &Value, rules: &Value) -> Option<bool> {
    let bar = found.pointer("/bookmark_bar/children")?.as_array()?;
    let of_kind = |list: &[Value], kind: &str, field: &str| -> Vec<String> {
        let those = list.iter().filter(|it| it["type"] == *kind);
        those.filter_map(|it| it[field].as_str().map(str::to_owned)).collect()
    };
    Some(match rules["type"].as_str()? {
        "bookmark_bar_folders_names" => {
            same_set(&of_kind(bar, "folder", "name"), &listed(&rules["names"])?)
        }
        "bookmark_bar_websites_urls" => {
            same_set(&of_kind(bar, "url", "url"), &listed(&rules["urls"])?)
        }
        "liked_authors_websites_urls" => {
            let folder =
                bar.iter().find(|it| it["type"] == "folder" && it["name"] == "Liked Authors");
            let Some(folder) = folder else { return Some(false) };
            let urls = of_kind(folder["children"].as_array()?, "url", "url");
            let choices = rules["urls"].as_array()?.iter().map(|one| match one {
                Value::String(url) => Some(vec![url.clone()]),
                list => listed(list),
            });
            one_of_each(&urls, &choices.collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    })
}

/// Whether these are one of each choice, and nothing else.
fn one_of_each(urls: &[String], choices: &[Vec<String>]) -> bool {
    match choices.split_first() {
        None => urls.is_empty(),
        Some((first, rest)) => first.iter().any(|url| {
            let left: Vec<String> = urls.iter().filter(|other| *other != url).cloned().collect();
            // One address may stand for two choices.
            (left.len() < urls.len() && one_of_each(&left, rest))
                || (urls.contains(url) && one_of_each(urls, rest))
        }),
    }
}

pub(super) fn same_set(one: &[String], other: &[String]) -> bool {
    one.iter().all(|it| other.contains(it)) && other.iter().all(|it| one.contains(it))
}

fn listed(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_their_files() {
        let preferences = json!({
            "default_search_provider_data": {"template_url_data": {"short_name": "Bing"}},
            "profile": {"name": "Thomas", "default_content_setting_values": {"cookies": 4}},
            "webkit": {"webprefs": {"default_font_size": 20}},
            "enable_do_not_track": true,
            "safebrowsing": {"enabled": true},
            "session": {"restore_on_startup": 4},
            "extensions": {"settings": {"a": {"path": "/x", "manifest": {"name": "X"}}}},
        });
        for (getter, expected, without) in [
            ("default_search_engine", json!("Bing"), Some(json!("Google"))),
            ("profile_name", json!("Thomas"), None),
            (
                "chrome_font_size",
                json!({"default_font_size": 20}),
                Some(json!({"default_fixed_font_size": 13, "default_font_size": 16})),
            ),
            ("enable_do_not_track", json!("true"), Some(json!("false"))),
            ("enable_enhanced_safety_browsing", json!("false"), Some(json!("Google"))),
            ("enable_safe_browsing", json!("true"), Some(json!("false"))),
            ("new_startup_page", json!("false"), Some(json!("Google"))),
            ("find_unpacked_extension_path", json!(["/x"]), Some(json!([]))),
            ("find_installed_extension_name", json!(["X"]), Some(json!([]))),
            ("data_delete_automacally", json!("true"), Some(json!("Google"))),
        ] {
            let fact = Fact::named(getter).unwrap();
            assert_eq!(fact.of(Some(&preferences)), Some(expected), "{getter}");
            assert_eq!(fact.of(None), without, "{getter}");
        }
        let state = json!({"browser": {"enabled_labs_experiments": ["x@1"]},
            "intl": {"app_locale": "xh"}});
        assert_eq!(Fact::Experiments.of(Some(&state)), Some(json!(["x@1"])));
        assert_eq!(Fact::Language.of(Some(&state)), Some(json!("xh")));
        assert_eq!(Fact::named("cookie_data"), None);
    }

    #[test]
    fn bookmarks_are_compared_as_sets() {
        let url = |url: &str| json!({"type": "url", "url": url});
        let liked = json!({"type": "folder", "name": "Liked Authors",
            "children": [url("a1"), url("b")]});
        let found = json!({"bookmark_bar": {"children": [url("x"), url("y"), liked]}});
        let urls = |kind: &str, urls: Value| json!({"type": kind, "urls": urls});
        for (rules, expected) in [
            (urls("bookmark_bar_websites_urls", json!(["y", "x"])), Some(true)),
            (urls("bookmark_bar_websites_urls", json!(["x"])), Some(false)),
            (json!({"type": "bookmark_bar_folders_names", "names": ["Liked Authors"]}), Some(true)),
            (json!({"type": "bookmark_bar_folders_names", "names": []}), Some(false)),
            (urls("liked_authors_websites_urls", json!([["a1", "a2"], "b"])), Some(true)),
            (urls("liked_authors_websites_urls", json!([["a2"], "b"])), Some(false)),
            (urls("liked_authors_websites_urls", json!([["a1"]])), Some(false)),
            (urls("something else", json!([])), None),
        ] {
            assert_eq!(bookmarks_are(&found, &rules), expected, "{rules}");
        }
    }
}
