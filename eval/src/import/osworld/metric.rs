//! The metrics that need no office file and no web, as OSWorld's source defines them.

mod listing;
mod picture;
mod rule;

use serde_json::Value;

use super::chrome::{bookmarks_are, same_set};
use super::evaluator::NotHere;
use picture::Picture;
use rule::{compared, is_known, json_holds, texts};

/// What a getter brought.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fetched {
    Nothing,
    Text(String),
    File(Vec<u8>),
    Rule(Value),
    /// What is neither text nor file: a list, a size.
    Value(Value),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Metric {
    ExactMatch,
    IncludeExclude,
    MatchInList,
    IsInList,
    DirectJson,
    Json,
    JsonSettings,
    Keybinding,
    Config,
    Contains,
    Extension,
    Text {
        blanks: Blanks,
        case: Case,
    },
    Csv {
        strict: bool,
        case: Case,
    },
    /// Shares of lines that are alike.
    Likeness,
    /// The same text, or the same number.
    Result,
    /// Patterns over the lines of a file.
    Lines,
    /// Records of a table.
    Records,
    /// Settings of Thunderbird, and its filters.
    Prefs,
    Filters,
    /// A setting of GIMP.
    Status,
    Vlc(Setting),
    Playing,
    FullScreen,
    Clipboard,
    TimesOfDay,
    Universal,
    Favourites,
    Moved,
    Bookmarks,
    Experiments,
    FontSize,
    Installed,
    FileSize,
    Picture(Picture),
}

/// A line of VLC's settings, and what holds without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Plain { key: &'static str, rule: &'static str, usual: &'static str },
    GlobalPlay,
    Recordings,
    Sliders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blanks {
    Count,
    AreOne,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Counts,
    Ignored,
}

impl Metric {
    /// A form of a metric that is not here is one of the reasons.
    pub(super) fn named(name: &str, options: &Value, rules: &Value) -> Result<Self, NotHere> {
        let is = |option: &str| options[option].as_bool().unwrap_or(false);
        let missing = |what: String| Err(NotHere(format!("the metric {name}{what}")));
        let case = if is("ignore_case") { Case::Ignored } else { Case::Counts };
        Ok(match name {
            "check_json" if is("is_yaml") => return missing(" of YAML".to_owned()),
            "check_json" | "check_thunderbird_prefs" => {
                if let Some(method) = rule::methods(rules).find(|method| !is_known(method)) {
                    return missing(format!(" by {method}"));
                }
                if name == "check_json" { Self::Json } else { Self::Prefs }
            }
            "check_list" => {
                if let Some(pattern) = listing::unreadable(rules) {
                    return missing(format!(" with the pattern {pattern}"));
                }
                Self::Lines
            }
            "is_expected_bookmarks" if !is_bookmarks(rules) => {
                return missing(", in this form".to_owned());
            }
            "compare_text_file" => {
                let blanks = if is("ignore_blanks") { Blanks::AreOne } else { Blanks::Count };
                Self::Text { blanks, case }
            }
            "compare_csv" => {
                let strict = options["strict"].as_bool().unwrap_or(true);
                Self::Csv { strict, case }
            }
            _ => match Self::plain(name).or_else(|| Setting::named(name).map(Self::Vlc)) {
                Some(metric) => metric,
                None => Self::Picture(Picture::named(name, options, rules)?),
            },
        })
    }

    /// Those without options.
    fn plain(name: &str) -> Option<Self> {
        Some(match name {
            "exact_match" => Self::ExactMatch,
            "check_include_exclude" => Self::IncludeExclude,
            "match_in_list" => Self::MatchInList,
            "is_in_list" => Self::IsInList,
            "check_direct_json_object" => Self::DirectJson,
            "check_json_settings" => Self::JsonSettings,
            "check_json_keybindings" => Self::Keybinding,
            "compare_config" => Self::Config,
            "file_contains" => Self::Contains,
            "is_extension_installed" => Self::Extension,
            "diff_text_file" => Self::Likeness,
            "compare_result_files" => Self::Result,
            "check_csv" => Self::Records,
            "check_thunderbird_filter" => Self::Filters,
            "check_config_status" => Self::Status,
            "is_vlc_playing" => Self::Playing,
            "is_vlc_fullscreen" => Self::FullScreen,
            "is_in_vm_clickboard" => Self::Clipboard,
            "check_line_number" => Self::TimesOfDay,
            "is_utc_0" => Self::Universal,
            "check_gnome_favorite_apps" => Self::Favourites,
            "check_moved_jpgs" => Self::Moved,
            "is_expected_bookmarks" => Self::Bookmarks,
            "check_enabled_experiments" => Self::Experiments,
            "check_font_size" => Self::FontSize,
            "is_expected_installed_extensions" => Self::Installed,
            "check_image_file_size" => Self::FileSize,
            _ => return None,
        })
    }

