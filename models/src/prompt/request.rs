//! Everything that a template may be told: messages of any shape, tools, and variables of its own.
//!
//! A request is what `lethe-cli model render` reads, and what a conversation is turned into. Its `Debug` shows a
//! length only. What it may hold is JSON's; what it must hold is a list called `messages`.

use std::fmt;

use serde_json::{Map, Value, json};

use super::template::TemplateError;
use super::{Conversation, Deliberation};

/// What a template is rendered with.
#[derive(Clone)]
pub struct RenderRequest {
    variables: Map<String, Value>,
}

impl fmt::Debug for RenderRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RenderRequest({} variables)", self.variables.len())
    }
}

impl RenderRequest {
    /// Reads a JSON object with `messages`, and perhaps `tools`, `add_generation_prompt` and what else the template
    /// knows. As in transformers, `tools` and `documents` are null where nothing is said of them; the prompt ends
    /// where the assistant begins to speak unless `add_generation_prompt` is false.
    ///
    /// # Errors
    /// `Request` when the text is no such object.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let Ok(Value::Object(mut variables)) = serde_json::from_str(text) else { return Err(TemplateError::Request) };
        if !variables.get("messages").is_some_and(Value::is_array) {
            return Err(TemplateError::Request);
        }
        for (name, usual) in
            [("tools", Value::Null), ("documents", Value::Null), ("add_generation_prompt", json!(true))]
        {
            variables.entry(name).or_insert(usual);
        }
        Ok(Self { variables })
    }

    /// A conversation of people, without tools.
    pub fn of(conversation: &Conversation<'_>) -> Self {
        let message = |message: &super::Message| json!({"role": message.role.name(), "content": message.content});
        let deliberates = conversation.deliberation == Deliberation::On;
        let mut variables = Map::new();
        variables.insert("messages".into(), conversation.messages.iter().map(message).collect());
        variables.insert("tools".into(), Value::Null);
        variables.insert("documents".into(), Value::Null);
        variables.insert("add_generation_prompt".into(), json!(true));
        // The names under which the collection's templates know the switch.
        variables.insert("enable_thinking".into(), json!(deliberates));
        variables.insert("thinking".into(), json!(deliberates));
        variables.insert("thinking_mode".into(), json!(if deliberates { "enabled" } else { "disabled" }));
        Self { variables }
    }

    /// With these variables, which a request had before.
    pub(super) fn with(variables: Map<String, Value>) -> Self {
        Self { variables }
    }

    /// The variables, by name.
    pub(super) fn variables(&self) -> &Map<String, Value> {
        &self.variables
    }

    /// Bytes of all texts, and how many values there are.
    pub(super) fn size(&self) -> (u64, u64) {
        self.variables.values().map(size).fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }

    /// The same with other texts: `change` gets each text of `messages`, `tools` and `documents` but those that name
    /// a role or a type, which people don't write. Names within objects go through `rename`.
    pub(super) fn with_texts(
        &self,
        change: &impl Fn(&str, Speaker) -> String,
        rename: &impl Fn(&str) -> String,
    ) -> Self {
        let mut variables = self.variables.clone();
        for (name, value) in &mut variables {
            if matches!(name.as_str(), "messages" | "tools" | "documents") {
                walk(value, Speaker::Person, change, rename);
            }
        }
        Self { variables }
    }
}

/// Whose words a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// A person's, or a tool's.
    Person,
    Model,
}

fn walk(
    value: &mut Value,
    speaker: Speaker,
    change: &impl Fn(&str, Speaker) -> String,
    rename: &impl Fn(&str) -> String,
) {
    match value {
        Value::String(text) => *text = change(text, speaker),
        Value::Array(values) => values.iter_mut().for_each(|value| walk(value, speaker, change, rename)),
        Value::Object(members) => {
            let model = members.get("role").and_then(Value::as_str) == Some("assistant");
            let speaker = if model { Speaker::Model } else { speaker };
            let changed = std::mem::take(members).into_iter().map(|(name, mut member)| {
                let is_structure = matches!(name.as_str(), "role" | "type") && member.is_string();
                if !is_structure {
                    walk(&mut member, speaker, change, rename);
                } else if let Value::String(text) = &mut member {
                    *text = rename(text);
                }
                (rename(&name), member)
            });
            *members = changed.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn size(value: &Value) -> (u64, u64) {
    match value {
        Value::String(text) => (text.len() as u64, 1),
        Value::Array(values) => values.iter().map(size).fold((0, 1), |sum, part| (sum.0 + part.0, sum.1 + part.1)),
        Value::Object(members) => {
            let sizes = members.iter().map(|(name, member)| (name, size(member)));
            sizes.fold((0, 1), |sum, (name, part)| (sum.0 + part.0 + name.len() as u64, sum.1 + part.1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => (0, 1),
    }
}
