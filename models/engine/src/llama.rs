//! A thin safe face of llama.cpp: model, vocabulary, context, sampler.
//!
//! It covers what one chat needs and no more: one sequence, one output a decode. Why it stands on
//! `llama-cpp-sys-2` and not on `llama-cpp-2`: the safe crate offers no abort callback, without which a long
//! prompt can't be stopped, and no limit of outputs, without which 131,072 logits are kept for each of 512
//! tokens (`docs/adr/0005-bindings.md`). A failed `GGML_ASSERT` in llama.cpp ends the process; nothing here can prevent that.

use std::ffi::{CStr, CString, c_char, c_void};
use std::marker::PhantomData;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};

use lethe_models::wire::{ControlToken, LoadedModel, Sampling, Token};
use llama_cpp_sys_2 as sys;

use crate::device::Device;

/// Tokens that one call of [`Context::decode`] takes at most, whatever the size of the context.
const LARGEST_BATCH: usize = 512;

/// Tokens less likely than this share of the likeliest are left out before top-p.
const HOPELESS: f32 = 1e-6;

/// Set to end a running decode; see [`Context::new`].
pub static ABORT: AtomicBool = AtomicBool::new(false);

/// Prepares llama.cpp; to be called once, after the kernel modules are loaded.
pub fn start() {
    // SAFETY: called once, from the main thread, before any other function of llama.cpp but the loading of modules.
    unsafe { sys::llama_backend_init() }
}

/// Loads one kernel module of those that lie beside this program.
///
/// # Errors
/// When the file is no module that this machine can load, or lies elsewhere: nobody who can write to another folder
/// decides which code runs here.
pub fn load_module(path: &Path) -> Result<(), String> {
    let program = std::env::current_exe().and_then(|program| program.canonicalize());
    let own = program.ok().and_then(|program| program.parent()?.join("backends").canonicalize().ok());
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    if own.is_none() || folder != own {
        return Err("a kernel module is taken from the folder of the program only: install Lethe again".to_owned());
    }
    let name = c_path(path)?;
    // SAFETY: `name` is a C string that outlives the call.
    let registered = unsafe { sys::ggml_backend_load(name.as_ptr()) };
    if registered.is_null() {
        return Err(format!("the kernel module {} can't be loaded", path.display()));
    }
    Ok(())
}

/// A model in memory.
pub struct Model {
    pointer: NonNull<sys::llama_model>,
}

/// Where a model computes.
#[derive(Debug, Clone, Copy)]
pub enum Placement {
    /// On the processor.
    Processor,
    /// So many layers from the end on a device, the rest on the processor.
    Device(Device, u32),
}

impl Placement {
    /// How many layers go to a device.
    pub fn layers(self) -> u32 {
        match self {
            Self::Processor => 0,
            Self::Device(_, layers) => layers,
        }
    }
}

/// Whether the memory is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allocation {
    Real,
    Simulated,
}

impl Model {
    /// Maps a GGUF file; `progress` hears the share that is done, 0 to 1.
    ///
    /// # Errors
    /// One sentence; llama.cpp's own words are in [`crate::log`].
    pub fn load(path: &Path, placement: Placement, progress: impl FnMut(f32)) -> Result<Self, String> {
        Self::open(path, placement, Allocation::Real, progress)
    }

    /// Plans as if it loaded the file, without its weights: contexts of it take no memory, and nothing can be computed.
    ///
    /// # Errors
    /// One sentence.
    pub fn simulate(path: &Path, placement: Placement) -> Result<Self, String> {
        Self::open(path, placement, Allocation::Simulated, |_| ())
    }

