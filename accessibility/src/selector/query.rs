//! A selector as a person types it: read and written.

use std::{fmt, iter::Peekable, str::CharIndices, str::FromStr};

use atspi_common::{Role, State, StateSet};

use super::{Selector, Wording};
use crate::wire;

/// Longest query, in bytes.
const QUERY_BYTES: usize = 2_000;
/// How much a word must be like a known one to be offered in its place.
const LIKENESS: f64 = 0.8;
/// Roles whose text is typed.
const FIELDS: [Role; 3] = [Role::Text, Role::Entry, Role::PasswordText];

/// Why a query cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("`{word}` is no role and no state{}", offer(.like))]
    Word { word: String, like: Option<String> },
    #[error("`{word}` is no state{}", offer(.like))]
    State { word: String, like: Option<String> },
    #[error("`{word}` is no role{}", offer(.like))]
    Role { word: String, like: Option<String> },
    #[error("`{field}` cannot be asked for; role, state, name, text, app and in can")]
    Field { field: String },
    #[error("`{field}` is asked for twice")]
    Twice { field: String },
    #[error("a value is missing behind `{field}`")]
    NoValue { field: String },
    #[error("`{field}` is one of a list and cannot be asked for with `~`")]
    NoPart { field: String },
    #[error("the quote that begins at character {at} does not end")]
    OpenQuote { at: usize },
    #[error("`\\{char}` at character {at} means nothing; `\\\"`, `\\\\`, `\\n` and `\\t` do")]
    Escape { at: usize, char: char },
    #[error("`{char}` at character {at} is out of place")]
    Stray { at: usize, char: char },
    #[error("the query is longer than {limit} bytes")]
    TooLong { limit: usize },
}

fn offer(like: &Option<String>) -> String {
    like.as_ref().map_or(String::new(), |like| format!(" (is `{like}` meant?)"))
}

impl FromStr for Selector {
    type Err = QueryError;

    fn from_str(query: &str) -> Result<Self, QueryError> {
        if query.len() > QUERY_BYTES {
            return Err(QueryError::TooLong { limit: QUERY_BYTES });
        }
        let mut parser = Parser {
            text: query,
            chars: query.char_indices().peekable(),
            selector: Self::default(),
        };
        while parser.skip_space() {
            parser.term()?;
        }
        Ok(parser.selector)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    Has,
}

struct Parser<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    selector: Selector,
}

