//! How letters leave, if they do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::url::secure;
use super::{ConfigError, Setting};
use crate::secret::Secret;

/// The settings of mail.
#[derive(Debug)]
pub struct Mail {
    /// `MAILER_FROM`: the name of the application, which may be empty, and the address letters come
    /// from.
    pub sender: (String, String),
    /// What takes them.
    pub transport: Transport,
}

/// What takes letters.
#[derive(Debug)]
pub enum Transport {
    /// Nothing: there are no letters.
    None,
    /// The inbox of a machine for development: they stay in the database, to be looked at.
    Inbox,
    /// The platform's binding.
    Platform,
    /// An HTTP API as Resend has it: `RESEND_API_KEY`, at `RESEND_BASE_URL`.
    Resend {
        /// The key of the account there.
        key: Secret,
        /// Where the API is, without a trailing slash.
        base_url: String,
    },
    /// A hook that sends them itself: `HOOK_SEND_EMAIL_URI`.
    Hook {
        /// Where it is.
        uri: String,
        /// `HOOK_SEND_EMAIL_SECRETS`: the keys that sign, of which a receiver may know any.
        secrets: Vec<SigningKey>,
    },
}

/// A key of Standard Webhooks.
pub struct SigningKey(pub Vec<u8>);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey")
    }
}

/// Where Resend's own API is.
const RESEND: &str = "https://api.resend.com";

impl Mail {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When one does not parse, two contradict each other, or a letter would travel in the clear.
    pub(super) fn read(setting: &Setting<'_>, development: bool) -> Result<Self, ConfigError> {
        let from = setting("MAILER_FROM");
        let sender = from.as_deref().map(sender).transpose()?;
        let (hook, key) = (setting("HOOK_SEND_EMAIL_URI"), setting("RESEND_API_KEY"));
        let transport = match (hook, key) {
            (Some(_), Some(_)) => {
                return Err(error("HOOK_SEND_EMAIL_URI and RESEND_API_KEY are both set"));
            }
            (Some(uri), None) => Transport::Hook {
                uri: secure("HOOK_SEND_EMAIL_URI", uri)?,
                secrets: signing_keys(setting("HOOK_SEND_EMAIL_SECRETS"))?,
            },
            (None, Some(_)) if sender.is_none() => {
                return Err(error("RESEND_API_KEY is set, but MAILER_FROM is not"));
            }
            (None, Some(key)) => {
                let url = setting("RESEND_BASE_URL").unwrap_or_else(|| RESEND.to_owned());
                let base_url = secure("RESEND_BASE_URL", url)?.trim_end_matches('/').to_owned();
                Transport::Resend { key: Secret::new(key), base_url }
            }
            // What the platform's binding takes on such a machine, nobody would see.
            (None, None) if development => Transport::Inbox,
            (None, None) if sender.is_some() => Transport::Platform,
            (None, None) => Transport::None,
        };
        Ok(Self { sender: sender.unwrap_or_default(), transport })
    }

    /// Whether letters go anywhere.
    #[must_use]
    pub const fn exists(&self) -> bool {
        !matches!(self.transport, Transport::None)
    }
}

fn error(message: &str) -> ConfigError {
    ConfigError(message.to_owned())
}

/// `Name <address>`, or the address alone.
fn sender(text: &str) -> Result<(String, String), ConfigError> {
    let (name, address) = match text.split_once('<') {
        Some((name, rest)) => (name.trim(), rest.strip_suffix('>').unwrap_or_default()),
        None => ("", text),
    };
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.contains(|character: char| {
                !character.is_ascii_graphic() || "<>\"(),:;@[\\]".contains(character)
            })
    };
    let is_address =
        address.split_once('@').is_some_and(|(local, domain)| is_plain(local) && is_plain(domain));
    let is_name =
        !name.contains(|character: char| character.is_control() || "<>\"".contains(character));
    if is_address && is_name {
        Ok((name.to_owned(), address.to_owned()))
    } else {
        Err(error("MAILER_FROM is not like name@example.com or Name <name@example.com>"))
    }
}

/// The fewest bytes of a key, as Standard Webhooks has it.
const KEY_BYTES_MIN: usize = 24;