    /// Between nothing and 1. What could not be fetched scores nothing.
    pub(super) fn score(&self, result: &Fetched, expected: &Fetched) -> f64 {
        let share = match self {
            Self::Picture(picture) => picture.score(result, expected),
            Self::Likeness => result.text().zip(expected.text()).map(|(one, other)| {
                let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
                listing::likeness(&lines(&one), &lines(&other))
            }),
            _ => self.holds(result, expected).map(|holds| if holds { 1.0 } else { 0.0 }),
        };
        share.unwrap_or(0.0)
    }

    fn holds(&self, result: &Fetched, expected: &Fetched) -> Option<bool> {
        let rules = match expected {
            Fetched::Rule(rules) => rules,
            _ => &Value::Null,
        };
        if let Some(holds) = self.of_values(result, expected, rules) {
            return holds;
        }
        let found = result.text()?;
        let wanted = &rules["expected"];
        Some(match self {
            Self::IncludeExclude => {
                texts(&rules["include"])?.iter().all(|text| found.contains(text.as_str()))
                    && !texts(&rules["exclude"])?.iter().any(|text| found.contains(text.as_str()))
            }
            Self::IsInList => found.contains(wanted.as_str()?),
            Self::DirectJson => {
                // As it is there: with the quotes of Python taken for those of JSON.
                let found = serde_json::from_str(&found.trim().replace('\'', "\"")).ok()?;
                rule::direct(&found, rules)?
            }
            Self::Json => json_holds(&serde_json::from_str(&found).ok()?, rules)?,
            Self::JsonSettings => {
                let found: Value = serde_json::from_str(&found).ok()?;
                wanted.as_object()?.iter().all(|(key, value)| found.get(key) == Some(value))
            }
            Self::Keybinding => keybindings(&found)?.contains(wanted),
            Self::Config => wanted.as_str() == Some(&found),
            Self::Contains => texts(wanted)?.iter().all(|text| found.contains(text.as_str())),
            Self::Extension => {
                let is_there = found.contains(wanted.as_str()?);
                match rules["type"].as_str()? {
                    "contain" => is_there,
                    "not_contain" => !is_there,
                    _ => return None,
                }
            }
            Self::Text { blanks, case } => {
                let form = |text: &str| cased(&blanked(text, *blanks), *case);
                form(&found) == form(&expected.file()?)
            }
            Self::Csv { strict, case } => {
                let lines = |text: &str| -> Vec<String> {
                    let lines = text.split_inclusive('\n');
                    let lines = lines.map(|line| if *strict { line } else { line.trim() });
                    lines.map(|line| cased(line, *case)).collect()
                };
                lines(&found) == lines(&expected.file()?)
            }
            Self::Result => same_result(&found, &expected.file()?),
            Self::Lines => listing::lines_hold(&found, rules)?,
            Self::Records => listing::records_hold(&listing::csv(&found), rules)?,
            Self::Filters => listing::records_hold(&listing::filters(&found), rules)?,
            Self::Prefs => listing::prefs_hold(&found, rules)?,
            Self::Status => status_is(&found, rules)?,
            Self::Vlc(setting) => setting.is(&found, rules)?,
            Self::Playing => playing(&found, rules)?,
            Self::TimesOfDay => Some(listing::times(&found)) == wanted.as_str()?.parse().ok(),
            Self::Universal => found.split('\n').nth(3)?.ends_with("+0000)"),
            Self::Favourites => {
                let found = serde_json::from_str(&found.trim().replace('\'', "\"")).ok()?;
                let (found, wanted) = (texts(&found)?, texts(wanted)?);
                found.len() == wanted.len() && same_set(&found, &wanted)
            }
            _ => return None,
        })
    }

