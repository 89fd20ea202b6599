//! A model file in another type of weights, by llama.cpp's own quantiser.
//!
//! Progress goes to standard output, one line of JSON for each tensor. The quantiser has no callback, but it logs each
//! tensor before it begins with it, so the log is read. Ending the process ends the work.

use std::ffi::{CStr, CString, c_char, c_void};
use std::io::Write;
use std::path::Path;

use lethe_models::weight_type::WeightType;
use llama_cpp_sys_2 as sys;

use crate::log;

/// Writes `output`; the caller removes it when this fails.
///
/// # Errors
/// One sentence.
pub fn run(input: &Path, output: &Path, weight_type: WeightType, threads: u32) -> Result<(), String> {
    let name = |path: &Path| {
        let text = path.to_str().ok_or("a path that is not Unicode can't be used: rename the file or its folder")?;
        CString::new(text).map_err(|_| "a path can't hold a zero byte".to_owned())
    };
    let (input, output) = (name(input)?, name(output)?);
    // SAFETY: returns plain data.
    let mut parameters = unsafe { sys::llama_model_quantize_default_params() };
    parameters.ftype = weight_type.number();
    parameters.nthread = i32::try_from(threads.max(1)).unwrap_or(1);
    // SAFETY: the function needs no data and lives as long as the process.
    unsafe { sys::llama_log_set(Some(report), std::ptr::null_mut()) };
    // SAFETY: names and parameters outlive the call.
    let code = unsafe { sys::llama_model_quantize(input.as_ptr(), output.as_ptr(), &raw const parameters) };
    log::take_over();
    match code {
        0 => Ok(()),
        _ => Err(match log::take_error() {
            Some(cause) => format!("llama.cpp can't quantise this file: {cause}"),
            None => "llama.cpp can't quantise this file".to_owned(),
        }),
    }
}

unsafe extern "C" fn report(level: sys::ggml_log_level, text: *const c_char, data: *mut c_void) {
    if text.is_null() {
        return;
    }
    // SAFETY: llama.cpp passes a string that ends with a zero byte and lives for the call.
    let line = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    if let Some(share) = share(&line) {
        let mut out = std::io::stdout();
        // Nobody reads any more: the parent has ended, and this process ends with its input.
        let _ = writeln!(out, "{{\"fraction\":{share:.4}}}").and_then(|()| out.flush());
    }
    // SAFETY: the same arguments, in the same call.
    unsafe { log::write(level, text, data) }
}

/// The share that is done when this line is logged: `[  12/ 290] blk.0.ffn_up.weight - …`.
fn share(line: &str) -> Option<f64> {
    let (done, rest) = line.strip_prefix('[')?.split_once('/')?;
    let (total, _) = rest.split_once(']')?;
    let (done, total): (f64, f64) = (done.trim().parse().ok()?, total.trim().parse().ok()?);
    (total > 0.0).then(|| ((done - 1.0) / total).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn the_log_tells_the_progress() {
        assert_eq!(share("[   1/ 290] token_embd.weight - [ 1024, 131072], type = bf16, "), Some(0.0));
        assert_eq!(share("[ 146/ 290] blk.0"), Some(0.5));
        assert_eq!(share("converting to q4_0 .. "), None);
        assert_eq!(share("[a/b]"), None);
    }
}
