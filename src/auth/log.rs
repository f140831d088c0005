//! Lines of the log beside the one of each request: what is done behind an answer, and what an
//! answer does not tell. None of them holds an address, a link or a secret.

use crate::host::Host;
use crate::http::json::Writer;
use crate::time::rfc3339;

/// A line with its beginning: when, how grave it is (`info`, `warn` or `error`), and what it is
/// about. Whoever begins one adds the rest and hands it to [`Host::log`].
pub(super) fn line(host: &impl Host, level: &str, event: &str) -> Writer {
    let mut line = Writer::object();
    line.texts(&[("time", &rfc3339(host.now())), ("level", level), ("event", event)]);
    line
}
