//! Numbers in sentences for people.

/// A number with its thousands apart: `21,913`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// A number of files: `1 file`, `21,913 files`.
pub(crate) fn files(n: u64) -> String {
    format!("{} file{}", count(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 21_913_004].map(count), ["0", "999", "1,000", "21,913,004"]);
        assert_eq!([0, 1, 1_200].map(files), ["0 files", "1 file", "1,200 files"]);
    }
}
