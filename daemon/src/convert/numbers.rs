//! Numbers in sentences for people.

/// A number with its thousands apart: `21,913`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// A number of things whose plural has an `s`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A size: `512 B`, `1.5 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1 << 10 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    let mut tenths = u128::from(bytes) * 10 / 1024;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        (unit, tenths) = (unit + 1, tenths / 1024);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// A number of files: `1 file`, `21,913 files`.
pub(crate) fn files(n: u64) -> String {
    counted(n, "file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 21_913_004].map(count), ["0", "999", "1,000", "21,913,004"]);
        assert_eq!([0, 1023, 1536, 3 << 29].map(size), ["0 B", "1023 B", "1.5 KiB", "1.5 GiB"]);
        assert_eq!([0, 1, 1_200].map(files), ["0 files", "1 file", "1,200 files"]);
    }
}