impl Parser<'_> {
    /// Whether anything comes after it.
    fn skip_space(&mut self) -> bool {
        while self.chars.next_if(|(_, char)| char.is_whitespace()).is_some() {}
        self.chars.peek().is_some()
    }

    fn term(&mut self) -> Result<(), QueryError> {
        let Some((at, first)) = self.chars.peek().copied() else { return Ok(()) };
        if first == '"' || first == '~' {
            let operator = self.operator().unwrap_or(Operator::Is);
            return self.field("name", operator);
        }
        if self.chars.next_if(|(_, char)| *char == '!').is_some() {
            let word = self.word();
            let state = state(&word).ok_or_else(|| no_state(&word))?;
            self.selector.without.insert(state);
            return Ok(());
        }
        let word = self.word();
        if word.is_empty() {
            return Err(QueryError::Stray { at: self.place(at), char: first });
        }
        match self.operator() {
            Some(operator) => self.field(&word, operator),
            None => self.bare(&word),
        }
    }

    /// A role, some roles, or a state.
    fn bare(&mut self, word: &str) -> Result<(), QueryError> {
        if let Some(roles) = roles(word) {
            return self.roles(roles);
        }
        let like = most_like(word, all_roles().map(spelled).chain(state_words()));
        self.state(word).map_err(|_| QueryError::Word { word: word.to_owned(), like })
    }

    fn roles(&mut self, roles: Vec<Role>) -> Result<(), QueryError> {
        if !self.selector.roles.is_empty() {
            return Err(QueryError::Twice { field: "role".to_owned() });
        }
        self.selector.roles = roles;
        Ok(())
    }

    fn state(&mut self, word: &str) -> Result<(), QueryError> {
        if word == "disabled" {
            self.selector.without.insert(State::Enabled | State::Sensitive);
        } else {
            self.selector.states.insert(state(word).ok_or_else(|| no_state(word))?);
        }
        Ok(())
    }

    fn field(&mut self, field: &str, operator: Operator) -> Result<(), QueryError> {
        let value = self.value(field)?;
        if matches!(field, "role" | "state") {
            if operator == Operator::Has {
                return Err(QueryError::NoPart { field: field.to_owned() });
            }
            if field == "state" {
                return self.state(&value);
            }
            return self.roles(roles(&value).ok_or_else(|| no_role(&value))?);
        }
        let wording = match operator {
            Operator::Is => Wording::Is(value),
            Operator::Has => Wording::Has(value),
        };
        let slot = match field {
            "name" => &mut self.selector.name,
            "text" => &mut self.selector.text,
            "app" => &mut self.selector.app,
            "in" => &mut self.selector.inside,
            _ => return Err(QueryError::Field { field: field.to_owned() }),
        };
        match slot.replace(wording) {
            None => Ok(()),
            Some(_) => Err(QueryError::Twice { field: field.to_owned() }),
        }
    }

    fn operator(&mut self) -> Option<Operator> {
        let (_, char) = self.chars.next_if(|(_, char)| matches!(char, '=' | '~'))?;
        Some(if char == '=' { Operator::Is } else { Operator::Has })
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        let fits = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '|');
        while let Some((_, char)) = self.chars.next_if(|(_, char)| fits(*char)) {
            word.push(char);
        }
        word
    }

    /// In quotes, or up to the next white space.
    fn value(&mut self, field: &str) -> Result<String, QueryError> {
        if let Some((at, _)) = self.chars.next_if(|(_, char)| *char == '"') {
            return self.quoted(at);
        }
        let mut value = String::new();
        while let Some((_, char)) =
            self.chars.next_if(|(_, char)| !char.is_whitespace() && *char != '"')
        {
            value.push(char);
        }
        if value.is_empty() {
            return Err(QueryError::NoValue { field: field.to_owned() });
        }
        Ok(value)
    }

    fn quoted(&mut self, from: usize) -> Result<String, QueryError> {
        let mut value = String::new();
        while let Some((at, char)) = self.chars.next() {
            match char {
                '"' => return Ok(value),
                '\\' => match self.chars.next().map(|(_, char)| char) {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some(char @ ('"' | '\\')) => value.push(char),
                    Some(char) => return Err(QueryError::Escape { at: self.place(at), char }),
                    None => break,
                },
                char => value.push(char),
            }
        }
        Err(QueryError::OpenQuote { at: self.place(from) })
    }

    /// Which character it is, from 1.
    fn place(&self, at: usize) -> usize {
        self.text[..at].chars().count() + 1
    }
}

fn state(word: &str) -> Option<State> {
    all_states().iter().find(|state| state.to_static_str() == word)
}

fn all_states() -> StateSet {
    wire::states_of(&[u32::MAX, u32::MAX])
}

/// `button`, `menu-item`, `button|link`, `field`.
fn roles(word: &str) -> Option<Vec<Role>> {
    let mut all: Vec<Role> = Vec::new();
    for name in word.split('|') {
        let named = match name {
            "field" => FIELDS.to_vec(),
            // As older toolkits and their tools say.
            "push-button" => vec![Role::Button],
            name => vec![all_roles().find(|role| spelled(*role) == name)?],
        };
        all.extend(named.into_iter().filter(|role| !all.contains(role)).collect::<Vec<_>>());
    }
    Some(all)
}

fn all_roles() -> impl Iterator<Item = Role> {
    (0..).map_while(|number| Role::try_from(number).ok())
}

fn spelled(role: Role) -> String {
    role.name().replace(' ', "-")
}

fn state_words() -> impl Iterator<Item = String> {
    all_states().iter().map(|state| state.to_static_str().to_owned())
}

fn no_state(word: &str) -> QueryError {
    QueryError::State { word: word.to_owned(), like: most_like(word, state_words()) }
}

fn no_role(word: &str) -> QueryError {
    QueryError::Role { word: word.to_owned(), like: most_like(word, all_roles().map(spelled)) }
}

fn most_like(word: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|known| (strsim::jaro_winkler(&known, word), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// As it can be read again.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut terms: Vec<String> = Vec::new();
        if !self.roles.is_empty() {
            let roles: Vec<String> = self.roles.iter().map(|role| spelled(*role)).collect();
            terms.push(roles.join("|"));
        }
        for (field, wording) in
            [("name", &self.name), ("text", &self.text), ("app", &self.app), ("in", &self.inside)]
        {
            terms.extend(wording.as_ref().map(|wording| match wording {
                Wording::Is(text) => format!("{field}={}", quote(text)),
                Wording::Has(text) => format!("{field}~{}", quote(text)),
            }));
        }
        terms.extend(self.states.iter().map(|state| format!("state={state}")));
        terms.extend(self.without.iter().map(|state| format!("!{state}")));
        f.write_str(&terms.join(" "))
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}
