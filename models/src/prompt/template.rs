//! Chat templates: Jinja by `minijinja`, with what Python's templates use besides.
//!
//! Added to the language: the methods of Python's strings, lists and dictionaries, `raise_exception`,
//! `strftime_now`, and a `tojson` that writes as Python's `json.dumps` does. Block settings are those of the
//! reference (`trim_blocks`, `lstrip_blocks`). A template has a budget of steps and of output, so that none runs for ever.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};
use serde::Serialize;

use super::{Message, Role};

/// For models that bring no template: the plain form that base models know.
pub const FALLBACK: &str =
    "{% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}\n{% endfor %}Assistant:";

/// Steps of the template engine; llama.cpp's whole collection needs less than a thousandth on long conversations.
const BUDGET: u64 = 20_000_000;

/// What is wrong with a template or a conversation.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is no Jinja.
    #[error("the chat template in this model can't be read: choose another file of the model")]
    Syntax(#[source] Error),
    /// It refused or failed.
    #[error("the model's chat template refuses this conversation: begin a new one")]
    Render(#[source] Error),
}

/// A compiled template.
pub struct Template {
    environment: Environment<'static>,
    begin: String,
    end: String,
}

impl Template {
    /// Compiles a template; `begin` and `end` are what it knows as `bos_token` and `eos_token`.
    ///
    /// # Errors
    /// `Syntax`.
    pub fn new(source: &str, begin: &str, end: &str) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(TemplateError::Syntax)?);
        environment.set_fuel(Some(BUDGET));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_function("strftime_now", |format: String| -> Result<String, Error> {
            let now = jiff::Zoned::now();
            jiff::fmt::strtime::format(&format, &now)
                .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
        });
        environment.add_filter("tojson", to_json);
        environment.add_template_owned("chat", source.to_owned()).map_err(TemplateError::Syntax)?;
        Ok(Self { environment, begin: begin.to_owned(), end: end.to_owned() })
    }

    /// The prompt's text, ending where the assistant begins to speak.
    ///
    /// # Errors
    /// `Render`.
    pub fn render(&self, messages: &[Message]) -> Result<String, TemplateError> {
        let shown = |message: &Message| context! { role => role(message.role), content => message.content.as_str() };
        let messages: Vec<Value> = messages.iter().map(shown).collect();
        let template = self.environment.get_template("chat").map_err(TemplateError::Render)?;
        let values = context! {
            messages => messages,
            add_generation_prompt => true,
            bos_token => self.begin.as_str(),
            eos_token => self.end.as_str(),
        };
        template.render(values).map_err(TemplateError::Render)
    }
}

/// The names that templates know.
fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

/// As `json.dumps(value, ensure_ascii=False, indent=indent)` writes it.
fn to_json(value: Value, options: minijinja::value::Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let mut bytes = Vec::new();
    let outcome = match indent {
        Some(width) => {
            let spaces = vec![b' '; width];
            let format = serde_json::ser::PrettyFormatter::with_indent(&spaces);
            value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, format))
        }
        None => value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, PythonSeparators)),
    };
    outcome.map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    Ok(Value::from_safe_string(text))
}

/// `", "` and `": "`.
struct PythonSeparators;

impl serde_json::ser::Formatter for PythonSeparators {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, wanted: &str) {
        let template = Template::new(source, "<s>", "</s>").expect("the template is Jinja");
        let messages = [
            Message { role: Role::User, content: " a,b ".into() },
            Message { role: Role::Assistant, content: "<x>\u{fc}\"".into() },
        ];
        assert_eq!(template.render(&messages).expect("it renders"), wanted, "{source}");
    }

    #[test]
    fn templates_may_use_what_python_offers() {
        check("{{ messages[0].content.strip().split(',')[1] }}", "b");
        check("{{ messages[0]['content'].upper() }}", " A,B ");
        check(
            "{{ messages | tojson }}",
            "[{\"role\": \"user\", \"content\": \" a,b \"}, {\"role\": \"assistant\", \"content\": \"<x>\u{fc}\\\"\"}]",
        );
        check("{{ {'a': [1, 2]} | tojson(indent=2) }}", "{\n  \"a\": [\n    1,\n    2\n  ]\n}");
        check(
            "{{ bos_token }}{% for m in messages if m.role == 'user' %}\n{{ loop.index }}{% endfor %}{{ eos_token }}",
            "<s>1</s>",
        );
        check("{{ messages[-1]['content'].startswith('<x>') }}", "True");
        check(
            "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
            "2",
        );
    }

    #[test]
    fn dates_are_written_as_c_does() {
        let template = Template::new("{{ strftime_now('%Y-%m-%d') }}", "", "").expect("the template is Jinja");
        let text = template.render(&[]).expect("it renders");
        assert!(text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-', "{text}");
    }

    #[test]
    fn bad_templates_end_in_an_error() {
        assert!(matches!(Template::new("{% for %}", "", ""), Err(TemplateError::Syntax(_))));
        for source in [
            "{{ raise_exception('no') }}",
            "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
            "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        ] {
            let template = Template::new(source, "", "").expect("the template is Jinja");
            assert!(matches!(template.render(&[]), Err(TemplateError::Render(_))), "{source}");
        }
    }
}
