//! The forward pass of this crate against one in NumPy, which reads the same repository on its own.

mod support;

use lethe_convert::reference::{Positions, logits};
use lethe_convert::tiny::{Head, Scales, Tiny, WeightForm};
use lethe_convert::{ConvertError, Rope};
use std::ops::ControlFlow;
use support::{Repository, python};

const TOKENS: [u32; 12] = [1, 65, 181, 182, 340, 66, 67, 190, 337, 83, 3, 68];

#[test]
fn logits_equal_those_of_numpy() {
    let llama3 = Rope::Llama3 { theta: 10_000.0, factor: 8.0, low: 1.0, high: 4.0, original: 64 };
    let base = Tiny::default;
    let rows = [
        base(),
        Tiny { kv_heads: 1, layers: 3, seed: 2, ..base() },
        Tiny { kv_heads: 4, output: Head::Tied, seed: 3, ..base() },
        Tiny { rope: llama3, head: 32, seed: 4, ..base() },
        Tiny { rope: llama3, files: 2, head: 8, output: Head::TiedAndOther, ..base() },
        Tiny { stored: WeightForm::F16, ..base() },
        Tiny { stored: WeightForm::F32, ..base() },
        Tiny { stored: WeightForm::Mlx { bits: 4, group: 64 }, feed_forward: 128, ..base() },
        Tiny { stored: WeightForm::Mlx { bits: 3, group: 32 }, ..base() },
        Tiny { stored: WeightForm::Mlx { bits: 6, group: 32 }, output: Head::Tied, ..base() },
        Tiny { stored: WeightForm::Fp8(Scales::Block), feed_forward: 200, ..base() },
    ];
    let out = tempfile::tempdir().expect("a folder for logits");
    let file = out.path().join("logits");
    for tiny in rows {
        let repository = Repository::of(&tiny);
        let mut arguments = vec![repository.path().into(), file.clone().into_os_string()];
        arguments.extend(TOKENS.map(|token| token.to_string().into()));
        python("forward.py", arguments);
        let expected: Vec<f32> = std::fs::read(&file)
            .expect("the script writes logits")
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four bytes")))
            .collect();
        let source = repository.open();
        let mut progress = |_| ControlFlow::Continue(());
        let all = logits(&source, &TOKENS, Positions::All, &mut progress).expect("the repository is whole");
        let largest = expected.iter().fold(0.0f32, |most, logit| most.max(logit.abs()));
        assert!(largest > 0.5, "logits that are all zero would compare nothing: {largest}");
        assert_eq!(all.len() * all[0].len(), expected.len());
        for (ours, theirs) in all.iter().flatten().zip(&expected) {
            assert!((ours - theirs).abs() <= 1e-5 * largest, "{ours} is not {theirs}: {tiny:?}");
        }
        let last = logits(&source, &TOKENS, Positions::Last, &mut progress).expect("the repository is whole");
        assert_eq!(last, all[TOKENS.len() - 1..], "the last row alone is the last row");
    }
}

#[test]
fn the_reference_stops_when_asked_and_knows_its_tokens() {
    let repository = Repository::of(&Tiny::default());
    let source = repository.open();
    let stopped = logits(&source, &[1, 65], Positions::All, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(ConvertError::Cancelled)));
    let unknown = logits(&source, &[384], Positions::All, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(unknown, Err(ConvertError::UnknownToken(384))));
    let nothing = logits(&source, &[], Positions::All, &mut |_| ControlFlow::Continue(()));
    assert_eq!(nothing.expect("no tokens are no mistake").len(), 0);
}
