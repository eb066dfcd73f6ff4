//! Where a command gets a password from: generated, the first line of standard input, or asked for without an echo.
//!
//! Never an argument: those show in the process list and in the shell's history.

use std::io::{BufRead, IsTerminal};

use nix::sys::termios::{self, LocalFlags, SetArg};
use secrecy::{ExposeSecret, SecretString};

use crate::exit::{Exit, Failed};
use crate::{dev, terminal};

/// How the command line wants it.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// `--password-stdin`
    pub stdin: bool,
    /// `--generate-password`
    pub generate: bool,
}

/// A password, and whether it was generated (and so must be shown).
pub fn obtain(source: Source, whose: &str) -> Result<(SecretString, bool), Failed> {
    if source.generate {
        return Ok((dev::generated_password().into(), true));
    }
    if source.stdin {
        return Ok((line()?, false));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failed::new(Exit::Refused, "no terminal to ask for a password: use --password-stdin or --generate-password"));
    }
    let first = ask(&format!("Password of {whose}: "))?;
    let second = ask("Once more: ")?;
    if first.expose_secret() != second.expose_secret() {
        return Err(Failed::new(Exit::Refused, "the two passwords differ"));
    }
    Ok((first, false))
}

fn line() -> Result<SecretString, Failed> {
    let mut text = String::new();
    std::io::stdin().lock().read_line(&mut text).map_err(|error| Failed::new(Exit::Refused, format!("no password could be read: {error}")))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failed::new(Exit::Refused, "the password is empty"));
    }
    Ok(password.to_owned().into())
}

/// Reads a line from the terminal with its echo off; the terminal is put back whatever happens.
fn ask(prompt: &str) -> Result<SecretString, Failed> {
    let stdin = std::io::stdin();
    let before = termios::tcgetattr(&stdin).map_err(|error| Failed::new(Exit::Refused, format!("the terminal can't be read: {error}")))?;
    let mut silent = before.clone();
    silent.local_flags.remove(LocalFlags::ECHO);
    terminal::prompt(prompt);
    termios::tcsetattr(&stdin, SetArg::TCSAFLUSH, &silent)
        .map_err(|error| Failed::new(Exit::Refused, format!("the echo can't be switched off: {error}")))?;
    let answer = line();
    let _ = termios::tcsetattr(&stdin, SetArg::TCSAFLUSH, &before);
    terminal::note("");
    answer
}
