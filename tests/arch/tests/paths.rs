//! The paths that a Rust source names: `use` trees taken apart, aliases followed, `self` and `super` resolved.

use std::collections::BTreeMap;

/// A path, segment by segment; one within the crate begins with `crate`.
pub type Named = Vec<String>;

/// A renaming can go through another one; nothing sensible goes through more.
const MAX_ALIASES: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Colons,
    Mark(char),
}

/// The module of a file within its crate, such as `crate::modules::catalog::store`.
pub fn module_of(file: &str) -> Named {
    let inside = file.split_once("/src/").map_or(file, |(_, inside)| inside).trim_end_matches(".rs");
    let mut module = vec!["crate".to_owned()];
    module.extend(inside.split('/').map(str::to_owned));
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

/// Every path of the source `code` of `file`.
pub fn named_in(file: &str, code: &str) -> Vec<Named> {
    let bare = without_texts(code);
    let tokens = tokens(&bare);
    let mut reader =
        Reader { tokens: &tokens, at: 0, module: module_of(file), depth: 0, inline: Vec::new(), found: Vec::new(), aliases: BTreeMap::new() };
    reader.read();
    let aliases = reader.aliases;
    reader.found.into_iter().map(|path| followed(path, &aliases)).collect()
}

/// The path behind an alias.
fn followed(mut path: Named, aliases: &BTreeMap<String, Named>) -> Named {
    for _ in 0..MAX_ALIASES {
        match aliases.get(&path[0]) {
            Some(target) if target != &path && target[0] != path[0] => path = target.iter().chain(&path[1..]).cloned().collect(),
            _ => break,
        }
    }
    path
}

struct Reader<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    /// The module that the current place belongs to.
    module: Named,
    depth: usize,
    /// Depths at which inline modules began.
    inline: Vec<usize>,
    found: Vec<Named>,
    aliases: BTreeMap<String, Named>,
}