    /// Those that look at more than text; `None` for all others.
    fn of_values(
        &self,
        result: &Fetched,
        expected: &Fetched,
        rules: &Value,
    ) -> Option<Option<bool>> {
        let value = || match result {
            Fetched::Value(value) => Some(value.clone()),
            other => other.text().map(Value::from),
        };
        let wanted = &rules["expected"];
        let holds = || {
            Some(match self {
                Self::ExactMatch => value()? == *wanted,
                Self::MatchInList => wanted.as_array()?.contains(&value()?),
                Self::DirectJson => match result {
                    Fetched::Value(found) => rule::direct(found, rules)?,
                    _ => return None,
                },
                Self::FullScreen => match (result, expected) {
                    (Fetched::Value(one), Fetched::Value(other)) => one == other,
                    _ => false,
                },
                // The rule comes first here, and what was found second.
                Self::Clipboard => {
                    let Fetched::Rule(rules) = result else { return None };
                    let found = expected.text()?;
                    match &rules["expected"] {
                        Value::String(text) => found.contains(text.as_str()),
                        list => texts(list)?.iter().all(|text| found.contains(text.as_str())),
                    }
                }
                Self::Moved => {
                    let (found, wanted) = (texts(&value()?)?, texts(wanted)?);
                    found.len() == wanted.len() && same_set(&found, &wanted)
                }
                Self::Bookmarks | Self::Experiments | Self::FontSize | Self::Installed => {
                    self.of_chrome(&value()?, rules)?
                }
                Self::IsInList => match result {
                    Fetched::Value(list) => list.as_array()?.contains(wanted),
                    _ => return None,
                },
                Self::FileSize => match result {
                    Fetched::File(bytes) => {
                        u64::try_from(bytes.len()).ok()? < rules["max_size"].as_u64()?
                    }
                    _ => false,
                },
                _ => return None,
            })
        };
        let is_one = match self {
            Self::DirectJson | Self::IsInList => matches!(result, Fetched::Value(_)),
            Self::ExactMatch
            | Self::MatchInList
            | Self::FullScreen
            | Self::Clipboard
            | Self::Moved
            | Self::Bookmarks
            | Self::Experiments
            | Self::FontSize
            | Self::Installed
            | Self::FileSize => true,
            _ => false,
        };
        is_one.then(holds)
    }

    /// Those that look at what a browser has stored.
    fn of_chrome(&self, found: &Value, rules: &Value) -> Option<bool> {
        Some(match self {
            Self::Bookmarks => bookmarks_are(found, rules)?,
            Self::Experiments => {
                let found = texts(found)?;
                let names = found.iter().map(|it| it.split('@').next().unwrap_or_default());
                names.eq(texts(&rules["names"])?.iter().map(String::as_str))
            }
            Self::FontSize => {
                let size = found["default_font_size"].as_f64()?;
                match rules["type"].as_str()? {
                    "value" => Some(size) == rules["value"].as_f64(),
                    "range" => rules["min"].as_f64()? < size && size < rules["max"].as_f64()?,
                    _ => return None,
                }
            }
            Self::Installed => {
                let (found, wanted) = (texts(found)?, texts(&rules["expected"])?);
                !found.is_empty() && wanted.iter().all(|name| found.contains(name))
            }
            _ => return None,
        })
    }
}

