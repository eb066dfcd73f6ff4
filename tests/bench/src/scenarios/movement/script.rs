//! A `pgbench` script made of a transaction that was seen twice: what was the same both times is a constant, an id that differed is made anew for every
//! transaction, and the article is drawn at random.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use sqlx::{AssertSqlSafe, PgPool};

use crate::sniff::Statement;

/// The script, and the constants it is started with.
#[derive(Debug)]
pub struct Script {
    text: String,
    constants: BTreeMap<String, String>,
    folder: tempfile::TempDir,
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{:#?}", self.text, self.constants)
    }
}

/// What is known of the values while the statements are rewritten.
struct Values<'s> {
    /// Of the two transactions.
    articles: &'s [String; 2],
    /// Ids that are new in every transaction, each with its variable.
    fresh: BTreeMap<String, String>,
    constants: BTreeMap<String, String>,
}

impl Script {
    /// The script of a transaction that was seen with the first article and with the second one. Articles are numbered from 1.
    pub async fn of(owner: &PgPool, first: &[Statement], second: &[Statement], articles: [String; 2], count: u32) -> Self {
        let same = first.iter().map(|statement| &statement.sql).eq(second.iter().map(|statement| &statement.sql));
        assert!(same, "two postings sent different statements: {first:#?} {second:#?}");
        let mut values = Values { articles: &articles, fresh: BTreeMap::new(), constants: BTreeMap::new() };
        let mut body = String::new();
        for (number, (seen, again)) in first.iter().zip(second).enumerate() {
            let types = types_of(owner, &seen.sql).await;
            let expression = |parameter: usize, values: &mut Values<'_>| {
                let kind = types.get(parameter).map_or("text", String::as_str);
                let seen = seen.parameters[parameter].as_deref().zip(again.parameters[parameter].as_deref());
                values.expression(&format!("s{number}p{parameter}"), kind, seen)
            };
            let expressions: Vec<String> = (0..seen.parameters.len()).map(|parameter| expression(parameter, &mut values)).collect();
            body += &format!("{};\n", filled(&without_comments(&seen.sql), &expressions));
        }
        let mut text = format!("\\set article random(1, {count})\n\\set n :n + 1\n\\set lock (:round * 10000000 + :n) * 100 + :client_id\n");
        for (index, variable) in values.fresh.values().enumerate() {
            // A row of digits is an id, too. Those of later transactions sort behind those of earlier ones, as real ones do.
            text += &format!("\\set {variable} :lock * 100 + {index}\n");
        }
        text += &body;
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("posting.sql"), &text).expect("the script");
        values.constants.insert("n".to_owned(), "0".to_owned());
        Self { text, constants: values.constants, folder }
    }

    pub fn file(&self) -> std::path::PathBuf {
        Path::new(self.folder.path()).join("posting.sql")
    }

    /// The constants as arguments.
    pub fn definitions(&self) -> impl Iterator<Item = String> {
        self.constants.iter().flat_map(|(name, value)| ["-D".to_owned(), format!("{name}={value}")])
    }
}

impl Values<'_> {
    /// What stands for a parameter.
    fn expression(&mut self, name: &str, kind: &str, seen: Option<(&str, &str)>) -> String {
        let Some((seen, again)) = seen else { return format!("NULL::{kind}") };
        if seen != again && seen.parse::<i64>().is_ok() {
            return ":lock".to_owned();
        }
        let mut value = format!(":{name}");
        let mut is_changed = false;
        let known = ids(seen);
        for (id, other) in known.iter().zip(ids(again)) {
            let replacement = if *id == self.articles[0] {
                "lpad(to_hex(:article + 1048576), 32, '0')".to_owned()
            } else if *id != other {
                let next = format!("id{}", self.fresh.len());
                format!("lpad(:{}::text, 32, '0')", self.fresh.entry((*id).to_owned()).or_insert(next))
            } else {
                continue;
            };
            if *id == seen {
                return format!("{replacement}::{kind}");
            }
            if !value.contains(id) {
                value = format!("replace({value}, '{id}', {replacement})");
            }
            is_changed = true;
        }
        self.constants.insert(name.to_owned(), seen.to_owned());
        if is_changed { format!("{}::{kind}", value.replacen(&format!(":{name}"), &format!(":{name}::text"), 1)) } else { value }
    }
}

/// The ids in a text, in their order.
fn ids(text: &str) -> Vec<&str> {
    const LENGTH: usize = 36;
    let is_id =
        |part: &str| part.bytes().enumerate().all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    let mut found = Vec::new();
    let mut at = 0;
    while at + LENGTH <= text.len() {
        match text.get(at..at + LENGTH).filter(|part| is_id(part)) {
            Some(id) => {
                found.push(id);
                at += LENGTH;
            }
            None => at += 1,
        }
    }
    found
}

/// The types that the server finds for a statement's parameters.
async fn types_of(owner: &PgPool, sql: &str) -> Vec<String> {
    if !sql.contains('$') {
        return Vec::new();
    }
    let mut connection = owner.acquire().await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(format!("PREPARE posting AS {sql}"))).execute(&mut *connection).await.expect("a statement");
    let types = sqlx::query_scalar("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'posting'").fetch_one(&mut *connection);
    let types = types.await.expect("its types");
    sqlx::raw_sql("DEALLOCATE posting").execute(&mut *connection).await.expect("its end");
    types
}

fn without_comments(sql: &str) -> String {
    sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n")
}

/// `$n` replaced by its expression.
fn filled(sql: &str, expressions: &[String]) -> String {
    let mut text = String::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let expression = after[..digits].parse::<usize>().ok().and_then(|number| expressions.get(number.checked_sub(1)?));
        text += before;
        text += &expression.map_or_else(|| format!("${}", &after[..digits]), Clone::clone);
        rest = &after[digits..];
    }
    text += rest;
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differed_is_made_anew_and_the_rest_is_constant() {
        let [a, b, x, y] = ["a", "b", "c", "d"].map(|digit| format!("00000000-0000-7000-8000-00000000000{digit}"));
        let articles = [a.clone(), b.clone()];
        let mut values = Values { articles: &articles, fresh: BTreeMap::new(), constants: BTreeMap::new() };
        assert_eq!(values.expression("p0", "uuid", Some((&x, &y))), "lpad(:id0::text, 32, '0')::uuid");
        assert_eq!(values.expression("p1", "bigint", Some(("-5", "7"))), ":lock");
        assert_eq!(values.expression("p2", "text", Some(("user", "user"))), ":p2");
        assert_eq!(values.expression("p3", "text", None), "NULL::text");
        let [seen, again] = [(&a, &x), (&b, &y)].map(|(article, id)| format!("[{{\"v\":\"{article}\",\"id\":\"{id}\"}}]"));
        let expected =
            format!("replace(replace(:p4::text, '{a}', lpad(to_hex(:article + 1048576), 32, '0')), '{x}', lpad(:id0::text, 32, '0'))::jsonb");
        assert_eq!(values.expression("p4", "jsonb", Some((&seen, &again))), expected);
        assert_eq!(values.constants.keys().collect::<Vec<_>>(), ["p2", "p4"]);
    }

    #[test]
    fn parameters_are_filled_in_by_their_whole_number() {
        let expressions: Vec<String> = (1..=10).map(|number| format!(":p{number}")).collect();
        assert_eq!(filled("SELECT $1::jsonb, $10, $2", &expressions), "SELECT :p1::jsonb, :p10, :p2");
        assert_eq!(without_comments("-- $1 is: this\nSELECT 1\n    -- and that\n"), "SELECT 1");
    }
}
