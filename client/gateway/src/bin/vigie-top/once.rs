//! `vigie top --once`: how things stand now, as plain text, each panel with all of its rows.

use std::io::{self, ErrorKind, Write};

use vigie::{Client, EventStream, Exit, Options, StreamItem, Wait};
use vigie_proto::Subscribe;

use crate::Trouble;
use crate::link::ask_all;
use crate::news::News;
use crate::palette::Palette;
use crate::state::{Panel, State};
use crate::view::{Listing, head_lines, listing};

/// Wide enough for every column; nothing is cut but very long paths.
const COLUMNS: usize = 160;

pub(crate) fn print(options: Options, mut state: State) -> Result<Exit, Trouble> {
    let mut news = Vec::new();
    ask_all(&mut Client::new(options.clone()), true, &mut news)?;
    let subscribe = Subscribe { path: state.only.clone().unwrap_or_default(), ..Subscribe::default() };
    if let Some(StreamItem::Snapshot(snapshot)) = EventStream::subscribe(&options, subscribe)?.next(&Wait::FOREVER)? {
        news.push(News::Snapshot(snapshot));
    }
    news.into_iter().for_each(|told| state.apply(told));
    match write!(io::stdout().lock(), "{}", text(&state)) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Trouble::Terminal("write the output", error)),
        _ => Ok(Exit::Done),
    }
}

fn text(state: &State) -> String {
    let mut lines: Vec<String> = head_lines(state, COLUMNS, &Palette::PLAIN).iter().map(ToString::to_string).collect();
    for panel in Panel::ALL.into_iter().filter(|panel| *panel != Panel::Events) {
        let Listing { head, items, empty } = listing(panel, state, COLUMNS, &Palette::PLAIN);
        lines.extend([String::new(), format!("{} {}", panel.title(), state.len(panel))]);
        if items.is_empty() {
            lines.push(empty);
        } else {
            lines.extend(head.iter().chain(items.iter().flatten()).map(ToString::to_string));
        }
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}
