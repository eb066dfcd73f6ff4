//! What the mails say, in each of the platform's languages. Plain text first; the HTML is the same words.

use chrono::{DateTime, Utc};
use nexus_config::Http;
use nexus_core::invisible::is_invisible;
use nexus_core::language::Language;
use unicode_normalization::UnicodeNormalization;

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

/// Longest name of an organization in a mail to an address that nobody proved.
const MAX_STRANGE_NAME: usize = 60;

/// The words in this language, of English, German and Arabic.
fn in_words(language: Language, [english, german, arabic]: [&str; 3]) -> &str {
    match language {
        Language::English => english,
        Language::German => german,
        Language::Arabic => arabic,
    }
}

/// The link to prove an address. The token is in the fragment, which browsers send to no server.
pub(super) fn verification(http: &Http, language: Language, token: &str) -> Letter {
    let link = format!("{}/verify-email#token={token}", http.public_url);
    letter(
        language,
        in_words(language, ["Confirm your e-mail address", "Bestätigen Sie Ihre E-Mail-Adresse", "أكّد عنوان بريدك الإلكتروني"]),
        None,
        in_words(
            language,
            ["Please confirm that this address is yours:", "Bitte bestätigen Sie, dass diese Adresse Ihnen gehört:", "يرجى تأكيد أن هذا العنوان لك:"],
        ),
        &link,
        in_words(
            language,
            [
                "The link is good for three days. If you did not register, ignore this mail: without the link nothing happens.",
                "Der Link gilt drei Tage. Wenn Sie sich nicht registriert haben, beachten Sie diese Nachricht nicht: Ohne den Link geschieht nichts.",
                "الرابط صالح لمدة ثلاثة أيام. إذا لم تكن قد سجّلت فتجاهل هذه الرسالة: لن يحدث شيء دون الرابط.",
            ],
        ),
    )
}

/// The link to set a new password.
pub(super) fn reset(http: &Http, language: Language, name: Option<&str>, token: &str) -> Letter {
    let link = format!("{}/reset-password#token={token}", http.public_url);
    letter(
        language,
        in_words(language, ["Set a new password", "Setzen Sie ein neues Passwort", "تعيين كلمة مرور جديدة"]),
        name,
        in_words(
            language,
            [
                "Somebody, most likely you, asked to set a new password for your account. Here you can:",
                "Jemand, wahrscheinlich Sie, möchte ein neues Passwort für Ihr Konto setzen. Das geht hier:",
                "طلب أحدهم، وعلى الأرجح أنت، تعيين كلمة مرور جديدة لحسابك. يمكنك ذلك هنا:",
            ],
        ),
        &link,
        in_words(
            language,
            [
                "The link is good for one hour and for one new password; it ends every session of your account. If you did not ask for it, ignore this mail: your \
                 password stays as it is.",
                "Der Link gilt eine Stunde und für ein neues Passwort; damit endet jede Sitzung Ihres Kontos. Wenn Sie das nicht angefordert haben, beachten Sie \
                 diese Nachricht nicht: Ihr Passwort bleibt, wie es ist.",
                "الرابط صالح لمدة ساعة واحدة ولكلمة مرور جديدة واحدة، وهو ينهي كل جلسات حسابك. إذا لم تطلب ذلك فتجاهل هذه الرسالة: ستبقى كلمة مرورك كما هي.",
            ],
        ),
    )
}

/// The password is another now.
pub(super) fn password_changed(http: &Http, language: Language, name: Option<&str>) -> Letter {
    let link = format!("{}/forgot-password", http.public_url);
    letter(
        language,
        in_words(language, ["Your password was changed", "Ihr Passwort wurde geändert", "تم تغيير كلمة مرورك"]),
        name,
        in_words(
            language,
            [
                "The password of your account was changed, and sessions elsewhere were ended. If that was not you, set a new one at once:",
                "Das Passwort Ihres Kontos wurde geändert, und Sitzungen anderswo wurden beendet. Wenn Sie das nicht waren, setzen Sie sofort ein neues:",
                "تم تغيير كلمة مرور حسابك وإنهاء الجلسات الأخرى. إذا لم تكن أنت من فعل ذلك فعيّن كلمة مرور جديدة فورًا:",
            ],
        ),
        &link,
        in_words(
            language,
            ["If it was you, there is nothing to do.", "Wenn Sie es waren, ist nichts zu tun.", "إذا كنت أنت من فعل ذلك فلا حاجة لأي إجراء."],
        ),
    )
}

