//! What llama.cpp says: errors and warnings go to standard error, and the cause of the first error is kept. What it says
//! of its buffers goes to [`crate::memory`].
//!
//! Its lines quote files: architectures, keys, names of tensors and tokenisers, which may be anything. So of each line
//! only what is in [`CAUSES`] is passed on, in Lethe's words.

use std::ffi::{CStr, c_char, c_void};
use std::sync::Mutex;

use llama_cpp_sys_2 as sys;

use lethe_models::program::LOGGED;

use crate::memory;

const UNREADABLE: &str = "the file can't be read: check that its disk is there and that you may read it";

/// What lines with these words mean. The first that fits counts.
const CAUSES: [(&[&str], &str); 14] = [
    // First: what follows is a path, which may have any words in it.
    (&["failed to open", "read error", "seek error"], UNREADABLE),
    (
        &["unknown model architecture", "unsupported model architecture"],
        "its architecture is not known here: look for a newer version of Lethe, or for another model",
    ),
    (
        &["unknown pre-tokenizer", "unknown tokenizer"],
        "its tokeniser is not known here: look for a newer version of Lethe, or for another model",
    ),
    (&["CLIP cannot be used as main model"], "it reads pictures and writes no text: choose another model"),
    (
        &["missing tensor", "not found in model", "key not found", "missing key"],
        "a part of it is missing: download it again, or choose another file",
    ),
    (
        &["has wrong shape", "wrong number of tensors", "too many tensors"],
        "its tensors are not those of its architecture: choose another file of it",
    ),
    (
        &["within the file bounds", "corrupted", "end of file", "duplicated", "invalid data"],
        "the file is damaged: download it again",
    ),
    (
        &["split file", "split count", "GGUF split", "list of splits"],
        "its parts do not belong together: download them again",
    ),
    (
        &["has wrong type", "wrong array", "invalid gguf type", "N_MAX", "exceeds max"],
        "its header is not as it should be: choose another file of it",
    ),
    (&["hyperparameters", "n_rot", "expert"], "its header is not as it should be: choose another file of it"),
    (
        &["vocab", "merges", "charsmap", "toktypes", "Byte token"],
        "its vocabulary is not as it should be: choose another file of it",
    ),
    (
        &["unable to allocate", "failed to allocate", "out of memory", "posix_memalign", "failed to reserve"],
        "there is not enough memory: choose a smaller model or a smaller context",
    ),
    (
        &["mmap failed", "MapViewOfFile", "CreateFileMapping"],
        "the system can't map it into memory: end other programs, or choose a smaller model",
    ),
    (
        &["no CPU backend", "failed to initialize CPU backend", "cuda_init: failed"],
        "what it computes on can't be used: choose another device in the settings",
    ),
];

/// What a line means, if that is known. What stands in quotation marks, names of what is in files, is not looked at.
fn cause(line: &str) -> Option<&'static str> {
    let line: String = line.split('\'').step_by(2).collect();
    CAUSES.iter().find(|(words, _)| words.iter().any(|word| line.contains(word))).map(|(_, cause)| *cause)
}

static LAST_ERROR: Mutex<Option<&'static str>> = Mutex::new(None);

/// Takes over llama.cpp's log.
pub fn take_over() {
    // SAFETY: the function needs no data and lives as long as the process.
    unsafe { sys::llama_log_set(Some(write), std::ptr::null_mut()) }
}

/// Writes one line of llama.cpp's log, if it is an error or a warning, and hears the sizes of buffers.
///
/// # Safety
/// `text` is null or a string that ends with a zero byte and lives for the call.
pub unsafe extern "C" fn write(level: sys::ggml_log_level, text: *const c_char, _: *mut c_void) {
    if text.is_null() {
        return;
    }
    // SAFETY: by the contract of this function.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    if level == sys::GGML_LOG_LEVEL_INFO {
        memory::parse_log_line(&text);
    }
    if level != sys::GGML_LOG_LEVEL_ERROR && level != sys::GGML_LOG_LEVEL_WARN {
        return;
    }
    let is_error = level == sys::GGML_LOG_LEVEL_ERROR;
    let known = cause(&text).filter(|_| is_error);
    match known {
        Some(cause) => eprintln!("{LOGGED}{cause}"),
        None => eprintln!("{LOGGED}{} of {} bytes", if is_error { "an error" } else { "a warning" }, text.len()),
    }
    if let Some(cause) = known
        && let Ok(mut last) = LAST_ERROR.lock()
    {
        // The first error of a failure is its cause; later lines repeat that it failed.
        last.get_or_insert(cause);
    }
}

/// What the first error since the last call means, as far as that is known.
pub fn take_error() -> Option<&'static str> {
    LAST_ERROR.lock().ok()?.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_only_its_cause_is_passed_on() {
        for (line, wanted) in [
            (
                "llama_model_load: error loading model: unknown model architecture: 'Zephyrine Quillfeather'",
                Some("its architecture is not known here: look for a newer version of Lethe, or for another model"),
            ),
            (
                "error loading model vocabulary: unknown pre-tokenizer type: 'x'",
                Some("its tokeniser is not known here: look for a newer version of Lethe, or for another model"),
            ),
            (
                "error loading model: missing tensor 'token_embd.weight'",
                Some("a part of it is missing: download it again, or choose another file"),
            ),
            (
                "check_tensor_dims: tensor 'x' has wrong shape; expected 1, got 2",
                Some("its tensors are not those of its architecture: choose another file of it"),
            ),
            (
                "tensor 'x' data is not within the file bounds, model is corrupted or incomplete",
                Some("the file is damaged: download it again"),
            ),
            (
                "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 99",
                Some("there is not enough memory: choose a smaller model or a smaller context"),
            ),
            ("gguf_init_from_file: failed to open GGUF file '/split/vocab/x.gguf'", Some(UNREADABLE)),
            ("error loading model: tensor 'missing tensor' is odd", None),
            ("failed to initialize the context: the weather", None),
            ("Zephyrine Quillfeather", None),
        ] {
            assert_eq!(cause(line), wanted, "{line}");
        }
    }
}
