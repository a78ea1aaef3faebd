//! Answers under a budget of tokens. Nobody here knows the reader's tokenizer, so a token is four bytes of what is printed: near enough for
//! source code, and a ceiling that anybody can check.

use super::QueryError;

/// Bytes of a token.
const TOKEN_BYTES: usize = 4;
/// Most tokens that may be asked for.
const TOKENS_MAX: usize = 1_000_000;

/// How many tokens so many bytes are.
pub fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(TOKEN_BYTES)
}

/// What an answer took of its budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenBudget {
    /// Tokens of everything that is printed, each row by itself rounded up.
    pub used: u32,
    /// Tokens that there were; `used` is never more.
    pub max: u32,
    /// What the budget had no room for: definitions, or files.
    pub left_out: u64,
}

impl TokenBudget {
    /// A budget of which nothing is used.
    pub(super) fn new(max: u32) -> Result<TokenBudget, QueryError> {
        if max == 0 || max as usize > TOKENS_MAX {
            let sentence = format!("{max} tokens are not between 1 and {TOKENS_MAX}; give --tokens another number");
            return Err(QueryError::Argument(sentence));
        }
        Ok(TokenBudget { max, ..TokenBudget::default() })
    }

    /// Tokens that are left.
    pub(super) fn left(&self) -> usize {
        self.max.saturating_sub(self.used) as usize
    }

    /// Takes so many, if they are there.
    pub(super) fn take(&mut self, tokens: usize) -> bool {
        let fits = tokens <= self.left();
        if fits {
            self.used += tokens as u32;
        }
        fits
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&mut self, tokens: usize) {
        self.used = self.used.saturating_sub(tokens as u32);
    }

    /// Says that there is no room for something, and what to do.
    pub(super) fn no_room(&self, of: &str) -> String {
        let (tokens, have) = if self.max == 1 { ("token", "has") } else { ("tokens", "have") };
        format!("{} {tokens} {have} no room for {of}; give --tokens more", self.max)
    }

    /// Says how much was used.
    pub(super) fn sentence(&self) -> String {
        let tokens = if self.max == 1 { "token" } else { "tokens" };
        format!("{} of at most {} {tokens} (4 bytes each)", self.used, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_never_overdrawn() {
        assert_eq!([0, 1, 4, 5].map(tokens), [0, 1, 1, 2]);
        let mut budget = TokenBudget::new(10).unwrap();
        assert!(budget.take(7) && !budget.take(4) && budget.take(3) && !budget.take(1) && budget.take(0));
        budget.give_back(2);
        assert_eq!((budget.used, budget.left()), (8, 2));
        assert!(TokenBudget::new(0).is_err() && TokenBudget::new(u32::MAX).is_err());
    }
}
