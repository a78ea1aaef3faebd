//! Extraction in worker processes: grammars are C code and run on whatever a repository contains, so a crash may cost
//! one file and never the daemon. The pool is what the indexer gets; `run_worker` is the other end, in the process it
//! starts.

mod pool;
pub use pool::WorkerPool;

mod lane;

mod process;

mod spare;

mod verdict;

mod budget;

mod wire;

mod child;
pub use child::run_worker;

mod confine;
