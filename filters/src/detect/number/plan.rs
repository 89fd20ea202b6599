//! Country codes, and how many digits stand behind each (ITU-T E.164 and the national plans it lists).

/// The least and most digits behind a country code, if it is assigned.
#[rustfmt::skip]
pub(super) fn plan(code: u16) -> Option<(usize, usize)> {
    Some(match code {
        1 | 7 | 30 | 52 | 58 | 90 | 91 => (10, 10),
        20 | 57 | 60 | 63 | 64 | 82 | 98 => (8, 10),
        27 | 31 | 33 | 34 | 40 | 41 | 48 | 61 | 93 | 94 => (9, 9),
        32 | 51 | 66 => (8, 9),
        36 => (8, 9),
        39 => (6, 11),
        43 => (7, 13),
        44 => (9, 10),
        45 | 47 | 53 | 65 => (8, 8),
        46 | 95 => (7, 10),
        49 => (6, 12),
        54 | 55 | 56 | 86 => (9, 11),
        62 => (8, 12),
        81 | 84 | 92 => (9, 10),
        423 => (7, 9),
        211..=213 | 216 | 218 | 220..=269 | 290 | 291 | 297..=299 | 350..=359 | 370..=389 | 420 | 421 |
        500..=509 | 590..=599 | 670..=692 | 850..=856 | 880 | 886 | 960..=979 | 992..=998 => (6, 11),
        _ => return None,
    })
}

/// A country code, the digits behind it, and the least and most that there can be.
pub(super) struct International<'a> {
    code: u16,
    national: &'a str,
    least: usize,
    most: usize,
}

impl<'a> International<'a> {
    /// What digits mean that follow `+` or `00`.
    pub fn read(digits: &'a str) -> Option<International<'a>> {
        // No code begins with a zero.
        if digits.starts_with('0') {
            return None;
        }
        (1..=3.min(digits.len())).find_map(|count| {
            let code = digits[..count].parse().ok()?;
            plan(code).map(|(least, most)| International { code, national: &digits[count..], least, most })
        })
    }

    /// How many digits the country code has.
    pub fn code_length(&self) -> usize {
        self.code.to_string().len()
    }

    /// Whether there are as many digits as the country's plan has.
    pub fn is_whole(&self) -> bool {
        let fits = |national: &str| (self.least..=self.most).contains(&national.len());
        match self.code {
            // Numbers of these countries may begin with a zero.
            39 | 225 | 242 | 241 | 378 => fits(self.national),
            // The zero is written here by mistake now and then.
            33 | 41 | 43 | 49 => {
                fits(self.national.strip_prefix('0').unwrap_or(self.national)) && !self.national.starts_with("00")
            }
            _ => fits(self.national) && !self.national.starts_with('0'),
        }
    }

    /// Whether there is at most one digit too many.
    pub fn is_nearly_whole(&self) -> bool {
        (self.least..=self.most + 1).contains(&self.national.len()) && !self.national.starts_with('0')
    }
}