    fn open(
        path: &Path,
        placement: Placement,
        allocation: Allocation,
        mut progress: impl FnMut(f32),
    ) -> Result<Self, String> {
        unsafe extern "C" fn report<F: FnMut(f32)>(share: f32, callback: *mut c_void) -> bool {
            // SAFETY: `callback` is the closure that `load` keeps on its stack for the time of the call.
            let callback = unsafe { &mut *callback.cast::<F>() };
            callback(share);
            true
        }
        fn reporter<F: FnMut(f32)>(_: &F) -> sys::llama_progress_callback {
            Some(report::<F>)
        }
        let name = c_path(path)?;
        // SAFETY: returns plain data.
        let mut parameters = unsafe { sys::llama_model_default_params() };
        parameters.progress_callback = reporter(&progress);
        parameters.progress_callback_user_data = ptr::from_mut(&mut progress).cast();
        let (device, layers) = match placement {
            Placement::Processor => (ptr::null_mut(), 0),
            Placement::Device(device, layers) => (device.pointer(), layers),
        };
        // The list ends with null; without a device it is empty, so that none is taken unasked.
        let mut devices = [device, ptr::null_mut()];
        parameters.devices = devices.as_mut_ptr();
        parameters.n_gpu_layers = i32::try_from(layers).unwrap_or(i32::MAX);
        if allocation == Allocation::Simulated {
            parameters.no_alloc = true;
            parameters.load_mode = sys::LLAMA_LOAD_MODE_NONE;
        }
        // SAFETY: `name`, `devices` and `progress` outlive the call.
        let pointer = unsafe { sys::llama_model_load_from_file(name.as_ptr(), parameters) };
        let pointer = NonNull::new(pointer).ok_or("llama.cpp can't load this file")?;
        Ok(Self { pointer })
    }

    /// The facts that Lethe needs of it.
    pub fn describe(&self, context: &Context<'_>) -> LoadedModel {
        let vocabulary = self.vocabulary();
        // SAFETY: the model lives as long as `self`; llama.cpp owns the template string or gives null.
        let (size, trained, template) = unsafe {
            (
                sys::llama_model_size(self.pointer.as_ptr()),
                sys::llama_model_n_ctx_train(self.pointer.as_ptr()),
                sys::llama_model_chat_template(self.pointer.as_ptr(), ptr::null()),
            )
        };
        let (memory, device_memory) = crate::memory::used(size, vocabulary.size());
        LoadedModel {
            context: context.size(),
            context_trained: u32::try_from(trained).unwrap_or(0),
            vocabulary: vocabulary.size(),
            template: text(template),
            begin: vocabulary.begin(),
            add_begin: vocabulary.adds_begin(),
            end: vocabulary.end(),
            control: vocabulary.control_tokens(),
            bytes: size,
            memory,
            device_memory,
        }
    }

    /// The tokens of this model.
    pub fn vocabulary(&self) -> Vocabulary<'_> {
        // SAFETY: the vocabulary is a part of the model and lives as long.
        let pointer = unsafe { sys::llama_model_get_vocab(self.pointer.as_ptr()) };
        Vocabulary { pointer, model: PhantomData }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: contexts borrow the model, so none is left.
        unsafe { sys::llama_model_free(self.pointer.as_ptr()) }
    }
}

/// The tokens of a model.
#[derive(Clone, Copy)]
pub struct Vocabulary<'model> {
    pointer: *const sys::llama_vocab,
    model: PhantomData<&'model Model>,
}

