//! `deskbound` alone, on a terminal. A supervisor, as of the demo: the first screen is a process of
//! its own, which confines itself and says what was chosen; that is started as another one. Nothing
//! is read here but the choice.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, stdin};

use crate::dashboard::home::{Choice, OWN};
use crate::failure::{Exit, Failure};
use crate::terminal::note;
use crate::verb::Setting;
use crate::verb::ours::{Seat, ours};

pub(crate) async fn run(setting: &Setting) -> Result<Exit, Failure> {
    let cache = &setting.folders.cache;
    fs::create_dir_all(cache).map_err(Failure::missing)?;
    let file = cache.join(format!("choice-{}", std::process::id()));
    loop {
        let home = [OsStr::new("home"), file.as_os_str()];
        let exit = ours(&home, Seat::Terminal).await?;
        let Ok(choice) = fs::read(&file) else { return Ok(exit) };
        fs::remove_file(&file).map_err(Failure::missing)?;
        let choice: Choice = serde_json::from_slice(&choice).map_err(Failure::missing)?;
        let words = words(&choice);
        let exit = ours(&words, Seat::Terminal).await?;
        // What was printed can be read before the screen is taken again.
        if exit != Exit::Done || choice == Choice::Doctor {
            note("press Enter to go back");
            // An input that has ended goes back at once.
            let _ = stdin().lock().read_until(b'\n', &mut Vec::new());
        }
    }
}

fn words(choice: &Choice) -> Vec<String> {
    let words = match choice {
        Choice::Start { instruction, recipe, models, action } => {
            let action = action.as_ref().map(|name| format!("action={name}"));
            let mut words = vec!["run", "--models", models];
            words.extend(match recipe.as_str() {
                OWN => ["--desktop", "x11"],
                recipe => ["--recipe", recipe],
            });
            words.extend(action.iter().flat_map(|action| ["--model", action]));
            words.extend(["--", instruction]);
            return words.into_iter().map(str::to_owned).collect();
        }
        Choice::Watch { folder, live: true } => vec!["attach", folder],
        Choice::Watch { folder, live: false } => vec!["replay", folder],
        Choice::Doctor => vec!["doctor"],
        Choice::Evaluation => vec!["eval", "watch"],
    };
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_becomes_words_of_this_program() {
        let check = |recipe: &str, action: Option<&str>, expected: &str| {
            let (instruction, models) = ("-- do it".to_owned(), "rules".to_owned());
            let (recipe, action) = (recipe.to_owned(), action.map(str::to_owned));
            let said = words(&Choice::Start { instruction, recipe, models, action });
            assert_eq!(said.join("|"), expected);
        };
        check("xfce", None, "run|--models|rules|--recipe|xfce|--|-- do it");
        check("x11", None, "run|--models|rules|--desktop|x11|--|-- do it");
        let expected = "run|--models|rules|--recipe|xfce|--model|action=a/b|--|-- do it";
        check("xfce", Some("a/b"), expected);
        assert_eq!(words(&Choice::Evaluation), ["eval", "watch"]);
    }
}