impl Fetched {
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::File(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Nothing | Self::Rule(_) | Self::Value(_) => None,
        }
    }

    fn file(&self) -> Option<String> {
        match self {
            Self::File(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }
}

impl Setting {
    fn named(name: &str) -> Option<Self> {
        let plain = |key, rule, usual| Self::Plain { key, rule, usual };
        Some(match name {
            "check_qt_bgcone" => plain("qt-bgcone=", "expected_qt_bgcone", "1"),
            "check_qt_max_volume" => plain("qt-max-volume=", "expected_qt_max_volume", "125"),
            "check_qt_minimal_view" => plain("qt-minimal-view=", "expected_qt_minimal_view", "0"),
            "check_one_instance_when_started_from_file" => plain(
                "one-instance-when-started-from-file=",
                "expected_one_instance_when_started_from_file",
                "1",
            ),
            "check_global_key_play_pause" => Self::GlobalPlay,
            "is_vlc_recordings_folder" => Self::Recordings,
            "check_qt_slider_colours" => Self::Sliders,
            _ => return None,
        })
    }

    /// The last line with a key counts, a comment too, as it does there.
    fn is(self, found: &str, rules: &Value) -> Option<bool> {
        let last = |key: &str| {
            let line = found.split('\n').rfind(|line| line.contains(key));
            line.map(|line| line.rsplit('=').next().unwrap_or_default().trim().to_owned())
        };
        let wanted = |rule: &str| match &rules[rule] {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Some(match self {
            Self::Plain { key, rule, usual } => {
                last(key).unwrap_or(usual.to_owned()) == wanted(rule)?
            }
            Self::GlobalPlay => {
                let is_set = last("global-key-play-pause=").is_some_and(|key| !key.is_empty());
                (if is_set { "1" } else { "0" }) == wanted("expected_global_key_play_pause")?
            }
            Self::Recordings => {
                let mut lines = found.split('\n').filter(|line| !line.starts_with('#'));
                let line = lines.find(|line| line.contains("input-record-path"));
                let path = line.map(|line| line.rsplit('=').next().unwrap_or_default().trim());
                path == Some(rules["recording_file_path"].as_str()?)
            }
            Self::Sliders => {
                let usual = "153;210;153;20;210;20;255;199;15;245;39;29".to_owned();
                let colours = last("qt-slider-colours").unwrap_or(usual);
                match rules["type"].as_str()? {
                    "match" => Some(colours) == wanted("expected_qt_slider_colours"),
                    "blackish" => {
                        let parts = colours.split(';').map(|part| part.trim().parse::<i64>());
                        let parts = parts.collect::<Result<Vec<_>, _>>().ok()?;
                        let (whole, _) = parts.as_chunks::<3>();
                        whole.as_flattened().iter().all(|part| *part < 100)
                    }
                    _ => return None,
                }
            }
        })
    }
}

fn is_bookmarks(rules: &Value) -> bool {
    let empty = serde_json::json!({"bookmark_bar": {"children": []}});
    bookmarks_are(&empty, rules).is_some()
}

/// Whether VLC says that it plays this.
fn playing(status: &str, rules: &Value) -> Option<bool> {
    let between = |open: &str| {
        let rest = &status[status.find(open)? + open.len()..];
        Some(rest[..rest.find('<')?].trim().to_owned())
    };
    if between("<state>")? != "playing" {
        return Some(false);
    }
    let info = |names: &[&str]| {
        let each = names.iter().filter_map(|name| between(&format!("<info name=\"{name}\">")));
        let plain = |text: String| text.replace("&amp;", "&").replace("&#39;", "'");
        each.map(plain).find(|text| !text.is_empty())
    };
    Some(match rules["type"].as_str()? {
        "file_name" => {
            let found = info(&["filename", "title", "uri", "location", "name"]);
            found.is_some_and(|found| found.ends_with(rules["file_name"].as_str().unwrap_or("\0")))
        }
        "url" => {
            let wanted = rules["url"].as_str()?;
            let last = wanted.rsplit('/').next().unwrap_or_default();
            info(&["url", "URI", "location", "title", "filename"])
                .is_some_and(|found| found.contains(wanted) || found == last)
        }
        _ => return None,
    })
}

/// `(key value)`, one a line.
fn status_is(found: &str, rules: &Value) -> Option<bool> {
    let key = match &rules["key"] {
        Value::String(key) => vec![key.clone()],
        list => texts(list).filter(|keys| keys.len() == 2)?,
    };
    let value = rules["value"].as_str()?;
    let lines = found.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    Some(lines.map(str::trim).any(|line| {
        let line = line.trim_start_matches('(').trim_end_matches(')');
        let words: Vec<&str> = line.split_whitespace().collect();
        let starts = words.len() >= key.len() && key.iter().zip(&words).all(|(a, b)| a == b);
        starts && words.last() == Some(&value)
    }))
}

/// As texts; and where a number is wanted, also as one, or with it somewhere inside.
fn same_result(found: &str, wanted: &str) -> bool {
    let (found, wanted) = (found.trim(), wanted.trim());
    match wanted.parse::<f64>() {
        Ok(number) => {
            let near = |found: f64| (found - number).abs() < 1e-4;
            found.contains(wanted) || found.parse().is_ok_and(near)
        }
        Err(_) => found == wanted,
    }
}

fn blanked(text: &str, blanks: Blanks) -> String {
    match blanks {
        Blanks::Count => text.to_owned(),
        Blanks::AreOne => text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

fn cased(text: &str, case: Case) -> String {
    match case {
        Case::Counts => text.to_owned(),
        Case::Ignored => text.to_lowercase(),
    }
}

/// A list of bindings, which may have a line of comment before it.
fn keybindings(text: &str) -> Option<Vec<Value>> {
    let whole = serde_json::from_str(text).ok();
    let rest = || serde_json::from_str(text.split_once('\n')?.1).ok();
    whole.or_else(rest)
}

#[cfg(test)]
mod tests;
