//! Sizes as people type them.

/// Reads `4096`, `64K`, `64M`, `2G`, `1T`, also `64MiB`: units are powers of 1024.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        "t" | "tib" => 40,
        _ => return Err(format!("'{unit}' is no unit of size; use K, M, G or T, as in 64M")),
    };
    let number: u64 = number.parse().map_err(|_| "a size is a whole number and a unit, as in 64M".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "this is more than any machine holds".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("0"), Ok(0));
        assert_eq!(parse_size("4096"), Ok(4096));
        assert_eq!(parse_size("64M"), Ok(64 << 20));
        assert_eq!(parse_size("64mib"), Ok(64 << 20));
        assert_eq!(parse_size("500k"), Ok(500 << 10));
        assert_eq!(parse_size("2G"), Ok(2 << 30));
        for bad in ["", "M", "-1", "1.5G", "64MB", "12Q", "99999999999T", "1 M"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }
}
