//! Which answers belong to which requests, as types; and reading a frame as the message it should be.

use vigie_proto::{
    Activity, ActivityReply, CallQuery, CallRows, CancelAck, CancelJob, ChangedQuery, ChangedRows, Check, CheckRows,
    Config, ConfigReply, ContextQuery, ContextRows, CoverageQuery, CoverageRows, Done, DumpLines, DumpQuery, Failure,
    FileMatchQuery, FileMatchRows, FileQuery, FileRows, Forget, Forgotten, Frame, HierarchyQuery, HierarchyRows,
    ImpactQuery, ImpactRows, ImportQuery, ImportRows, Index, JobAccepted, JobRows, ListJobs, ListProjects, MapQuery,
    MapRows, Message, Metrics, MetricsReply, PauseAck, PauseJob, Ping, Pong, ProjectRows, ReferenceQuery,
    ReferenceRows, Refresh, Refreshed, ResumeJob, SearchQuery, SearchRows, Shutdown, Status, StatusReply, SymbolQuery,
    SymbolRows, TextQuery, TextRows, Watch, Watched, call_tag, capability, decode, reference_flag,
};

use crate::error::ClientError;

/// A request answered by one message.
pub trait Ask: Message {
    /// The answer.
    type Answer: Message;
}

/// A request answered by pages and nothing else.
pub trait Listing: Message {
    /// A page.
    type Page: Message;
}

/// A request answered by pages and a `QuerySummary`.
pub trait Query: Message {
    /// A page.
    type Page: Message;

    /// The capability that this very request needs besides that of its kind, for what a daemon without it would ignore.
    fn needs(&self) -> Option<&'static str> {
        None
    }
}

impl Query for ReferenceQuery {
    type Page = ReferenceRows;

    fn needs(&self) -> Option<&'static str> {
        (self.flags & reference_flag::CERTAIN != 0).then_some(capability::CERTAIN)
    }
}

impl Query for CallQuery {
    type Page = CallRows;

    fn needs(&self) -> Option<&'static str> {
        self.ext.get(call_tag::CERTAIN).map(|_| capability::CERTAIN)
    }
}

macro_rules! answers {
    ($($family:ident :: $name:ident: $($request:ident => $answer:ident),*;)*) => {
        $($(impl $family for $request { type $name = $answer; })*)*
    };
}

answers! {
    Ask::Answer: Ping => Pong, Shutdown => Done, CancelJob => CancelAck, Status => StatusReply, Index => JobAccepted,
        Refresh => Refreshed, Watch => Watched, Forget => Forgotten, Config => ConfigReply,
        PauseJob => PauseAck, ResumeJob => PauseAck, Metrics => MetricsReply, Activity => ActivityReply;
    Listing::Page: ListJobs => JobRows, ListProjects => ProjectRows, Check => CheckRows;
    Query::Page: TextQuery => TextRows, FileMatchQuery => FileMatchRows, SymbolQuery => SymbolRows, SearchQuery => SearchRows,
        ChangedQuery => ChangedRows,
        HierarchyQuery => HierarchyRows, ImportQuery => ImportRows,
        ContextQuery => ContextRows, MapQuery => MapRows, ImpactQuery => ImpactRows,
        FileQuery => FileRows, CoverageQuery => CoverageRows, DumpQuery => DumpLines;
}

/// Reads a frame as `T`; the daemon's failure, or anything else, is an error. Of a later revision the known fields are read.
pub fn expect<T: Message>(frame: &Frame) -> Result<T, ClientError> {
    let header = frame.header;
    if header.kind == Failure::KIND {
        return Err(ClientError::Failure(Box::new(decode(&frame.body)?)));
    }
    if header.kind != T::KIND {
        return Err(ClientError::unexpected(T::NAME, header.kind));
    }
    Ok(decode(&frame.body)?)
}

/// Whether this frame has nothing to say to this build, except that its FIN ends the request.
pub(crate) fn is_unknown(frame: &Frame) -> bool {
    frame.header.kind.name().is_none()
}