impl Vocabulary<'_> {
    /// Number of tokens.
    pub fn size(self) -> u32 {
        // SAFETY: the pointer lives as long as the model.
        u32::try_from(unsafe { sys::llama_vocab_n_tokens(self.pointer) }).unwrap_or(0)
    }

    /// Whether an answer ends with this token.
    pub fn is_end(self, token: Token) -> bool {
        // SAFETY: llama.cpp checks the number.
        token < self.size() && unsafe { sys::llama_vocab_is_eog(self.pointer, token.cast_signed()) }
    }

    fn begin(self) -> Option<Token> {
        // SAFETY: the pointer lives as long as the model.
        u32::try_from(unsafe { sys::llama_vocab_bos(self.pointer) }).ok()
    }

    fn end(self) -> Option<Token> {
        // SAFETY: the pointer lives as long as the model.
        u32::try_from(unsafe { sys::llama_vocab_eos(self.pointer) }).ok()
    }

    fn adds_begin(self) -> bool {
        // SAFETY: the pointer lives as long as the model.
        unsafe { sys::llama_vocab_get_add_bos(self.pointer) }
    }

    fn control_tokens(self) -> Vec<ControlToken> {
        let control = sys::LLAMA_TOKEN_ATTR_CONTROL;
        let user_defined = sys::LLAMA_TOKEN_ATTR_USER_DEFINED;
        let special = |token: Token| {
            // SAFETY: the number is below the size of the vocabulary; the text belongs to the model.
            let (attributes, name) = unsafe {
                (
                    sys::llama_vocab_get_attr(self.pointer, token.cast_signed()),
                    sys::llama_vocab_get_text(self.pointer, token.cast_signed()),
                )
            };
            let text = text(name).filter(|text| !text.is_empty())?;
            let user_defined = attributes & user_defined != 0;
            (user_defined || attributes & control != 0).then_some(ControlToken { token, text, user_defined })
        };
        (0..self.size()).filter_map(special).collect()
    }

    /// Plain text as tokens: neither a begin token nor control tokens come out of it.
    ///
    /// # Errors
    /// When the text is over 2 GiB.
    pub fn tokenize(self, text: &str) -> Result<Vec<Token>, String> {
        let length = i32::try_from(text.len()).map_err(|_| "the text is too long".to_owned())?;
        let mut tokens = vec![0i32; text.len() + 8];
        let mut room = i32::try_from(tokens.len()).map_err(|_| "the text is too long".to_owned())?;
        loop {
            // SAFETY: text and tokens are live and their lengths are passed along.
            let count = unsafe {
                sys::llama_tokenize(self.pointer, text.as_ptr().cast(), length, tokens.as_mut_ptr(), room, false, false)
            };
            if let Ok(count) = usize::try_from(count) {
                tokens.truncate(count);
                return Ok(tokens.into_iter().map(i32::cast_unsigned).collect());
            }
            // A negative count says how much room it takes.
            room = count.checked_neg().filter(|needed| *needed > room).ok_or("the text can't be tokenised")?;
            tokens.resize(room.unsigned_abs() as usize, 0);
        }
    }

    /// The bytes that a token stands for; control tokens stand for none.
    pub fn bytes(self, token: Token) -> Vec<u8> {
        let mut bytes = vec![0u8; 64];
        loop {
            let room = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
            // SAFETY: the buffer is live and its length is passed along; the token came from this vocabulary.
            let count = unsafe {
                sys::llama_token_to_piece(
                    self.pointer,
                    token.cast_signed(),
                    bytes.as_mut_ptr().cast::<c_char>(),
                    room,
                    0,
                    false,
                )
            };
            if let Ok(count) = usize::try_from(count) {
                bytes.truncate(count);
                return bytes;
            }
            bytes.resize(count.unsigned_abs() as usize, 0);
        }
    }
}

/// How a context is made.
#[derive(Debug, Clone, Copy)]
pub struct ContextSize {
    /// Tokens.
    pub tokens: u32,
    /// Threads that generate.
    pub threads: u32,
    /// Threads that read the prompt.
    pub prompt_threads: u32,
    /// In what keys and values are kept.
    pub cache: Cache,
}

/// In what keys and values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// 16-bit floats: what chats have.
    Usual,
    /// 32-bit floats: for comparing with a reference.
    Exact,
}

/// A model's memory of one conversation, the KV cache.
pub struct Context<'model> {
    pointer: NonNull<sys::llama_context>,
    batch: usize,
    vocabulary: usize,
    model: PhantomData<&'model Model>,
}

/// Why a decode gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// [`ABORT`] was set.
    Aborted,
    /// The cache is full.
    Full,
    /// llama.cpp's own number.
    Other(i32),
}