/// The organization is ready.
pub(super) fn welcome(http: &Http, language: Language, names: Option<Names<'_>>, slug: &str) -> Letter {
    let link = http.organization_url(slug);
    let yours = in_words(language, ["Your organization", "Ihre Organisation", "مؤسستك"]);
    let organization = names.map_or(yours, |names| names.organization);
    let apex = http.public_url.trim_end_matches('/');
    let (subject, before, after) = match language {
        Language::English => (
            format!("{organization} is ready"),
            format!("{organization} ({slug}) has its own database and storage now. Its address is:"),
            format!(
                "Its API is at {link}/api/v1 and documented at {apex}/docs . Log in by POST {apex}/api/v1/auth/login with your e-mail address, your password \
                 and the organization \"{slug}\"."
            ),
        ),
        Language::German => (
            format!("{organization} ist bereit"),
            format!("{organization} ({slug}) hat jetzt eine eigene Datenbank und einen eigenen Speicher. Die Adresse ist:"),
            format!(
                "Die API ist unter {link}/api/v1 erreichbar und unter {apex}/docs beschrieben. Melden Sie sich mit POST {apex}/api/v1/auth/login an, mit Ihrer \
                 E-Mail-Adresse, Ihrem Passwort und der Organisation \"{slug}\"."
            ),
        ),
        Language::Arabic => (
            format!("{organization} جاهزة"),
            format!("أصبح لـ {organization} ({slug}) الآن قاعدة بيانات ومساحة تخزين خاصة بها. عنوانها:"),
            format!(
                "واجهة البرمجة متاحة على {link}/api/v1 وموثّقة على {apex}/docs . سجّل الدخول عبر POST {apex}/api/v1/auth/login باستخدام بريدك الإلكتروني وكلمة \
                 المرور والمؤسسة \"{slug}\"."
            ),
        ),
    };
    letter(language, &subject, names.map(|names| names.person), &before, &link, &after)
}

/// The link of an invitation, to an address that nobody may have proved: of what others typed it carries the organization's name alone, cut and made harmless.
pub(super) fn invitation(http: &Http, language: Language, organization: &str, expires_at: DateTime<Utc>, token: &str) -> Letter {
    let link = format!("{}/accept-invitation#token={token}", http.public_url);
    let (organization, until) = (harmless(organization), expires_at.format("%Y-%m-%d %H:%M"));
    let (subject, before, after) = match language {
        Language::English => (
            format!("Invitation to {organization}"),
            format!("You are invited to work with the organization “{organization}”. Here you can look at the invitation and accept it:"),
            format!(
                "The link is good once, and until {until} UTC at the latest; a later invitation replaces it. If you do not know this organization, ignore this \
                 mail: without the link nothing happens."
            ),
        ),
        Language::German => (
            format!("Einladung zu {organization}"),
            format!("Sie sind eingeladen, mit der Organisation „{organization}“ zu arbeiten. Hier können Sie die Einladung ansehen und annehmen:"),
            format!(
                "Der Link gilt einmal und höchstens bis {until} UTC; eine spätere Einladung ersetzt ihn. Wenn Sie diese Organisation nicht kennen, beachten Sie \
                 diese Nachricht nicht: Ohne den Link geschieht nichts."
            ),
        ),
        Language::Arabic => (
            format!("دعوة إلى {organization}"),
            format!("أنت مدعو للعمل مع المؤسسة «{organization}». يمكنك الاطلاع على الدعوة وقبولها هنا:"),
            format!(
                "الرابط صالح مرة واحدة وحتى {until} UTC على الأكثر، وتحلّ محلّه أي دعوة لاحقة. إذا كنت لا تعرف هذه المؤسسة فتجاهل هذه الرسالة: لن يحدث شيء دون الرابط."
            ),
        ),
    };
    letter(language, &subject, None, &before, &link, &after)
}

/// A name that strangers chose, as one short line that no mail program makes a link of.
fn harmless(name: &str) -> String {
    let mut out = String::new();
    let mut letters = name.chars().filter(|letter| !is_invisible(*letter)).take(MAX_STRANGE_NAME).peekable();
    while let Some(letter) = letters.next() {
        // Addresses and links have these between letters; names that do are read as well with a gap.
        let joins = is_joint(letter) && letters.peek().is_some_and(|next| !next.is_whitespace());
        out.push(letter);
        if joins {
            out.push(' ');
        }
    }
    if name.chars().count() > MAX_STRANGE_NAME {
        out.push('…');
    }
    out
}

/// What stands between the parts of an address, as browsers and mail programs read it: wide, small and one-dot forms too.
fn is_joint(letter: char) -> bool {
    matches!(letter, '\u{3002}' | '\u{ff61}' | '\u{2215}' | '\u{2044}') || letter.nfkc().any(|plain| matches!(plain, '.' | ':' | '/' | '\\' | '@'))
}

