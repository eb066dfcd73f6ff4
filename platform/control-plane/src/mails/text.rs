//! What the mails say. Plain text first; the HTML is the same words.

use nexus_config::Http;

/// Subject and bodies of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What people chose to be called: said only to an address that is proved. To any other, a mail would carry a stranger's words in the platform's name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    pub person: &'a str,
    pub organization: &'a str,
}

/// The link to prove an address. The token is in the fragment, which browsers send to no server.
pub(super) fn verification(http: &Http, token: &str) -> Letter {
    let link = format!("{}/verify-email#token={token}", http.public_url);
    letter(
        "Confirm your e-mail address",
        None,
        "Please confirm that this address is yours:",
        &link,
        "The link is good for three days. If you did not register, ignore this mail: without the link nothing happens.",
    )
}

/// The link to set a new password.
pub(super) fn reset(http: &Http, name: Option<&str>, token: &str) -> Letter {
    let link = format!("{}/reset-password#token={token}", http.public_url);
    letter(
        "Set a new password",
        name,
        "Somebody, most likely you, asked to set a new password for your account. Here you can:",
        &link,
        "The link is good for one hour and for one new password; it ends every session of your account. If you did not ask for it, ignore this mail: your \
         password stays as it is.",
    )
}

/// The password is another now.
pub(super) fn password_changed(http: &Http, name: Option<&str>) -> Letter {
    let link = format!("{}/forgot-password", http.public_url);
    letter(
        "Your password was changed",
        name,
        "The password of your account was changed, and sessions elsewhere were ended. If that was not you, set a new one at once:",
        &link,
        "If it was you, there is nothing to do.",
    )
}

/// The organization is ready.
pub(super) fn welcome(http: &Http, names: Option<Names<'_>>, slug: &str) -> Letter {
    let link = http.organization_url(slug);
    let organization = names.map_or("Your organization", |names| names.organization);
    let apex = http.public_url.trim_end_matches('/');
    letter(
        &format!("{organization} is ready"),
        names.map(|names| names.person),
        &format!("{organization} ({slug}) has its own database and storage now. Its address is:"),
        &link,
        &format!(
            "Its API is at {link}/api/v1 and documented at {apex}/docs . Log in by POST {apex}/api/v1/auth/login with your e-mail address, your password and \
             the organization \"{slug}\"."
        ),
    )
}

fn letter(subject: &str, name: Option<&str>, before: &str, link: &str, after: &str) -> Letter {
    let greeting = name.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"));
    let text = format!("{greeting}\n\n{before}\n\n{link}\n\n{after}\n");
    let html = format!(
        "<!doctype html><html lang=\"en\"><body><p>{}</p><p>{}</p><p><a href=\"{}\">{}</a></p><p>{}</p></body></html>",
        escaped(&greeting),
        escaped(before),
        escaped(link),
        escaped(link),
        escaped(after)
    );
    // A header is one line, whatever a name holds.
    let subject = subject.chars().filter(|letter| !letter.is_control()).collect();
    Letter { subject, text, html }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use nexus_config::Settings;

    use super::*;

    fn http(public_url: &str, apex_host: &str) -> Http {
        let mut http = Settings::development().http;
        http.public_url = public_url.into();
        http.apex_host = apex_host.into();
        http
    }

    #[test]
    fn names_can_not_write_into_the_mail() {
        let names = Names { person: "<b>Ada</b>", organization: "Acme\r\nBcc: x@y.z" };
        let letter = welcome(&http("https://nexus.example", "nexus.example"), Some(names), "acme");
        assert_eq!(letter.subject, "AcmeBcc: x@y.z is ready");
        assert!(letter.html.contains("&lt;b&gt;Ada&lt;/b&gt;") && !letter.html.contains("<b>"));
    }

    #[test]
    fn to_an_address_that_is_not_proved_a_mail_carries_nobodys_words() {
        let letter = welcome(&http("https://nexus.example", "nexus.example"), None, "acme");
        assert_eq!(letter.subject, "Your organization is ready");
        assert!(letter.text.starts_with("Hello,\n"));
    }

    #[test]
    fn a_welcome_names_the_organization_and_says_how_its_api_is_entered() {
        let http = http("https://nexus.example", "nexus.example");
        let names = Names { person: "Ada", organization: "Acme Ltd" };
        for (names, organization) in [(Some(names), "Acme Ltd (acme)"), (None, "Your organization (acme)")] {
            let text = welcome(&http, names, "acme").text;
            assert!(text.contains(organization) && text.contains("\nhttps://acme.nexus.example\n"), "{text}");
            assert!(text.contains("https://acme.nexus.example/api/v1 ") && text.contains("POST https://nexus.example/api/v1/auth/login "), "{text}");
        }
    }

    #[test]
    fn the_token_travels_in_the_fragment() {
        let letter = verification(&http("https://nexus.example", "nexus.example"), "nxv_abc");
        assert!(letter.text.contains("https://nexus.example/verify-email#token=nxv_abc"));
        let letter = reset(&http("https://nexus.example", "nexus.example"), None, "nxp_abc");
        assert!(
            letter.text.contains("\nhttps://nexus.example/reset-password#token=nxp_abc\n") && letter.text.contains("one hour"),
            "{}",
            letter.text
        );
    }
}
