//! Whether a model fits into this machine's memory, before anything is loaded.

/// Memory of this machine in bytes, that of its container where that is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    pub total: u64,
    /// What a new program can have without swapping.
    pub available: u64,
}

impl Memory {
    /// Asks the system.
    pub fn now() -> Self {
        let mut system = sysinfo::System::new();
        system.refresh_memory();
        let (mut total, mut available) = (system.total_memory(), system.available_memory());
        if let Some(limits) = system.cgroup_limits() {
            total = total.min(limits.total_memory);
            available = available.min(limits.free_memory);
        }
        Self { total, available }
    }
}

/// Why a model does not fit: one sentence with what to do, or nothing.
///
/// Weights are mapped from the file, and the system can drop and read them again; the cache and the buffers can't be
/// dropped. So the weights must fit into all memory, and what can't be dropped into what is free.
pub fn refusal(weights: u64, fixed: u64, memory: Memory) -> Option<String> {
    let needed = weights.saturating_add(fixed);
    if needed > memory.total {
        return Some(format!(
            "it needs {} of memory and this machine has {}: choose a smaller model or a more compact quantisation",
            size_text(needed),
            size_text(memory.total)
        ));
    }
    if fixed > memory.available {
        return Some(format!(
            "its context needs {} of memory and {} is free: close other programs or choose a smaller context",
            size_text(fixed),
            size_text(memory.available)
        ));
    }
    None
}

/// A size for people, in the decimal units of disks and downloads, as the window writes it too.
pub fn size_text(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let value = bytes as f64;
    match bytes {
        0..1_000_000 => format!("{:.0} kB", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.0} MB", value / 1e6),
        _ => format!("{:.1} GB", value / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_as_those_of_disks() {
        for (bytes, text) in [(0, "0 kB"), (98_362_432, "98 MB"), (8 << 30, "8.6 GB"), (999, "1 kB")] {
            assert_eq!(size_text(bytes), text);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_way_out() {
        const GIB: u64 = 1 << 30;
        let memory = Memory { total: 8 * GIB, available: 4 * GIB };
        for (weights, fixed, refused) in
            [(GIB, GIB, false), (6 * GIB, GIB, false), (8 * GIB, GIB, true), (GIB, 5 * GIB, true), (u64::MAX, 1, true)]
        {
            let answer = refusal(weights, fixed, memory);
            assert_eq!(answer.is_some(), refused, "{weights} {fixed}: {answer:?}");
            assert!(answer.is_none_or(|answer| answer.contains("choose")));
        }
    }
}