impl<'model> Context<'model> {
    /// Makes the cache and the compute buffers. A decode looks at [`ABORT`] and ends when it is set.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub fn new(model: &'model Model, size: ContextSize) -> Result<Self, String> {
        unsafe extern "C" fn aborted(_: *mut c_void) -> bool {
            ABORT.load(Ordering::Relaxed)
        }
        let batch = u32::try_from(LARGEST_BATCH).unwrap_or(u32::MAX).min(size.tokens.max(1));
        let vocabulary = model.vocabulary().size() as usize;
        // SAFETY: returns plain data.
        let mut parameters = unsafe { sys::llama_context_default_params() };
        parameters.n_ctx = size.tokens;
        parameters.n_batch = batch;
        parameters.n_ubatch = batch;
        parameters.n_seq_max = 1;
        parameters.n_outputs_max = 1;
        parameters.n_threads = size.threads.max(1).cast_signed();
        parameters.n_threads_batch = size.prompt_threads.max(1).cast_signed();
        parameters.abort_callback = Some(aborted);
        parameters.no_perf = true;
        if size.cache == Cache::Exact {
            parameters.type_k = sys::GGML_TYPE_F32;
            parameters.type_v = sys::GGML_TYPE_F32;
            parameters.flash_attn_type = sys::LLAMA_FLASH_ATTN_TYPE_DISABLED;
        }
        // SAFETY: the model outlives the context by its lifetime.
        let pointer = unsafe { sys::llama_init_from_model(model.pointer.as_ptr(), parameters) };
        let pointer = NonNull::new(pointer)
            .ok_or("there is not enough memory for this context size: choose a smaller one in the settings")?;
        // SAFETY: the context is live.
        let batch = unsafe { sys::llama_n_batch(pointer.as_ptr()) } as usize;
        Ok(Self { pointer, batch: batch.clamp(1, LARGEST_BATCH), vocabulary, model: PhantomData })
    }

    /// The most tokens that one call of [`Context::decode`] takes. llama.cpp rounds the size of a context up after it has
    /// settled this number, so it can be smaller than both.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Tokens that fit.
    pub fn size(&self) -> u32 {
        // SAFETY: the context is live.
        unsafe { sys::llama_n_ctx(self.pointer.as_ptr()) }
    }

    /// Appends up to [`Context::batch`] tokens to the cache and computes the logits of the last one.
    ///
    /// # Errors
    /// See [`DecodeError`]; the cache may then hold a part of the tokens.
    pub fn decode(&mut self, tokens: &[Token]) -> Result<(), DecodeError> {
        // llama.cpp ends the process for a larger one.
        if tokens.is_empty() || tokens.len() > self.batch {
            return Err(DecodeError::Other(-1));
        }
        let count = i32::try_from(tokens.len()).unwrap_or(i32::MAX);
        // SAFETY: llama.cpp only reads the tokens, which are live for the call; u32 and i32 have one layout and
        // every token is below the size of the vocabulary, which llama.cpp checks again.
        let code = unsafe {
            let batch = sys::llama_batch_get_one(tokens.as_ptr().cast::<i32>().cast_mut(), count);
            sys::llama_decode(self.pointer.as_ptr(), batch)
        };
        match code {
            0 => Ok(()),
            1 => Err(DecodeError::Full),
            2 => Err(DecodeError::Aborted),
            other => Err(DecodeError::Other(other)),
        }
    }

    /// Waits until the last decode is done: devices compute while the call has returned already.
    pub fn wait(&mut self) {
        // SAFETY: the context is live.
        unsafe { sys::llama_synchronize(self.pointer.as_ptr()) }
    }

    /// The logits of the last decode, one for each token of the model's vocabulary.
    pub fn logits(&mut self) -> &[f32] {
        // SAFETY: the last decode computed one output, as long as the vocabulary of the context's model, which llama.cpp
        // keeps until the next one; the exclusive borrow of the context lasts as long as the slice.
        unsafe {
            let pointer = sys::llama_get_logits_ith(self.pointer.as_ptr(), -1);
            if pointer.is_null() { &[] } else { std::slice::from_raw_parts(pointer, self.vocabulary) }
        }
    }

    /// Forgets all tokens from position `from` on; `false` when this model can't forget a part.
    pub fn forget_from(&mut self, from: usize) -> bool {
        let Ok(from) = i32::try_from(from) else { return false };
        // SAFETY: the memory belongs to the live context.
        unsafe { sys::llama_memory_seq_rm(sys::llama_get_memory(self.pointer.as_ptr()), 0, from, -1) }
    }

    /// Forgets everything.
    pub fn forget_all(&mut self) {
        // SAFETY: the memory belongs to the live context.
        unsafe { sys::llama_memory_clear(sys::llama_get_memory(self.pointer.as_ptr()), true) }
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: nothing else holds the pointer.
        unsafe { sys::llama_free(self.pointer.as_ptr()) }
    }
}

/// Chooses the next token.
pub struct Sampler<'model> {
    chain: NonNull<sys::llama_sampler>,
    model: PhantomData<&'model Model>,
}

