//! What a key means, wherever the person is.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use vigie::human::escape;
use vigie_proto::{JobState, WatchState};

use crate::news::Request;
use crate::state::{Coverage, Over, Panel, Said, State, project_name};

/// Rows that a page key goes.
const PAGE: usize = 10;

/// Takes in a key; what it asks of the daemon is returned.
pub(crate) fn press(state: &mut State, key: KeyEvent) -> Option<Request> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) && matches!(key.code, KeyCode::Char('c' | 'd')) {
        state.quit = true;
        return None;
    }
    match std::mem::replace(&mut state.over, Over::Nothing) {
        Over::Nothing => on_panels(state, key.code),
        Over::Help => None,
        Over::Confirm(_, request) => {
            if matches!(key.code, KeyCode::Char('y' | 'Y')) {
                return Some(request);
            }
            say(state, "nothing was done");
            None
        }
        Over::Coverage(mut coverage) => {
            if on_coverage(&mut coverage, key.code) {
                state.over = Over::Coverage(coverage);
            }
            None
        }
    }
}

fn on_panels(state: &mut State, code: KeyCode) -> Option<Request> {
    state.said = None;
    let at = state.selected(state.focus);
    if let Some(to) = moved(code, at, state.len(state.focus)) {
        state.select(to);
        return None;
    }
    match code {
        KeyCode::Char('q') | KeyCode::Esc => state.quit = true,
        KeyCode::Char('?') | KeyCode::F(1) => state.over = Over::Help,
        KeyCode::Tab | KeyCode::Right | KeyCode::Char('l') => state.focus(neighbour(state.focus, 1)),
        KeyCode::BackTab | KeyCode::Left | KeyCode::Char('h') => {
            state.focus(neighbour(state.focus, Panel::ALL.len() - 1))
        }
        KeyCode::Char(digit @ '1'..='6') => state.focus(Panel::ALL[digit as usize - '1' as usize]),
        KeyCode::Char('c') => cancel(state),
        KeyCode::Char('p') => return pause(state),
        KeyCode::Char('w') => return watch(state),
        KeyCode::Char('i') => return index(state),
        KeyCode::Char('o') | KeyCode::Enter => return coverage(state),
        KeyCode::Char('s') if !state.is_up() => {
            say(state, "starting a daemon …");
            return Some(Request::Start);
        }
        _ => {}
    }
    None
}

/// Where a key that moves in a list of so many rows leads to.
fn moved(code: KeyCode, at: usize, len: usize) -> Option<usize> {
    Some(match code {
        KeyCode::Up | KeyCode::Char('k') => at.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => at + 1,
        KeyCode::PageUp => at.saturating_sub(PAGE),
        KeyCode::PageDown => at + PAGE,
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => len.saturating_sub(1),
        _ => return None,
    })
}

fn neighbour(panel: Panel, steps: usize) -> Panel {
    Panel::ALL[(panel as usize + steps) % Panel::ALL.len()]
}

fn say(state: &mut State, text: &str) {
    state.said = Some(Said { text: text.to_owned(), failed: false });
}

fn refuse(state: &mut State, text: &str) {
    state.said = Some(Said { text: text.to_owned(), failed: true });
}

fn cancel(state: &mut State) {
    let Some(job) = state.job_meant() else { return refuse(state, "select a job or a project with one, then press c") };
    let (id, name) = (job.id, project_name(&job.project));
    if !job.is_active() {
        return refuse(state, &format!("job {id} has ended: {}", job.state));
    }
    state.over = Over::Confirm(format!("cancel job {id} of {name}, for everybody?"), Request::Cancel(id));
}

fn pause(state: &mut State) -> Option<Request> {
    let Some(job) = state.job_meant() else {
        refuse(state, "select a job or a project with one, then press p");
        return None;
    };
    let (id, job_state) = (job.id, job.state);
    match job_state {
        JobState::PAUSED => {
            say(state, &format!("resuming job {id} …"));
            Some(Request::Resume(id))
        }
        JobState::RUNNING | JobState::QUEUED => {
            say(state, &format!("pausing job {id} …"));
            Some(Request::Pause(id))
        }
        other => {
            refuse(state, &format!("job {id} cannot be paused: {other}"));
            None
        }
    }
}

fn watch(state: &mut State) -> Option<Request> {
    let Some(project) = state.project_meant() else {
        refuse(state, "there is no project to watch");
        return None;
    };
    let (root, is_watched) = (project.root.clone(), project.watch != WatchState::NONE);
    let name = project_name(&root);
    if is_watched {
        say(state, &format!("ending the watch of {name} …"));
        Some(Request::Unwatch(root))
    } else {
        say(state, &format!("watching {name} …"));
        Some(Request::Watch(root))
    }
}

/// With no project to choose, the directory that the person is in; that begins something new, so it is asked first.
fn index(state: &mut State) -> Option<Request> {
    if let Some(project) = state.project_meant() {
        let root = project.root.clone();
        say(state, &format!("indexing {} …", project_name(&root)));
        return Some(Request::Index(root));
    }
    let cwd = state.cwd.clone();
    state.over = Over::Confirm(format!("index {}?", escape(&cwd.0)), Request::Index(cwd));
    None
}

fn coverage(state: &mut State) -> Option<Request> {
    let Some(project) = state.project_meant() else {
        refuse(state, "there is no project to look into");
        return None;
    };
    let root = project.root.clone();
    state.coverages += 1;
    state.over = Over::Coverage(Box::new(Coverage::new(state.coverages, root.clone())));
    Some(Request::Coverage(state.coverages, root))
}

/// Returns whether the coverage stays open.
fn on_coverage(coverage: &mut Coverage, code: KeyCode) -> bool {
    if coverage.typing {
        match code {
            KeyCode::Enter => coverage.typing = false,
            KeyCode::Esc => {
                coverage.typing = false;
                coverage.set_filter(String::new());
            }
            KeyCode::Backspace => {
                let mut filter = coverage.filter.clone();
                filter.pop();
                coverage.set_filter(filter);
            }
            KeyCode::Char(letter) => coverage.set_filter(format!("{}{letter}", coverage.filter)),
            _ => {
                if let Some(to) = moved(code, coverage.selected(), coverage.len()) {
                    coverage.select(to);
                }
            }
        }
        return true;
    }
    if let Some(to) = moved(code, coverage.selected(), coverage.len()) {
        coverage.select(to);
        return true;
    }
    match code {
        KeyCode::Char('/') => coverage.typing = true,
        KeyCode::Esc if !coverage.filter.is_empty() => coverage.set_filter(String::new()),
        KeyCode::Char('q' | 'o') | KeyCode::Esc => return false,
        _ => {}
    }
    true
}
