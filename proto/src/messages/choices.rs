//! Choices that messages of several families make.

use crate::names::named_numbers;

named_numbers! {
    /// Where a job stands.
    JobState {
        /// Waiting for its turn.
        1 QUEUED "queued",
        /// Being worked on.
        2 RUNNING "running",
        /// Cancel acknowledged, workers stopping.
        3 CANCELLING "cancelling",
        /// Ended well, perhaps limited by its budget.
        4 DONE "done",
        /// Ended by an error.
        5 FAILED "failed",
        /// Ended by a cancel.
        6 CANCELLED "cancelled",
        /// The daemon stopped under it; it goes on at the next start.
        7 INTERRUPTED "interrupted",
        /// Somebody paused it; it goes on when somebody resumes it.
        8 PAUSED "paused",
    }
}

named_numbers! {
    /// Which budget ended a job early.
    Limit {
        /// None did.
        0 NONE "none",
        /// `files_max`.
        1 FILES "files",
        /// `bytes_max`.
        2 BYTES "bytes",
        /// `seconds_max`.
        3 SECONDS "seconds",
        /// `memory_bytes_max`.
        4 MEMORY "memory",
    }
}

named_numbers! {
    /// What a job is doing.
    Stage {
        /// Accepted, waiting for its turn.
        1 STARTING "starting",
        /// Walking the tree.
        2 COLLECTING "collecting",
        /// Waiting for another project's store to close.
        3 SWITCHING_PROJECTS "switching_projects",
        /// Opening the project's store.
        4 LOADING_STORAGE "loading_storage",
        /// Reading files; text search works after this.
        5 SCANNING "scanning",
        /// Parsing files; symbol search works after this.
        6 INDEXING "indexing",
        /// Writing down the end.
        7 FINALIZING "finalizing",
    }
}

named_numbers! {
    /// What the index holds of a file: exactly one for each file.
    Disposition {
        /// Text and, if its language is known, structure.
        1 INDEXED "indexed",
        /// Not text.
        2 BINARY "binary",
        /// Larger than the limit for text.
        3 TOO_LARGE "too-large",
        /// Could not be read.
        4 UNREADABLE "unreadable",
        /// Changed each time it was read.
        5 UNSTABLE "unstable",
        /// No regular file.
        6 SPECIAL "special",
        /// Text, but its grammar failed on it twice; lexical facts stand in.
        7 QUARANTINED "quarantined",
    }
}
