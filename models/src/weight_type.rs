//! The types in which weights are stored, as people choose them: what `model convert --type` takes.
//!
//! Names and numbers are llama.cpp's, `enum llama_ftype` in `include/llama.h`. The sizes are estimates for choosing;
//! what a file really takes depends on which of its tensors are kept finer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A type of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightType {
    /// 32-bit floats: everything is exact, and twice as large as published.
    F32,
    /// 16-bit floats with the exponent of 32-bit ones: as published.
    Bf16,
    /// 8 bits.
    Q8_0,
    /// 6 bits in blocks of 256.
    Q6K,
    /// 5 bits in blocks of 256, some tensors finer.
    Q5KM,
    /// 4 bits in blocks of 256, some tensors finer.
    Q4KM,
    /// 4 bits with a step and an offset in blocks of 32: what MLX INT4 is exactly.
    Q4_1,
    /// 4 bits with a step in blocks of 32: processors compute fastest with it.
    Q4_0,
    /// 3 bits in blocks of 256, some tensors finer.
    Q3KM,
}

/// A name that is no type of weights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no weight type {0:?}: use f32, bf16, q8_0, q6_k, q5_k_m, q4_k_m, q4_1, q4_0 or q3_k_m")]
pub struct UnknownWeightType(pub String);

impl WeightType {
    /// All of them, the finest first.
    pub const ALL: [Self; 9] =
        [Self::F32, Self::Bf16, Self::Q8_0, Self::Q6K, Self::Q5KM, Self::Q4KM, Self::Q4_1, Self::Q4_0, Self::Q3KM];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Q8_0 => "q8_0",
            Self::Q6K => "q6_k",
            Self::Q5KM => "q5_k_m",
            Self::Q4KM => "q4_k_m",
            Self::Q4_1 => "q4_1",
            Self::Q4_0 => "q4_0",
            Self::Q3KM => "q3_k_m",
        }
    }

    /// The name in texts, such as `Q4_K_M`.
    pub fn label(self) -> String {
        self.name().to_uppercase()
    }

    /// llama.cpp's number of it.
    pub const fn number(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::Bf16 => 32,
            Self::Q8_0 => 7,
            Self::Q6K => 18,
            Self::Q5KM => 17,
            Self::Q4KM => 15,
            Self::Q4_1 => 3,
            Self::Q4_0 => 2,
            Self::Q3KM => 12,
        }
    }

    /// Bits of a weight on average in a model of several billion weights.
    pub const fn bits(self) -> f64 {
        match self {
            Self::F32 => 32.0,
            Self::Bf16 => 16.0,
            Self::Q8_0 => 8.5,
            Self::Q6K => 6.6,
            Self::Q5KM => 5.7,
            Self::Q4KM => 4.9,
            Self::Q4_1 => 5.1,
            Self::Q4_0 => 4.7,
            Self::Q3KM => 4.0,
        }
    }
}

impl FromStr for WeightType {
    type Err = UnknownWeightType;

    fn from_str(text: &str) -> Result<Self, UnknownWeightType> {
        let wanted = text.trim().to_ascii_lowercase();
        let found = Self::ALL.into_iter().find(|weight_type| weight_type.name() == wanted);
        found.ok_or_else(|| UnknownWeightType(text.to_owned()))
    }
}

impl fmt::Display for WeightType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_unknown_ones_are_refused() {
        for weight_type in WeightType::ALL {
            assert_eq!(weight_type.label().parse(), Ok(weight_type), "the label is a name as well");
        }
        assert!("q4".parse::<WeightType>().is_err());
        assert!(WeightType::ALL.is_sorted_by(|a, b| a.bits() >= b.bits() || *b == WeightType::Q4_1));
    }
}
