//! What stands above a line of input: what it is about, and what a person should know before enter.

use crate::domain::revision::{BY_NAME_ONLY, digest, is_by_name, short_digest};
use crate::domain::{Clean, ItemId, Mark, Rollout};

use super::prompt::{Prompt, Purpose};
use super::rolling::{differs, set_aside};
use super::{Model, checklist};

/// What a line of input is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// The item.
    pub item: Option<Clean>,
    /// What it is about besides.
    pub facts: Vec<String>,
    /// What to know before.
    pub warnings: Vec<String>,
}

impl Model {
    /// What the line of input is about, as of now.
    pub fn about(&self, prompt: &Prompt) -> About {
        let mut about = About::default();
        match &prompt.purpose {
            Purpose::Say(id, mark) => self.about_item(id, *mark, &mut about),
            Purpose::ApprovedBy(id) | Purpose::ApprovedLink(id, _) => {
                self.about_item(id, Mark::Done, &mut about);
            }
            Purpose::Begin(_) => {
                let (shown, baseline) = self.next_candidates();
                let environment = &self.room.environment.name;
                let serves = baseline.iter().map(|(service, seen)| {
                    format!(" · {service} serves {} now", short_digest(digest(&seen.image)))
                });
                about.facts.push(format!("in {environment}{}", serves.collect::<String>()));
                about.warnings.extend(differs(prompt.input.value().trim(), &shown));
                let by_name = shown.iter().filter(|(_, seen)| is_by_name(&seen.image));
                let words =
                    by_name.map(|(name, seen)| format!("{name} is known {BY_NAME_ONLY} ({})", seen.image));
                about.warnings.extend(words);
                about.warnings.extend(set_aside(&self.checklist));
            }
            Purpose::End(_) => {
                about.facts.extend(self.checklist.rollout().map(Rollout::words));
                let left: Vec<String> = self.left_over().iter().map(Clean::to_string).collect();
                about.warnings.extend((!left.is_empty()).then(|| format!("left over: {}", left.join("; "))));
            }
            Purpose::Why(against) => {
                self.about_ruling(against, &mut about);
                about.facts.push("it wants a reason, and then an end".to_owned());
            }
            Purpose::Until(against, why) => {
                self.about_ruling(against, &mut about);
                self.about_end(why, prompt.input.value(), &mut about);
            }
            Purpose::Mute(what) => {
                about.facts.push(format!("alerts of {what}: a time and a reason, as in 30m deploying"));
            }
            Purpose::Stage(act, _) => self.about_stage_line(*act, &mut about),
            Purpose::Note | Purpose::Filter(_) => {}
        }
        about
    }

    fn about_item(&self, id: &ItemId, mark: Mark, about: &mut About) {
        let item = self.checklist.find(id);
        about.warnings.extend(item.and_then(|item| checklist::over(self.checklist.rollout(), item, mark)));
        if let Some(below) = item.and_then(|item| item.below.as_ref()).filter(|_| mark == Mark::Happened) {
            about.warnings.push(format!(
                "it stands below “{below}”, which may not ask for a rollback: say it with a reason if it does"
            ));
        }
        about.item = item.map(|item| item.text.clone());
    }
}
