//! A part of a long list, by its number, and the headers that tell how long the list is.

use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, read_rows};
use crate::db::Statement;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;
use crate::http::encoding::encode;

/// How many items a page has where nothing is asked for.
const SIZE_DEFAULT: u32 = 50;
/// The most items of a page: what fits into the memory that all requests share.
const SIZE_MAX: u32 = 1000;
/// The highest number of a page, beyond which no list goes.
const NUMBER_MAX: u32 = 1_000_000;

/// What is asked for.
pub(super) struct Page {
    number: u32,
    size: u32,
}

impl Page {
    /// Reads `page` and `per_page`.
    pub(super) fn read(call: &Call<'_>) -> Result<Self, Error> {
        let number = |name: &str, default: u32, most: u32| -> Result<u32, Error> {
            let text = call.given(name)?;
            let number = text.map_or(Some(default), |text| {
                let plain = text.bytes().all(|byte| byte.is_ascii_digit());
                plain.then(|| text.parse().ok()).flatten()
            });
            number
                .filter(|number| (1..=most).contains(number))
                .ok_or_else(|| invalid(format!("{name} is not a number from 1 to {most}")))
        };
        Ok(Self {
            number: number("page", 1, NUMBER_MAX)?,
            size: number("per_page", SIZE_DEFAULT, SIZE_MAX)?,
        })
    }

    /// Asks in one round trip how many rows there are, and for those of this page as JSON texts.
    /// Both statements have what is looked for as `?1`; `read` has `limit` and `offset` besides.
    pub(super) async fn find<H: Host>(
        &self,
        host: &H,
        count: &'static str,
        read: &'static str,
        wanted: Option<String>,
    ) -> Result<(i64, Vec<String>), Error> {
        let offset = u64::from(self.number.saturating_sub(1)).saturating_mul(self.size.into());
        let (size, offset) = (Some(self.size.to_string()), Some(offset.to_string()));
        let count = Statement::fixed(count, vec![wanted.clone()]);
        let read = Statement::fixed(read, vec![wanted, size, offset]);
        let rows = ask(host, vec![count, read]).await?;
        let total = first_row(&rows, 0, |row| row.integer("total").ok()?)?.unwrap_or_default();
        Ok((total, read_rows(&rows, 1)))
    }

    /// The answer with its headers. Clients take what follows the first `=` for the number, so
    /// `page` goes first. `others` are parameters that stay the same.
    pub(super) fn answer<R>(
        &self,
        call: &Call<'_>,
        total: i64,
        others: &[&str],
        body: String,
    ) -> Result<Response<R>, Error> {
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        let last = total.div_ceil(self.size.max(1)).max(1);
        let mut kept = format!("&per_page={}", self.size);
        for name in others {
            if let Some(value) = call.given(name)? {
                kept.push_str(&["&", name, "=", &encode(&value)].concat());
            }
        }
        let path = call.endpoint.path();
        let link = |number: u32, rel: &str| format!("<{path}?page={number}{kept}>; rel=\"{rel}\"");
        let mut links = link(last, "last");
        if self.number < last {
            links = [link(self.number.saturating_add(1), "next"), links].join(", ");
        }
        Ok(Response::json(200, body).with("x-total-count", total.to_string()).with("link", links))
    }
}
