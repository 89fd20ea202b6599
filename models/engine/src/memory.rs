//! How much memory a model takes, from what llama.cpp logs while it makes its buffers.
//!
//! The functions that count it return C++ containers; the log lines name each buffer and its size to a hundredth of a
//! MiB. The version of llama.cpp is pinned, and a test of the product compares these numbers with the process's own.
//! Deliberately not here: estimates without the engine, which are in `lethe_models::fit`.

use std::path::Path;
use std::sync::Mutex;

use lethe_models::fit::{self, Shape};
use lethe_models::gguf::Header;
use lethe_models::wire::MemoryUse;

use crate::llama::{Cache, Context, ContextSize, Model, Placement};

static BUFFERS: Mutex<Vec<Buffer>> = Mutex::new(Vec::new());

/// One buffer that llama.cpp made, or would make.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Buffer {
    kind: Kind,
    name: String,
    bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Weights,
    Cache,
    /// The cache by its tensors: also known when nothing is allocated.
    CacheTensors,
    Compute,
    Output,
}

/// Forgets the buffers of the model before.
pub fn begin() {
    if let Ok(mut buffers) = BUFFERS.lock() {
        buffers.clear();
    }
}

/// Keeps the buffer that a line of llama.cpp's log tells of, if it does.
pub fn parse_log_line(line: &str) {
    if let Some(buffer) = parse(line)
        && let Ok(mut buffers) = BUFFERS.lock()
    {
        // Computations are planned more than once; the last plan holds.
        if matches!(buffer.kind, Kind::Compute | Kind::Output) {
            buffers.retain(|older| older.kind != buffer.kind || older.name != buffer.name);
        }
        buffers.push(buffer);
    }
}

/// What the model since [`begin`] takes of the machine's memory and of a device's. `weights` are the bytes of all
/// tensors, `vocabulary` is the number of tokens, whose tables no buffer holds.
pub fn used(weights: u64, vocabulary: u32) -> (MemoryUse, MemoryUse) {
    let buffers = BUFFERS.lock().map(|buffers| buffers.clone()).unwrap_or_default();
    let (mut memory, device) = count(&buffers, weights);
    memory.compute += fit::tables(u64::from(vocabulary));
    (memory, device)
}

fn count(buffers: &[Buffer], weights: u64) -> (MemoryUse, MemoryUse) {
    let (mut memory, mut device) = (MemoryUse::default(), MemoryUse::default());
    for buffer in buffers {
        let place = if is_host(&buffer.name) { &mut memory } else { &mut device };
        match buffer.kind {
            Kind::Weights => place.weights += buffer.bytes,
            Kind::Cache => place.cache += buffer.bytes,
            Kind::Compute | Kind::Output => place.compute += buffer.bytes,
            Kind::CacheTensors => {}
        }
    }
    // What is rearranged for the kernels lies in a buffer of its own and inside the mapped part of the file as well.
    memory.weights = memory.weights.min(weights);
    (memory, device)
}

/// What loading this file would take, without reading its weights and without taking it.
///
/// # Errors
/// One sentence; llama.cpp may also end the process.
pub fn simulate(path: &Path, tokens: u32, placement: Placement) -> Result<(MemoryUse, MemoryUse), String> {
    let header = Header::read(path).map_err(|error| error.to_string())?;
    begin();
    let model = Model::simulate(path, placement)?;
    let _context = Context::new(&model, ContextSize { tokens, threads: 1, prompt_threads: 1, cache: Cache::Usual })?;
    let buffers = BUFFERS.lock().map(|buffers| buffers.clone()).unwrap_or_default();
    let (mut memory, mut device) = count(&buffers, 0);
    let cache = buffers.iter().filter(|buffer| buffer.kind == Kind::CacheTensors).map(|buffer| buffer.bytes).sum();
    memory.compute += fit::tables(u64::from(model.vocabulary().size()));
    let placed = Shape::of(&header).placed(cache, placement.layers());
    (memory.weights, memory.cache) = (placed.memory.weights, placed.memory.cache);
    (device.weights, device.cache) = (placed.device.weights, placed.device.cache);
    Ok((memory, device))
}

fn is_host(name: &str) -> bool {
    name.starts_with("CPU") || name.ends_with("_Host") || name == "AMX"
}

/// A line such as `load_tensors:   CPU_Mapped model buffer size =    90.50 MiB`.
fn parse(line: &str) -> Option<Buffer> {
    let (_, line) = line.split_once(": ")?;
    let (head, size) = line.split_once("size = ")?;
    let size: f64 = size.trim_start().split(' ').next()?.parse().ok()?;
    if !line.contains(" MiB") || !size.is_finite() || size < 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in MiB, not negative")]
    let bytes = (size * 1024.0 * 1024.0).round() as u64;
    let mut words = head.split_whitespace();
    let Some(name) = words.next() else {
        return line.contains(" cells, ").then(|| Buffer { kind: Kind::CacheTensors, name: "CPU".to_owned(), bytes });
    };
    let kind = match (words.next()?, words.next()?) {
        ("model", "buffer") => Kind::Weights,
        ("KV" | "RS", "buffer") => Kind::Cache,
        ("compute", "buffer") => Kind::Compute,
        ("output", "buffer") => Kind::Output,
        _ => return None,
    };
    Some(Buffer { kind, name: name.to_owned(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_log_tells_each_buffer() {
        let rows = [
            (
                "load_tensors:   CPU_Mapped model buffer size =    90.50 MiB\n",
                Kind::Weights,
                "CPU_Mapped",
                181 * MIB / 2,
            ),
            ("llama_kv_cache:        CPU KV buffer size =    22.00 MiB\n", Kind::Cache, "CPU", 22 * MIB),
            ("llama_context:        CPU  output buffer size =     0.25 MiB\n", Kind::Output, "CPU", MIB / 4),
            ("sched_reserve:    Vulkan0 compute buffer size =    97.00 MiB\n", Kind::Compute, "Vulkan0", 97 * MIB),
            (
                "llama_kv_cache: size =  180.00 MiB (  8192 cells,  30 layers,  1/1 seqs), K (f16):   90.00 MiB\n",
                Kind::CacheTensors,
                "CPU",
                180 * MIB,
            ),
        ];
        for (line, kind, name, bytes) in rows {
            assert_eq!(parse(line), Some(Buffer { kind, name: name.to_owned(), bytes }), "{line}");
        }
        for line in
            ["print_info: file size   = 92.00 MiB (5.2 BPW)\n", "llama_context: n_ctx = 8192\n", "", ": size = x MiB"]
        {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn rearranged_weights_count_once_and_the_last_plan_holds() {
        let buffer = |kind, name: &str, bytes| Buffer { kind, name: name.to_owned(), bytes };
        let buffers = [
            buffer(Kind::Weights, "CPU_Mapped", 100),
            buffer(Kind::Weights, "CPU_REPACK", 80),
            buffer(Kind::Weights, "Vulkan0", 40),
            buffer(Kind::Cache, "Vulkan0", 7),
            buffer(Kind::Compute, "Vulkan_Host", 3),
        ];
        let (memory, device) = count(&buffers, 110);
        assert_eq!(memory, MemoryUse { weights: 110, cache: 0, compute: 3 });
        assert_eq!(device, MemoryUse { weights: 40, cache: 7, compute: 0 });
    }
}