impl<'model> Sampler<'model> {
    /// The chain: grammar, repetition penalty, top-k, top-p, min-p, temperature, choice. `read` are the tokens
    /// before the answer, of which the penalty sees the last 64.
    ///
    /// # Errors
    /// When the grammar is none.
    pub fn new(
        model: &'model Model,
        sampling: &Sampling,
        grammar: Option<&str>,
        read: &[Token],
    ) -> Result<Self, String> {
        const PENALTY_WINDOW: usize = 64;
        let vocabulary = model.vocabulary();
        // SAFETY: plain data in, an owned chain out.
        let chain = unsafe { sys::llama_sampler_chain_init(sys::llama_sampler_chain_params { no_perf: true }) };
        let chain = NonNull::new(chain).ok_or("there is not enough memory")?;
        let sampler = Self { chain, model: PhantomData };
        // SAFETY: each part is fresh and becomes the chain's own; the vocabulary and the grammar's text outlive the calls.
        unsafe {
            if let Some(grammar) = grammar {
                let grammar = CString::new(grammar).map_err(|_| "a grammar can't hold a zero byte")?;
                sampler.add(sys::llama_sampler_init_grammar(vocabulary.pointer, grammar.as_ptr(), c"root".as_ptr()))?;
            }
            if sampling.repeat_penalty > 0.0 && (sampling.repeat_penalty - 1.0).abs() > f32::EPSILON {
                let window = i32::try_from(PENALTY_WINDOW).unwrap_or(i32::MAX);
                let size = vocabulary.size().cast_signed();
                let penalty = sys::llama_sampler_init_penalties(size, window, sampling.repeat_penalty, 0.0, 0.0);
                for token in &read[read.len().saturating_sub(PENALTY_WINDOW)..] {
                    sys::llama_sampler_accept(penalty, token.cast_signed());
                }
                sampler.add(penalty)?;
            }
            if sampling.temperature <= 0.0 {
                sampler.add(sys::llama_sampler_init_greedy())?;
                return Ok(sampler);
            }
            if sampling.top_k > 0 {
                sampler.add(sys::llama_sampler_init_top_k(i32::try_from(sampling.top_k).unwrap_or(i32::MAX)))?;
            }
            if sampling.top_p < 1.0 {
                // Top-p sorts what it is given; a whole vocabulary costs 4 % of the speed of a small model. What is a
                // million times less likely than the likeliest is left out first, in one pass.
                if sampling.min_p < HOPELESS {
                    sampler.add(sys::llama_sampler_init_min_p(HOPELESS, 1))?;
                }
                sampler.add(sys::llama_sampler_init_top_p(sampling.top_p.max(0.0), 1))?;
            }
            if sampling.min_p > 0.0 {
                sampler.add(sys::llama_sampler_init_min_p(sampling.min_p, 1))?;
            }
            sampler.add(sys::llama_sampler_init_temp(sampling.temperature))?;
            sampler.add(sys::llama_sampler_init_dist(sampling.seed))?;
        }
        Ok(sampler)
    }

    /// # Safety
    /// `part` is null or a fresh sampler that nobody else frees.
    unsafe fn add(&self, part: *mut sys::llama_sampler) -> Result<(), String> {
        if part.is_null() {
            return Err("the grammar can't be read".to_owned());
        }
        // SAFETY: by the contract of this function the chain becomes the owner.
        unsafe { sys::llama_sampler_chain_add(self.chain.as_ptr(), part) };
        Ok(())
    }

    /// Chooses from the logits of the last decode and remembers the choice.
    pub fn sample(&mut self, context: &mut Context<'model>) -> Token {
        // SAFETY: both are live, and the last decode computed one output. The call accepts the token itself.
        unsafe { sys::llama_sampler_sample(self.chain.as_ptr(), context.pointer.as_ptr(), -1) }.cast_unsigned()
    }
}

impl Drop for Sampler<'_> {
    fn drop(&mut self) {
        // SAFETY: the chain owns its parts and nothing else holds it.
        unsafe { sys::llama_sampler_free(self.chain.as_ptr()) }
    }
}

pub(crate) fn c_path(path: &Path) -> Result<CString, String> {
    let name = path.to_str().ok_or("llama.cpp can't open a path that is not Unicode: rename the file or its folder")?;
    CString::new(name).map_err(|_| "a path can't hold a zero byte".to_owned())
}

pub(crate) fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: llama.cpp's strings end with a zero byte and live as long as the model or device that the caller holds.
    Some(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}
