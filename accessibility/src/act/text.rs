//! Writing into a text, and reading it back.

use atspi_common::Role;

use super::{ActError, Hand, answer};
use crate::{call::Call, effect::Effect, reply::CallError, toolkit::Toolkit};

/// Characters of one text to set.
const TEXT_CHARS_MAX: u32 = 1_000_000;

impl Hand<'_> {
    pub(super) async fn set_text(&self, text: &str) -> Result<Effect, ActError> {
        check_length(text)?;
        let before = self.read().await;
        self.write(Call::SetText(text), before, text).await
    }

    pub(super) async fn insert_text(&self, at: u32, text: &str) -> Result<Effect, ActError> {
        check_length(text)?;
        if self.node.role == Role::PasswordText {
            return Err(self.refused("where it would go in a password cannot be read"));
        }
        let before = self.read().await.map_err(|error| self.lost(error))?;
        let wanted = inserted(&before, at, text);
        let at = i32::try_from(before.chars().count().min(at as usize)).unwrap_or(i32::MAX);
        // GTK counts bytes, as C does; Qt pads a text that is said to be longer than it is.
        let length = match self.toolkit {
            Toolkit::Qt => text.encode_utf16().count(),
            _ => text.len(),
        };
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        self.write(Call::InsertText { at, text, length }, Ok(before), &wanted).await
    }

    async fn write(
        &self,
        call: Call<'_>,
        before: Result<String, CallError>,
        wanted: &str,
    ) -> Result<Effect, ActError> {
        let said = self.line.ask(&self.node.path, call).await;
        self.accept(&said)?;
        if self.node.role == Role::PasswordText {
            return Ok(Effect::unverifiable("a password is not read back"));
        }
        let chars = wanted.chars().count();
        let look = || async {
            let now = self.read().await?;
            Ok((now == wanted).then(|| format!("the text reads back, {chars} characters")))
        };
        if let Some(evidence) = self.evidence(look).await? {
            return Ok(Effect::confirmed(evidence));
        }
        let now = self.read().await;
        let said = answer(Some(&said));
        Ok(match (before, now) {
            (Ok(before), Ok(now)) if before == now => {
                Effect::nothing_happened(format!("{said} and the text is as before"))
            }
            (_, Ok(now)) => Effect::unverifiable(format!(
                "the text is another one than was set, of {} characters",
                now.chars().count()
            )),
            (_, Err(error)) => Effect::unverifiable(format!("it cannot be read back: {error}")),
        })
    }

    async fn read(&self) -> Result<String, CallError> {
        self.line.text(&self.node.path, TEXT_CHARS_MAX).await.map(|(text, _)| text)
    }
}

fn check_length(text: &str) -> Result<(), ActError> {
    let chars = text.chars().count();
    if chars > TEXT_CHARS_MAX as usize {
        return Err(ActError::TextTooLong { chars, limit: TEXT_CHARS_MAX });
    }
    Ok(())
}

/// `text` put before the character at `at`, or behind all.
fn inserted(before: &str, at: u32, text: &str) -> String {
    let place = before.char_indices().nth(at as usize).map_or(before.len(), |(byte, _)| byte);
    let (head, tail) = before.split_at(place);
    [head, text, tail].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_before_a_character() {
        let check = |before, at, expected| assert_eq!(inserted(before, at, "é"), expected);
        check("", 0, "é");
        check("grün", 2, "gréün");
        check("grün", 3, "grüén");
        check("grün", 99, "grüné");
    }
}
