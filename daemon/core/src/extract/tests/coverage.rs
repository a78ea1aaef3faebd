//! No identifier is lost: real files, compared with a scan of words that knows nothing of grammars.

