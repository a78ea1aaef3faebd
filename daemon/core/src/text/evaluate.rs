//! A plan asked of posting lists: which files may match. Where the lists are kept is behind a trait.

use super::{
    plan::Plan,
    posting::{self, PostingError},
};

/// Where posting lists are found, such as one segment of a store.
pub trait Postings {
    /// Why a list cannot be had.
    type Error: From<PostingError>;

    /// The files that hold a trigram, as `posting::encode` packs them; `None` if no file does.
    fn posting(&mut self, trigram: u32) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// Files to verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Every file there is.
    All,
    /// These, rising.
    Some(Vec<u32>),
}

/// The files that fulfil a plan.
pub fn evaluate<P: Postings>(plan: &Plan, postings: &mut P) -> Result<Candidates, P::Error> {
    match plan {
        Plan::All => Ok(Candidates::All),
        Plan::Trigram(trigram) => match postings.posting(*trigram)? {
            Some(blob) => Ok(Candidates::Some(posting::decode_all(&blob)?)),
            None => Ok(Candidates::Some(Vec::new())),
        },
        Plan::And(parts) => evaluate_all(parts, postings),
        Plan::Or(parts) => evaluate_any(parts, postings),
    }
}

/// Single trigrams come first, shortest list first: what is left after the rarest bounds all further work.
fn evaluate_all<P: Postings>(parts: &[Plan], postings: &mut P) -> Result<Candidates, P::Error> {
    let mut blobs = Vec::new();
    for part in parts {
        if let Plan::Trigram(trigram) = part {
            match postings.posting(*trigram)? {
                Some(blob) => blobs.push(blob),
                None => return Ok(Candidates::Some(Vec::new())),
            }
        }
    }
    let mut found = intersection(blobs)?;
    for part in parts.iter().filter(|part| !matches!(part, Plan::Trigram(_))) {
        if matches!(&found, Candidates::Some(ids) if ids.is_empty()) {
            break;
        }
        found = both(found, evaluate(part, postings)?);
    }
    Ok(found)
}

fn intersection(mut blobs: Vec<Vec<u8>>) -> Result<Candidates, PostingError> {
    blobs.sort_by_key(Vec::len);
    let mut blobs = blobs.iter();
    let Some(shortest) = blobs.next() else { return Ok(Candidates::All) };
    let mut ids = posting::decode_all(shortest)?;
    for blob in blobs {
        posting::retain_listed(&mut ids, blob)?;
    }
    Ok(Candidates::Some(ids))
}

fn both(one: Candidates, other: Candidates) -> Candidates {
    match (one, other) {
        (Candidates::All, rest) | (rest, Candidates::All) => rest,
        (Candidates::Some(mut ids), Candidates::Some(others)) => {
            posting::intersect(&mut ids, &others);
            Candidates::Some(ids)
        }
    }
}

fn evaluate_any<P: Postings>(parts: &[Plan], postings: &mut P) -> Result<Candidates, P::Error> {
    let mut lists = Vec::with_capacity(parts.len());
    for part in parts {
        match evaluate(part, postings)? {
            Candidates::All => return Ok(Candidates::All),
            Candidates::Some(ids) => lists.push(ids),
        }
    }
    Ok(Candidates::Some(posting::union(lists)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    struct Lists {
        blobs: BTreeMap<u32, Vec<u8>>,
        asked: Vec<u32>,
    }

    impl Postings for Lists {
        type Error = PostingError;

        fn posting(&mut self, trigram: u32) -> Result<Option<Vec<u8>>, PostingError> {
            self.asked.push(trigram);
            Ok(self.blobs.get(&trigram).cloned())
        }
    }

    fn lists() -> Lists {
        let lists = [(1, &[1, 2, 3, 4, 5][..]), (2, &[2, 4, 6]), (3, &[4, 9])];
        Lists { blobs: lists.map(|(trigram, ids)| (trigram, posting::encode(ids))).into(), asked: Vec::new() }
    }

    fn check(plan: Plan, expected: &[u32]) {
        assert_eq!(evaluate(&plan, &mut lists()), Ok(Candidates::Some(expected.to_vec())), "{plan:?}");
    }

    #[test]
    fn and_intersects_or_unites() {
        let t = Plan::Trigram;
        check(t(2), &[2, 4, 6]);
        check(Plan::And(vec![t(1), t(2)]), &[2, 4]);
        check(Plan::And(vec![t(1), t(2), t(3)]), &[4]);
        check(Plan::Or(vec![t(2), t(3)]), &[2, 4, 6, 9]);
        check(Plan::And(vec![t(1), Plan::Or(vec![t(2), t(3)])]), &[2, 4]);
        check(Plan::And(vec![Plan::Or(vec![t(1), t(3)]), Plan::Or(vec![t(2), t(7)])]), &[2, 4]);
        check(Plan::And(vec![t(1), t(7)]), &[]);
        check(Plan::Or(vec![]), &[]);
        assert_eq!(evaluate(&Plan::All, &mut lists()), Ok(Candidates::All));
    }

    #[test]
    fn a_trigram_nobody_holds_ends_the_look_ups() {
        let mut postings = lists();
        let plan = Plan::And(vec![Plan::Trigram(7), Plan::Trigram(1), Plan::Or(vec![Plan::Trigram(2)])]);
        assert_eq!(evaluate(&plan, &mut postings), Ok(Candidates::Some(vec![])));
        assert_eq!(postings.asked, [7]);
    }

    #[test]
    fn damage_is_reported() {
        let mut postings = lists();
        postings.blobs.insert(2, vec![0x80]);
        assert_eq!(evaluate(&Plan::Trigram(2), &mut postings), Err(PostingError));
    }
}
