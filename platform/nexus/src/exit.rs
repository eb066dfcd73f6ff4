//! Exit codes of the command line. They are part of its contract: scripts rely on them.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | an unexpected failure; the message and the log say more |
//! | 2 | the command line is wrong (usage) |
//! | 3 | the settings are wrong; the message names the key |
//! | 4 | something the command needs does not answer (database, object store, …) |
//! | 5 | not found |
//! | 6 | conflict: it exists already, or its state does not allow this |
//! | 7 | refused: the input is invalid or was not confirmed |
//! | 8 | a check failed (`doctor`, `health`, `openapi --check`, `admin reconcile`) |

use std::process::ExitCode;

use nexus_core::Problem;
use serde_json::Value;

/// How a command ends when it does not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 1
    Failure,
    /// 3
    Settings,
    /// 4
    Unavailable,
    /// 5
    NotFound,
    /// 6
    Conflict,
    /// 7
    Refused,
    /// 8
    CheckFailed,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Failure => 1,
            Self::Settings => 3,
            Self::Unavailable => 4,
            Self::NotFound => 5,
            Self::Conflict => 6,
            Self::Refused => 7,
            Self::CheckFailed => 8,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command failed: the exit code and what to tell the person.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failed {
    /// The exit code.
    pub exit: Exit,
    /// One sentence without secrets.
    pub message: String,
}

impl Failed {
    /// A failure with its exit code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        // A failure that passed through other hands keeps its code.
        match error.downcast::<Failed>() {
            Ok(failed) => failed,
            Err(error) => match error.downcast::<Problem>() {
                Ok(problem) => Self::from(problem),
                Err(error) => Self::new(Exit::Failure, format!("{error:#}")),
            },
        }
    }
}

/// A problem's message and the details that it does not say already: faults in words, anything else as it is.
fn told(problem: &Problem) -> String {
    let mut message = problem.message.clone();
    let Some(details) = &problem.details else { return message };
    let fault = |fault: &Value| Some((fault["field"].as_str()?.to_owned(), fault["message"].as_str()?.to_owned()));
    match details.as_array().and_then(|faults| faults.iter().map(fault).collect::<Option<Vec<_>>>()) {
        Some(faults) => {
            for (field, words) in faults.iter().filter(|(_, words)| !problem.message.contains(words)) {
                message.push_str(&if field.is_empty() { format!(" {words};") } else { format!(" {field}: {words};") });
            }
            message.truncate(message.trim_end_matches(';').len());
        }
        None => message.push_str(&format!(" {details}")),
    }
    message
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        let exit = match problem.code.status {
            404 | 410 => Exit::NotFound,
            409 | 412 => Exit::Conflict,
            503 | 504 => Exit::Unavailable,
            400..=499 => Exit::Refused,
            _ => Exit::Failure,
        };
        let mut message = match problem.code.code {
            // Whoever has the command line need not ask the API.
            "UNKNOWN_PLAN" => "There is no such plan on sale; `nexus admin plans list` lists them.".to_owned(),
            _ => told(&problem),
        };
        if exit == Exit::Failure || exit == Exit::Unavailable {
            // The person at the command line runs the machinery: the cause helps here, where it must not reach an API client.
            let mut cause: Option<&dyn std::error::Error> = problem.source.as_deref().map(|source| source as &dyn std::error::Error);
            while let Some(source) = cause {
                message.push_str(&format!(": {source}"));
                cause = source.source();
            }
        }
        Self::new(exit, message)
    }
}

#[cfg(test)]
mod tests {
    use nexus_core::{ErrorCode, FieldFault};

    use super::*;

    #[test]
    fn a_failure_keeps_its_code_through_other_hands() {
        let failed = Failed::from(anyhow::Error::new(Failed::new(Exit::Conflict, "it exists")));
        assert_eq!((failed.exit, failed.message.as_str()), (Exit::Conflict, "it exists"));
        assert_eq!(Failed::from(anyhow::anyhow!("odd")).exit.code(), 1);
    }

    #[test]
    fn problems_map_to_codes_by_status() {
        assert_eq!(Failed::from(Problem::not_found("tenant")).exit, Exit::NotFound);
        assert_eq!(Failed::from(Problem::unavailable("The database")).exit, Exit::Unavailable);
    }

    #[test]
    fn faults_are_told_in_words_and_once() {
        let fault = |field, message: &str| FieldFault::new(field, "invalid", message);
        let one = Failed::from(Problem::validation(vec![fault("slug", "is too short")]));
        assert_eq!(one.message, "The request is refused: slug: is too short.");
        let two = Failed::from(Problem::validation(vec![fault("slug", "is too short"), fault("plan", "is missing")]));
        assert_eq!(two.message, "The request is refused: 2 faults, see details. slug: is too short; plan: is missing");
        let plan = ErrorCode { code: "UNKNOWN_PLAN", status: 422, summary: "" };
        let plan = Failed::from(Problem::new(plan, "GET /x").with_details(serde_json::json!([{ "field": "plan" }])));
        assert_eq!((plan.exit, plan.message.contains("`nexus admin plans list`"), plan.message.contains('{')), (Exit::Refused, true, false));
    }
}
