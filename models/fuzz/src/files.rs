//! Writes small model files, whole or wrong: for seeds and for tests.

/// Numbers of the types of values in a file.
pub const U8: u32 = 0;
/// A 32-bit whole number with a sign.
pub const I32: u32 = 5;
/// A 16-bit whole number without a sign.
pub const U16: u32 = 2;
/// A 32-bit whole number without a sign.
pub const U32: u32 = 4;
/// A 32-bit float.
pub const F32: u32 = 6;
/// A string.
pub const TEXT: u32 = 8;
/// An array.
pub const ARRAY: u32 = 9;
/// A 64-bit whole number without a sign.
pub const U64: u32 = 10;

/// A file that is being put together.
#[derive(Debug, Clone)]
pub struct Gguf {
    version: u32,
    keys: Vec<Vec<u8>>,
    tensors: Vec<Vec<u8>>,
    data: u64,
}

impl Gguf {
    /// A file of nothing.
    pub fn new() -> Self {
        Self { version: 3, keys: Vec::new(), tensors: Vec::new(), data: 0 }
    }

    /// A model of an architecture, with all that a model should have.
    pub fn model(architecture: &str) -> Self {
        let prefixed = |key: &str| format!("{architecture}.{key}");
        Self::new()
            .text("general.architecture", architecture)
            .text("general.name", "A Small Model")
            .text("general.license", "apache-2.0")
            .value("general.file_type", U32, &15u32.to_le_bytes())
            .value(&prefixed("context_length"), U32, &4096u32.to_le_bytes())
            .value(&prefixed("block_count"), U32, &1u32.to_le_bytes())
            .value(&prefixed("attention.layer_norm_rms_epsilon"), F32, &1e-5f32.to_le_bytes())
            .text("tokenizer.ggml.model", "gpt2")
            .text("tokenizer.ggml.pre", "tekken")
            .texts("tokenizer.ggml.tokens", &["a", "b", "ab", "</s>"])
            .array("tokenizer.ggml.token_type", I32, 4, &[1i32, 1, 1, 3].map(i32::to_le_bytes).concat())
            .texts("tokenizer.ggml.merges", &["a b"])
            .value("tokenizer.ggml.eos_token_id", U32, &3u32.to_le_bytes())
            .text("tokenizer.chat_template", "{% for message in messages %}{{ message.content }}{% endfor %}")
            .tensor("token_embd.weight", &[256, 4], 12, 4 * 144)
            .tensor("output_norm.weight", &[256], 0, 256 * 4)
    }

    /// Of another version.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// With a value, of the type of this number.
    #[must_use]
    pub fn value(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        let key = text(key.as_bytes());
        // A second value of a key takes the place of the first.
        self.keys.retain(|known| !known.starts_with(&key));
        self.keys.push([&key, &kind.to_le_bytes()[..], value].concat());
        self
    }

    /// With a string.
    #[must_use]
    pub fn text(self, key: &str, value: &str) -> Self {
        self.value(key, TEXT, &text(value.as_bytes()))
    }

    /// With an array.
    #[must_use]
    pub fn array(self, key: &str, kind: u32, length: u64, elements: &[u8]) -> Self {
        self.value(key, ARRAY, &[&kind.to_le_bytes()[..], &length.to_le_bytes(), elements].concat())
    }

    /// With an array of strings.
    #[must_use]
    pub fn texts(self, key: &str, texts: &[&str]) -> Self {
        let elements: Vec<u8> = texts.iter().flat_map(|element| text(element.as_bytes())).collect();
        self.array(key, TEXT, texts.len() as u64, &elements)
    }

    /// Without a value.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        let key = text(key.as_bytes());
        self.keys.retain(|known| !known.starts_with(&key));
        self
    }

    /// With a tensor of that many bytes.
    #[must_use]
    pub fn tensor(mut self, name: &str, shape: &[u64], kind: u32, bytes: u64) -> Self {
        let shape: Vec<u8> =
            [(shape.len() as u32).to_le_bytes().to_vec(), shape.iter().flat_map(|size| size.to_le_bytes()).collect()]
                .concat();
        let place = [&kind.to_le_bytes()[..], &self.data.to_le_bytes()].concat();
        self.tensors.push([text(name.as_bytes()), shape, place].concat());
        self.data += bytes.next_multiple_of(32);
        self
    }

    /// As a part of a split model: which one, from 0, of how many, and the number of tensors in all.
    #[must_use]
    pub fn part(self, number: u16, count: u16, tensors: i32) -> Self {
        self.value("split.no", U16, &number.to_le_bytes()).value("split.count", U16, &count.to_le_bytes()).value(
            "split.tensors.count",
            I32,
            &tensors.to_le_bytes(),
        )
    }

    /// The file; the weights are zeros.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend((self.tensors.len() as u64).to_le_bytes());
        bytes.extend((self.keys.len() as u64).to_le_bytes());
        bytes.extend(self.keys.concat());
        bytes.extend(self.tensors.concat());
        bytes.resize(bytes.len().next_multiple_of(32) + self.data as usize, 0);
        bytes
    }
}

impl Default for Gguf {
    fn default() -> Self {
        Self::new()
    }
}

/// A string as it lies in a file.
pub fn text(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat()
}
