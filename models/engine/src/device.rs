//! The devices that llama.cpp can compute on, as far as their modules are loaded.

use std::ffi::CString;
use std::ptr;

use lethe_models::devices::{FoundDevice, FoundDeviceKind};
use llama_cpp_sys_2 as sys;

use crate::llama::text;

/// A device of a loaded module. Devices live as long as the process.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    pointer: sys::ggml_backend_dev_t,
}

impl Device {
    /// The device of this name, such as `Vulkan0`.
    ///
    /// # Errors
    /// When no loaded module has it.
    pub fn named(name: &str) -> Result<Self, String> {
        let missing = || format!("the device {name} is not there any more: choose another in the settings");
        let c_name = CString::new(name).map_err(|_| missing())?;
        // SAFETY: the name is a C string that outlives the call.
        let pointer = unsafe { sys::ggml_backend_dev_by_name(c_name.as_ptr()) };
        if pointer.is_null() { Err(missing()) } else { Ok(Self { pointer }) }
    }

    /// For calls of llama.cpp.
    pub fn pointer(self) -> sys::ggml_backend_dev_t {
        self.pointer
    }

    /// What it says of itself.
    fn describe(self) -> FoundDevice {
        let (mut free, mut total) = (0usize, 0usize);
        // SAFETY: the device lives as long as the process, and its strings with it; both numbers are live.
        let (name, description, kind, driver) = unsafe {
            sys::ggml_backend_dev_memory(self.pointer, ptr::from_mut(&mut free), ptr::from_mut(&mut total));
            (
                text(sys::ggml_backend_dev_name(self.pointer)),
                text(sys::ggml_backend_dev_description(self.pointer)),
                sys::ggml_backend_dev_type(self.pointer),
                text(sys::ggml_backend_reg_name(sys::ggml_backend_dev_backend_reg(self.pointer))),
            )
        };
        FoundDevice {
            name: name.unwrap_or_default(),
            description: description.unwrap_or_default().trim().to_owned(),
            kind: match kind {
                sys::GGML_BACKEND_DEVICE_TYPE_CPU => FoundDeviceKind::Cpu,
                sys::GGML_BACKEND_DEVICE_TYPE_GPU => FoundDeviceKind::Gpu,
                sys::GGML_BACKEND_DEVICE_TYPE_IGPU => FoundDeviceKind::SharedGpu,
                _ => FoundDeviceKind::Accelerator,
            },
            driver: driver.unwrap_or_default(),
            free: free as u64,
            total: total as u64,
        }
    }
}

/// All devices of the modules that are loaded.
pub fn all() -> Vec<FoundDevice> {
    // SAFETY: the count holds until a module is loaded, which happens on this thread only.
    let pointers = unsafe { (0..sys::ggml_backend_dev_count()).map(|index| sys::ggml_backend_dev_get(index)) };
    pointers.map(|pointer| Device { pointer }.describe()).collect()
}
