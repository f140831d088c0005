//! Pieces that pages share. They render what they are given and decide nothing.

pub mod asset;

use maud::{DOCTYPE, Markup, html};

use crate::route::HOME;

/// The page around `content`.
#[must_use]
pub fn shell(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href=(asset::STYLE.path());
                link rel="icon" type="image/svg+xml" href=(asset::MARK.path());
            }
            body {
                header {
                    a href=(HOME) { img src=(asset::MARK.path()) alt="" width="20" height="20"; "Selvedge" }
                }
                main { (content) }
            }
        }
    }
}