fn letter(language: Language, subject: &str, name: Option<&str>, before: &str, link: &str, after: &str) -> Letter {
    let hello = in_words(language, ["Hello", "Guten Tag", "مرحبًا"]);
    let comma = in_words(language, [",", ",", "،"]);
    let greeting = name.map_or_else(|| format!("{hello}{comma}"), |name| format!("{hello} {name}{comma}"));
    let text = format!("{greeting}\n\n{before}\n\n{link}\n\n{after}\n");
    let html = format!(
        "<!doctype html><html lang=\"{}\" dir=\"{}\"><body><p>{}</p><p>{}</p><p><a href=\"{}\">{}</a></p><p>{}</p></body></html>",
        language.tag(),
        language.direction(),
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
        let letter = welcome(&http("https://nexus.example", "nexus.example"), Language::English, Some(names), "acme");
        assert_eq!(letter.subject, "AcmeBcc: x@y.z is ready");
        assert!(letter.html.contains("&lt;b&gt;Ada&lt;/b&gt;") && !letter.html.contains("<b>"));
    }

    #[test]
    fn to_an_address_that_is_not_proved_a_mail_carries_nobodys_words() {
        let letter = welcome(&http("https://nexus.example", "nexus.example"), Language::English, None, "acme");
        assert_eq!(letter.subject, "Your organization is ready");
        assert!(letter.text.starts_with("Hello,\n"));
    }

    #[test]
    fn a_welcome_names_the_organization_and_says_how_its_api_is_entered() {
        let http = http("https://nexus.example", "nexus.example");
        let names = Names { person: "Ada", organization: "Acme Ltd" };
        for (names, organization) in [(Some(names), "Acme Ltd (acme)"), (None, "Your organization (acme)")] {
            let text = welcome(&http, Language::English, names, "acme").text;
            assert!(text.contains(organization) && text.contains("\nhttps://acme.nexus.example\n"), "{text}");
            assert!(text.contains("https://acme.nexus.example/api/v1 ") && text.contains("POST https://nexus.example/api/v1/auth/login "), "{text}");
        }
    }

    #[test]
    fn the_token_travels_in_the_fragment() {
        let letter = verification(&http("https://nexus.example", "nexus.example"), Language::English, "nxv_abc");
        assert!(letter.text.contains("https://nexus.example/verify-email#token=nxv_abc"));
        let letter = reset(&http("https://nexus.example", "nexus.example"), Language::English, None, "nxp_abc");
        assert!(
            letter.text.contains("\nhttps://nexus.example/reset-password#token=nxp_abc\n") && letter.text.contains("one hour"),
            "{}",
            letter.text
        );
    }

    const LANGUAGES: [Language; 3] = [Language::English, Language::German, Language::Arabic];

    #[test]
    fn every_mail_is_written_in_every_language() {
        let http = http("https://nexus.example", "nexus.example");
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let all = LANGUAGES.map(|language| {
            let names = Names { person: "Ada", organization: "Acme" };
            let letters = [
                verification(&http, language, "nxv_abc"),
                reset(&http, language, None, "nxp_abc"),
                password_changed(&http, language, None),
                welcome(&http, language, Some(names), "acme"),
                welcome(&http, language, None, "acme"),
                invitation(&http, language, "Acme", until, "nxi_abc"),
            ];
            let markup = format!("<html lang=\"{}\" dir=\"{}\">", language.tag(), language.direction());
            for letter in &letters {
                assert!(letter.html.contains(&markup) && letter.text.lines().any(|line| line.starts_with("https://")), "{letter:?}");
            }
            letters
        });
        for (place, english) in all[0].iter().enumerate() {
            for other in &all[1..] {
                assert!(other[place].subject != english.subject && other[place].text != english.text, "{:?}", other[place]);
            }
        }
    }

    #[test]
    fn an_invitation_carries_the_organizations_name_and_nothing_to_click_in_it() {
        let http = http("https://nexus.example", "nexus.example");
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for language in LANGUAGES {
            let name = "<b>Win</b> at https://evil.example/now, ask me@evil.example\u{202e}";
            let letter = invitation(&http, language, name, until, "nxi_abc");
            assert!(!letter.html.contains("<b>") && !letter.text.contains("evil.example") && !letter.text.contains("https://evil"), "{letter:?}");
            assert!(
                letter.text.contains("\nhttps://nexus.example/accept-invitation#token=nxi_abc\n") && letter.text.contains("2027-01-15 08:00 UTC"),
                "{letter:?}"
            );
        }
        assert_eq!(harmless("St.Gallen & Co. KG"), "St. Gallen & Co. KG");
        assert_eq!(harmless("Acme.com"), "Acme. com");
        for joint in ['\u{ff0e}', '\u{3002}', '\u{ff61}', '\u{2024}', '\u{fe52}', '\u{ff0f}', '\u{ff20}', '\u{ff1a}'] {
            assert_eq!(harmless(&format!("evil{joint}com")), format!("evil{joint} com"));
        }
        let long = harmless(&"ä".repeat(200));
        assert_eq!((long.chars().count(), long.chars().last()), (MAX_STRANGE_NAME + 1, Some('…')));
    }
}