/// `v1,whsec_<base64>`, several of them between bars.
fn signing_keys(text: Option<String>) -> Result<Vec<SigningKey>, ConfigError> {
    let text = text
        .ok_or_else(|| error("HOOK_SEND_EMAIL_URI is set, but HOOK_SEND_EMAIL_SECRETS is not"))?;
    let key = |text: &str| {
        let bytes = BASE64.decode(text.trim().strip_prefix("v1,whsec_")?).ok()?;
        (bytes.len() >= KEY_BYTES_MIN).then_some(SigningKey(bytes))
    };
    text.split('|').map(key).collect::<Option<Vec<_>>>().ok_or_else(|| {
        ConfigError(format!(
            "HOOK_SEND_EMAIL_SECRETS is not like v1,whsec_ and base64 of {KEY_BYTES_MIN} bytes or more"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)], development: bool) -> Result<Mail, String> {
        let setting = |name: &str| {
            let found = settings.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Mail::read(&setting, development).map_err(|error| error.0)
    }

    const FROM: (&str, &str) = ("MAILER_FROM", "The Loom <mail@example.com>");
    const KEY: (&str, &str) = ("RESEND_API_KEY", "re_1");
    const HOOK: (&str, &str) = ("HOOK_SEND_EMAIL_URI", "https://example.com/send");
    const SECRET: (&str, &str) =
        ("HOOK_SEND_EMAIL_SECRETS", "v1,whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");

    #[test]
    fn what_is_set_decides_what_takes_letters() {
        let transport = |settings: &[(&str, &str)], development| {
            format!("{:?}", read(settings, development).expect("good settings").transport)
        };
        assert_eq!(transport(&[], false), "None");
        assert_eq!(transport(&[], true), "Inbox");
        assert_eq!(transport(&[FROM], false), "Platform");
        assert_eq!(transport(&[FROM], true), "Inbox");
        let resend = r#"Resend { key: Secret, base_url: "https://api.resend.com" }"#;
        assert_eq!(transport(&[FROM, KEY], true), resend);
        let hook = r#"Hook { uri: "https://example.com/send", secrets: [SigningKey] }"#;
        assert_eq!(transport(&[HOOK, SECRET], false), hook);
        let sender = |text| read(&[("MAILER_FROM", text)], false).expect("a sender").sender;
        assert_eq!(sender("a@b.example"), (String::new(), "a@b.example".to_owned()));
        assert_eq!(sender("Weber, Ann <a@b>"), ("Weber, Ann".to_owned(), "a@b".to_owned()));
    }

    #[test]
    fn what_is_half_set_or_unsafe_is_refused() {
        let refused = |settings: &[(&str, &str)], words: &str| {
            for development in [false, true] {
                let reason = read(settings, development).expect_err(words);
                assert!(reason.contains(words), "{reason}");
            }
        };
        refused(&[HOOK, SECRET, FROM, KEY], "both set");
        refused(&[KEY], "MAILER_FROM is not");
        refused(&[HOOK], "HOOK_SEND_EMAIL_SECRETS is not");
        for from in [
            "Ann",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "<a@b",
            "Ann <a@b> ",
            "Ann <a@b>\r\nbcc: c@d",
            "A\"nn <a@b>",
            "A\r\nnn <a@b>",
            "a@b,c@d",
            "ä@b",
        ] {
            refused(&[("MAILER_FROM", from)], "MAILER_FROM is not like");
        }
        for url in [
            "http://example.com",
            "example.com",
            "https://",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@example.com/",
            "http://localhost@example.com/",
            "ftp://127.0.0.1/",
            "https://exa mple.com/",
            "javascript:1",
        ] {
            refused(&[("HOOK_SEND_EMAIL_URI", url), SECRET], "HOOK_SEND_EMAIL_URI is not");
            refused(&[FROM, KEY, ("RESEND_BASE_URL", url)], "RESEND_BASE_URL is not");
        }
        let good = SECRET.1;
        for secrets in [
            "",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
            "v1,whsec_AAEC",
            "v1,whsec_!",
            &format!("{good}|"),
            &format!("{good}|x"),
        ] {
            refused(
                &[HOOK, ("HOOK_SEND_EMAIL_SECRETS", secrets)],
                "HOOK_SEND_EMAIL_SECRETS is not like",
            );
        }
    }
}