impl<'t> Reader<'t> {
    fn peek(&self, ahead: usize) -> Option<Token<'t>> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn read(&mut self) {
        while let Some(token) = self.peek(0) {
            match (token, self.peek(1), self.peek(2)) {
                (Token::Word("use"), ..) => {
                    self.at += 1;
                    self.tree(&Vec::new());
                }
                (Token::Word("mod"), Some(Token::Word(name)), Some(Token::Mark('{'))) => {
                    self.module.push(name.to_owned());
                    self.inline.push(self.depth);
                    self.depth += 1;
                    self.at += 3;
                }
                (Token::Word(_), ..) => self.path(),
                (Token::Mark('{'), ..) => {
                    self.depth += 1;
                    self.at += 1;
                }
                (Token::Mark('}'), ..) => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.inline.last() == Some(&self.depth) {
                        self.inline.pop();
                        self.module.pop();
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    /// A path outside `use`.
    fn path(&mut self) {
        let mut path = Vec::new();
        while let Some(Token::Word(word)) = self.peek(0) {
            path.push(word.to_owned());
            self.at += 1;
            if !(self.peek(0) == Some(Token::Colons) && matches!(self.peek(1), Some(Token::Word(_)))) {
                break;
            }
            self.at += 1;
        }
        if path.len() > 1 {
            self.found.push(self.resolved(path));
        }
    }

    /// A `use` tree below `prefix`; each leaf is a path and gives it a name.
    fn tree(&mut self, prefix: &Named) {
        let mut path = prefix.clone();
        loop {
            match self.peek(0) {
                Some(Token::Word("as")) => {
                    if let Some(Token::Word(alias)) = self.peek(1) {
                        self.leaf(path, Some(alias));
                    }
                    self.at += 2;
                    return;
                }
                Some(Token::Word(word)) => path.push(word.to_owned()),
                Some(Token::Mark('*')) => path.push("*".to_owned()),
                Some(Token::Colons) => {}
                Some(Token::Mark('{')) => {
                    self.at += 1;
                    while !matches!(self.peek(0), None | Some(Token::Mark('}'))) {
                        self.tree(&path);
                        if self.peek(0) == Some(Token::Mark(',')) {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                _ => return self.leaf(path, None),
            }
            self.at += 1;
        }
    }

    fn leaf(&mut self, mut path: Named, alias: Option<&str>) {
        // `use a::{self}` names `a`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if path.is_empty() {
            return;
        }
        let path = self.resolved(path);
        let name = alias.map_or_else(|| path[path.len() - 1].clone(), str::to_owned);
        if name != "*" && name != "_" {
            self.aliases.insert(name, path.clone());
        }
        self.found.push(path);
    }

    /// `self` and `super` replaced by what they mean here.
    fn resolved(&self, path: Named) -> Named {
        let here = path.iter().take_while(|segment| ["self", "super"].contains(&segment.as_str())).count();
        if here == 0 {
            return path;
        }
        let up = path[..here].iter().filter(|segment| *segment == "super").count();
        let kept = self.module.len().saturating_sub(up).max(1);
        self.module[..kept].iter().chain(&path[here..]).cloned().collect()
    }
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() || first == '_' {
            let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            found.push(Token::Word(&rest[..word]));
            word
        } else if rest.starts_with("::") {
            found.push(Token::Colons);
            2
        } else {
            if !first.is_whitespace() {
                found.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// The source without comments and without the inside of texts.
fn without_texts(code: &str) -> String {
    let mut bare = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| text(rest)).or_else(|| letter(rest));
        match skipped {
            Some(length) => {
                bare.push(' ');
                rest = &rest[length..];
            }
            None => {
                // A word is taken whole, lest its last letter be taken for the `r` of a raw text.
                let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
                let length = word.max(first.len_utf8());
                bare.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
    }
    bare
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.starts_with("/*").then(|| rest.find("*/").map_or(rest.len(), |end| end + 2))
}

fn text(rest: &str) -> Option<usize> {
    let inside = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = &rest[..rest.len() - inside.len()];
    let hashes = inside.len() - inside.trim_start_matches('#').len();
    if prefix.len() > 2 || !inside[hashes..].starts_with('"') || (hashes > 0 && !prefix.contains('r')) {
        return None;
    }
    let start = prefix.len() + hashes + 1;
    if prefix.contains('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(rest[start..].find(&end).map_or(rest.len(), |found| start + found + end.len()));
    }
    let mut escaped = false;
    let end = rest[start..].find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    });
    Some(end.map_or(rest.len(), |end| start + end + 1))
}

/// A letter such as `'{'` or `'\n'`; a lifetime is none.
fn letter(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        return inside[2..].find('\'').map(|end| end + 4);
    }
    let first = inside.chars().next()?;
    inside[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(code: &str) -> Vec<String> {
        let mut found: Vec<_> =
            named_in("tenant-runtime/src/modules/imports/products/row.rs", code).into_iter().map(|path| path.join("::")).collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn a_file_is_a_module() {
        assert_eq!(module_of("tenant-runtime/src/modules/catalog/mod.rs").join("::"), "crate::modules::catalog");
        assert_eq!(module_of("tenant-runtime/src/modules/catalog/tags/store.rs").join("::"), "crate::modules::catalog::tags::store");
        assert_eq!(module_of("iam/src/lib.rs").join("::"), "crate");
    }

    #[test]
    fn chains_trees_aliases_and_inline_modules_are_resolved() {
        assert_eq!(named("use super::super::super::catalog::store;"), ["crate::modules::catalog::store"]);
        assert_eq!(named("fn f() { super::super::super::catalog::store::find(1) }"), ["crate::modules::catalog::store::find"]);
        assert_eq!(
            named("use crate::{context::{Guard, self}, modules::jobs as j};"),
            ["crate::context", "crate::context::Guard", "crate::modules::jobs"]
        );
        assert_eq!(
            named("use super::super::super as all; fn f() { all::catalog::store::find() }"),
            ["crate::modules", "crate::modules::catalog::store::find"]
        );
        assert_eq!(named("use sea_orm as orm; fn f<T: orm::EntityTrait>() {}"), ["sea_orm", "sea_orm::EntityTrait"]);
        assert_eq!(
            named("mod inner { use super::super::store; } use super::wire;"),
            ["crate::modules::imports::products::store", "crate::modules::imports::products::wire"]
        );
        assert_eq!(named("use crate::modules::*;"), ["crate::modules::*"]);
    }

    #[test]
    fn texts_comments_and_lifetimes_are_no_paths() {
        let code = "// a::b\n/* c::d */ const A: &str = \"e::f \\\" g::h\"; const B: &str = r#\"i::j \" k::l\"#; fn f<'a>(x: &'a str, y: char) -> bool { y == '\"' || y == '{' || o::p(x) }";
        assert_eq!(named(code), ["o::p"]);
    }
}
