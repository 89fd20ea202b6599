//! What llama.cpp says goes to standard error, errors and warnings only, and the last error is kept. What it says of
//! its buffers goes to [`crate::memory`].
//!
//! llama.cpp logs names, sizes and addresses; prompts and answers it does not log.

use std::ffi::{CStr, c_char, c_void};
use std::sync::Mutex;

use llama_cpp_sys_2 as sys;

use crate::memory;

static LAST_ERROR: Mutex<Option<String>> = Mutex::new(None);

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
    eprint!("{text}");
    if level == sys::GGML_LOG_LEVEL_ERROR
        && let Ok(mut last) = LAST_ERROR.lock()
    {
        // The first error of a failure is its cause; later lines repeat that it failed.
        last.get_or_insert_with(|| text.trim().to_owned());
    }
}

/// The first error since the last call, in llama.cpp's words.
pub fn take_error() -> Option<String> {
    LAST_ERROR.lock().ok()?.take()
}
