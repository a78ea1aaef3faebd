//! One worker process as the daemon sees it: started, fed, listened to, killed and waited for. Reads and writes never
//! block, so that a worker which does neither cannot hold up the daemon. Which files it gets is decided elsewhere.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use vigie_core::extract::lane::Task;

use super::verdict::Death;
use crate::telemetry::{Counters, Telemetry};

use super::wire::{FrameError, HEADER_BYTES, Header, Incoming, Status};

/// What each pipe is asked to hold, so that small files pass without a wait; less is no harm.
const PIPE_BYTES: usize = 1 << 20;

/// The workers that live. A process id is on it only while it is certain to be ours.
#[derive(Debug, Default)]
pub(super) struct Roster {
    pids: Mutex<Vec<u32>>,
    /// Where it is counted who begins and who dies.
    telemetry: Option<Arc<Telemetry>>,
}

impl Roster {
    /// One whose workers are counted.
    pub(super) fn counted(telemetry: Arc<Telemetry>) -> Roster {
        Roster { telemetry: Some(telemetry), ..Roster::default() }
    }

    fn begun(&self, pid: u32) {
        self.pids_locked().push(pid);
        if let Some(telemetry) = &self.telemetry {
            Counters::add(&telemetry.counters.workers_started, 1);
        }
    }

    fn died(&self, death: &Death) {
        let Some(telemetry) = &self.telemetry else { return };
        let Counters { workers_died, workers_killed, .. } = &telemetry.counters;
        match death {
            Death::Own(_) => Counters::add(workers_died, 1),
            Death::Killed => Counters::add(workers_killed, 1),
        }
    }

    fn pids_locked(&self) -> MutexGuard<'_, Vec<u32>> {
        // A push or a retain cannot stop halfway, so a poisoned lock still holds a sound list.
        self.pids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.pids_locked().clone()
    }
}

/// How much of the processor a worker claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// What nobody else wants.
    Background,
    /// As much as the daemon itself: somebody waits for few files.
    Prompt,
}

/// A worker. Dropping it kills it and waits for its end.
pub(super) struct Worker {
    roster: Arc<Roster>,
    child: Child,
    requests: ChildStdin,
    answers: ChildStdout,
    outgoing: VecDeque<Outgoing>,
    incoming: Incoming,
    ready: bool,
    used: bool,
}

/// A request that is not wholly in the pipe. There are never more of them than files in flight.
struct Outgoing {
    header: [u8; HEADER_BYTES],
    body: Arc<[u8]>,
    written: usize,
}

/// A worker's answer to a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Packed facts.
    Facts(Vec<u8>),
    /// Why there are none.
    Failed(String),
}

/// No answer will come from this worker any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// It closed its end.
    Ended,
    /// It wrote what is no answer.
    Nonsense,
}

impl Worker {
    /// Starts one. It ends with the thread that calls this.
    pub(super) fn spawn(executable: &Path, pace: Pace, roster: &Arc<Roster>) -> io::Result<Worker> {
        let mut child = Command::new(executable)
            .arg0("vigied")
            .arg("worker")
            .args((pace == Pace::Prompt).then_some("--prompt"))
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A Ctrl-C meant for the daemon is not for its workers.
            .process_group(0)
            .spawn()?;
        roster.begun(child.id());
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(end(&mut child, roster).err().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into()));
        };
        let (outgoing, incoming) = (VecDeque::new(), Incoming::default());
        let roster = Arc::clone(roster);
        let worker = Worker { roster, child, requests, answers, outgoing, incoming, ready: false, used: false };
        worker.prepare_pipes()?;
        Ok(worker)
    }

    fn prepare_pipes(&self) -> io::Result<()> {
        rustix::io::ioctl_fionbio(&self.requests, true)?;
        rustix::io::ioctl_fionbio(&self.answers, true)?;
        // The system may refuse large pipes to this user; the usual size only costs speed.
        let _refused = rustix::pipe::fcntl_setpipe_size(&self.requests, PIPE_BYTES);
        let _refused = rustix::pipe::fcntl_setpipe_size(&self.answers, PIPE_BYTES);
        Ok(())
    }

    /// Whether it was given a file ever.
    pub(super) fn is_used(&self) -> bool {
        self.used
    }

    /// Whether it came as far as waiting for files.
    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Hands it a file; writes what the pipe takes and keeps the rest.
    pub(super) fn assign(&mut self, task: &Task) -> io::Result<()> {
        let header = Header::of(task.language.number(), &task.source).ok_or(io::ErrorKind::FileTooLarge)?;
        self.outgoing.push_back(Outgoing { header: header.encode(), body: task.source.clone(), written: 0 });
        self.used = true;
        self.write();
        Ok(())
    }

    /// Waits until it answers, takes more, or ends, at most `patience`.
    pub(super) fn wait(&mut self, patience: Duration) -> io::Result<()> {
        let mut fds = vec![PollFd::new(&self.answers, PollFlags::IN)];
        if !self.outgoing.is_empty() {
            fds.push(PollFd::new(&self.requests, PollFlags::OUT));
        }
        let timeout = Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: patience.subsec_nanos().into() };
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Its next answer, if it is there whole; also writes what the pipe takes by now.
    pub(super) fn answer(&mut self, answer_bytes_max: usize) -> Result<Option<Answer>, Gone> {
        self.write();
        loop {
            let (number, body) = match self.incoming.read(&mut self.answers, answer_bytes_max) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(None),
                Err(FrameError::TooLong(_)) => return Err(Gone::Nonsense),
                Err(FrameError::Ended | FrameError::Io(_)) => return Err(Gone::Ended),
            };
            let answer = match Status::from_number(number).ok_or(Gone::Nonsense)? {
                Status::Ready if !self.ready => {
                    self.ready = true;
                    continue;
                }
                Status::Facts if self.ready => Answer::Facts(body),
                Status::Failed if self.ready => Answer::Failed(String::from_utf8_lossy(&body).into_owned()),
                Status::Ready | Status::Facts | Status::Failed => return Err(Gone::Nonsense),
            };
            return Ok(Some(answer));
        }
    }

    /// Makes sure that it has ended, and says of what.
    pub(super) fn bury(mut self) -> Death {
        // A process that is already dying keeps the cause it began with: the kill is for one that only closed its pipe.
        let death = Death::of(end(&mut self.child, &self.roster).ok());
        self.roster.died(&death);
        death
    }

    /// Writes what the pipe takes.
    fn write(&mut self) {
        while let Some(next) = self.outgoing.front_mut() {
            match next.write(&mut self.requests) {
                Ok(true) => drop(self.outgoing.pop_front()),
                Ok(false) => return,
                // It is dead or dying; its last answers are still to be read, then its end.
                Err(_) => self.outgoing.clear(),
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Nobody is left to whom an error would matter.
        let _status = end(&mut self.child, &self.roster);
    }
}

impl Outgoing {
    /// `true` = all of it is in the pipe.
    fn write(&mut self, pipe: &mut ChildStdin) -> io::Result<bool> {
        let whole = HEADER_BYTES + self.body.len();
        while self.written < whole {
            let header = &self.header[self.written.min(HEADER_BYTES)..];
            let body = &self.body[self.written.saturating_sub(HEADER_BYTES)..];
            match pipe.write_vectored(&[IoSlice::new(header), IoSlice::new(body)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }
}

/// Kills and reaps. The id leaves the roster first: once reaped it may be anybody's.
fn end(child: &mut Child, roster: &Roster) -> io::Result<std::process::ExitStatus> {
    let pid = child.id();
    roster.pids_locked().retain(|&listed| listed != pid);
    child.kill()?;
    child.wait()
}
