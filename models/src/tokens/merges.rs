//! Merges that a vocabulary implies but does not list: all pairs of tokens that make another token.
//!
//! The rule is that of the reference's converters (`convert_slow_tokenizer.py` of transformers). Deliberately not
//! here: which tokens may take part; that is for the caller to say.

use std::cmp::Ordering;
use std::collections::HashMap;

/// A pair of tokens by their numbers, left and right.
pub type Pair = (u32, u32);

/// Of a vocabulary of scores, `None` for a token that takes no part: the highest score is merged first; of one score
/// the pair with the longest left side. In the order of the merges.
pub fn by_score(tokens: &[(&str, Option<f32>)]) -> Vec<Pair> {
    let usable = tokens.iter().zip(0u32..).filter_map(|((text, score), token)| score.map(|_| (*text, token)));
    let numbers: HashMap<&str, u32> = usable.collect();
    // Score, lengths in characters, and the pair.
    let mut merges: Vec<(f32, usize, usize, Pair)> = Vec::new();
    for (text, score) in tokens {
        let Some(score) = *score else { continue };
        let begin = merges.len();
        let length = text.chars().count();
        for (left_length, (at, _)) in text.char_indices().enumerate().skip(1) {
            let (left, right) = text.split_at(at);
            if let (Some(left), Some(right)) = (numbers.get(left), numbers.get(right)) {
                merges.push((score, left_length, length - left_length, (*left, *right)));
            }
        }
        merges[begin..].sort_unstable_by_key(|merge| merge.3);
    }
    let lengths = |merge: &(f32, usize, usize, Pair)| (merge.1, merge.2);
    merges.sort_by(|a, b| match b.0.total_cmp(&a.0) {
        Ordering::Equal => lengths(b).cmp(&lengths(a)),
        order => order,
    });
    merges.into_iter().map(|merge| merge.3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_order_merges() {
        let tokens = [("a", Some(-9.0)), ("b", Some(-9.0)), ("ab", Some(-2.0)), ("é", Some(-9.0)), ("éa", Some(-1.0))];
        assert_eq!(by_score(&tokens), [(3, 0), (0, 1)]);
        let more = [&tokens[..], &[("aab", Some(-2.0)), ("aa", Some(-3.0)), ("aaé", None)]].concat();
        assert_eq!(by_score(&more), [(3, 0), (6, 1), (0, 2), (0, 1), (0, 0)], "the longest left side first");
    }
}
