//! What each toolkit was measured to do. Everything that depends on a toolkit stands here.

use std::fmt;

use crate::tree::App;

/// Who draws an application and speaks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolkit {
    Gtk3,
    Gtk4,
    Qt,
    Gecko,
    Chromium,
    /// Drawn with GTK or Qt around, its own widgets inside.
    LibreOffice,
    Unknown,
}

/// What can be wanted of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    Press,
    SetText,
    InsertText,
    SetValue,
    Focus,
    Select,
    ScrollTo,
    Expand,
    Collapse,
    Check,
}

impl Toolkit {
    pub(crate) fn of(app: &str, toolkit: &str, version: &str) -> Self {
        let is = |name: &str| toolkit.eq_ignore_ascii_case(name);
        if app.eq_ignore_ascii_case("soffice") || is("vcl") {
            Self::LibreOffice
        } else if app.is_empty() {
            // An office in the guise of GTK tells itself only by its name.
            Self::Unknown
        } else if is("gtk") && version.starts_with("4.") {
            Self::Gtk4
        } else if is("gtk") && version.starts_with("3.") {
            Self::Gtk3
        } else if is("qt") {
            Self::Qt
        } else if is("gecko") {
            Self::Gecko
        } else if is("chromium") {
            Self::Chromium
        } else {
            Self::Unknown
        }
    }

    pub(crate) fn of_app(app: &App) -> Self {
        Self::of(&app.name, &app.toolkit, &app.toolkit_version)
    }

    /// GTK 4 says SHOWING only of its windows.
    pub(crate) fn says_showing(self) -> bool {
        self != Self::Gtk4
    }

    /// Asking for the children of an object that manages its descendants is safe. LibreOffice
    /// never comes back from it.
    pub(crate) fn lists_managed(self) -> bool {
        matches!(self, Self::Gtk3 | Self::Gtk4 | Self::Qt)
    }

    /// Qt's cache is empty, LibreOffice can die of being asked for its own.
    pub(crate) fn has_cache(self) -> bool {
        matches!(self, Self::Gtk3 | Self::Gtk4 | Self::Gecko | Self::Chromium)
    }

    /// Whether an action has an effect there. Some toolkits say yes to all and do nothing: then the
    /// pointer and the keys are the way.
    pub(crate) fn honours(self, action: ActionKind) -> bool {
        match action {
            ActionKind::Press | ActionKind::Expand | ActionKind::Collapse | ActionKind::Check => {
                true
            }
            ActionKind::SetText | ActionKind::InsertText => {
                matches!(self, Self::Gtk3 | Self::Qt | Self::Unknown)
            }
            ActionKind::SetValue => self != Self::LibreOffice,
            ActionKind::Focus => self != Self::Gtk4,
            // Qt has no such interface before 6.5, Chromium says no.
            ActionKind::Select => !matches!(self, Self::Qt | Self::Chromium),
            ActionKind::ScrollTo => matches!(self, Self::Gecko | Self::Chromium),
        }
    }

    /// What folds is folded by its default action, which has another name on each thing.
    pub(crate) fn unfolds_by_default(self) -> bool {
        matches!(self, Self::Gecko | Self::Chromium)
    }

    /// Offers a socket of its own, past the bus.
    pub(crate) fn has_peer(self) -> bool {
        matches!(self, Self::Gtk3 | Self::Gecko | Self::Chromium | Self::LibreOffice)
    }
}

impl fmt::Display for Toolkit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gtk3 => "GTK 3",
            Self::Gtk4 => "GTK 4",
            Self::Qt => "Qt",
            Self::Gecko => "Firefox",
            Self::Chromium => "Chromium",
            Self::LibreOffice => "LibreOffice",
            Self::Unknown => "an unknown toolkit",
        })
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Press => "pressing",
            Self::SetText => "setting a text",
            Self::InsertText => "inserting a text",
            Self::SetValue => "setting a value",
            Self::Focus => "focusing",
            Self::Select => "selecting",
            Self::ScrollTo => "scrolling into view",
            Self::Expand => "expanding",
            Self::Collapse => "collapsing",
            Self::Check => "checking",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was measured on real applications; a change here has to be measured too.
    #[test]
    fn what_is_offered_is_what_was_seen_to_work() {
        use ActionKind::*;
        let all = [Press, SetText, InsertText, SetValue, Focus, Select, ScrollTo, Expand, Collapse];
        let check = |toolkit: Toolkit, refused: &[ActionKind]| {
            let not = all.into_iter().filter(|action| !toolkit.honours(*action));
            assert_eq!(not.collect::<Vec<_>>(), refused, "{toolkit}");
        };
        check(Toolkit::Gtk3, &[ScrollTo]);
        check(Toolkit::Qt, &[Select, ScrollTo]);
        check(Toolkit::Unknown, &[ScrollTo]);
        check(Toolkit::Gtk4, &[SetText, InsertText, Focus, ScrollTo]);
        check(Toolkit::Gecko, &[SetText, InsertText]);
        check(Toolkit::Chromium, &[SetText, InsertText, Select]);
        check(Toolkit::LibreOffice, &[SetText, InsertText, SetValue, ScrollTo]);
    }

    #[test]
    fn toolkits_are_told_apart() {
        let check = |app, toolkit, version, expected| {
            assert_eq!(Toolkit::of(app, toolkit, version), expected, "{app} {toolkit} {version}");
        };
        check("mousepad", "gtk", "3.24.38", Toolkit::Gtk3);
        check("widgets", "GTK", "4.8.3", Toolkit::Gtk4);
        check("kcalc", "Qt", "5.15.8", Toolkit::Qt);
        check("soffice", "gtk", "3.24.38", Toolkit::LibreOffice);
        check("LibreOffice", "VCL", "7.4", Toolkit::LibreOffice);
        // It may be an office that does not tell its name.
        check("", "gtk", "3.24.38", Toolkit::Unknown);
        check("mousepad", "gtk", "", Toolkit::Unknown);
        check("Firefox", "Gecko", "153.7", Toolkit::Gecko);
        check("Chromium", "Chromium", "1.0", Toolkit::Chromium);
        check("", "", "", Toolkit::Unknown);
    }
}
