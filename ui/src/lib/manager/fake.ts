// Fixtures of the page of models: the catalogue, the hub, downloads, and what is in the file of a model.
import type {
  Catalog,
  Deletion,
  DeviceView,
  DownloadView,
  FitView,
  FoundModel,
  HubHit,
  HubRepo,
  HubVariant,
  Inspection,
  Offer,
} from "../api/types";

export function offer(part: Partial<Offer> = {}): Offer {
  return {
    id: "tiny",
    name: "Tiny Instruct",
    maker: "Example Makers",
    family: "apertus",
    repository: "example/Tiny-Instruct-GGUF",
    parameters: 8_050_000_000,
    context: 65_536,
    license: "Apache-2.0",
    licenseNote: null,
    languages: "More than a thousand",
    goodFor: "Conversation in many languages, and questions about long texts.",
    source: "https://models.example.org/tiny",
    runs: "here",
    runsNote: null,
    converts: false,
    cardId: null,
    termsAccepted: true,
    estimates: [
      { type: "Q8_0", diskBytes: 8_600_000_000, memoryBytes: 10_100_000_000, fits: "no", recommended: false },
      {
        type: "Q4_K_M",
        diskBytes: 4_900_000_000,
        memoryBytes: 6_200_000_000,
        fits: "well",
        recommended: true,
      },
    ],
    installed: [],
    ...part,
  };
}

export function catalog(part: Partial<Catalog> = {}): Catalog {
  return {
    offers: [offer(), offer({ id: "open", name: "Open One", family: "open", repository: "open/One-GGUF" })],
    memoryBytes: 16_000_000_000,
    memoryFree: 9_000_000_000,
    diskFree: 120_000_000_000,
    recommended: "tiny",
    ...part,
  };
}

export function hit(part: Partial<HubHit> = {}): HubHit {
  return {
    repository: "example/Tiny-Instruct-GGUF",
    downloads: 1200,
    likes: 34,
    gated: false,
    updated: "2026-06-03T10:00:00.000Z",
    kind: "gguf",
    ...part,
  };
}

export function variant(part: Partial<HubVariant> = {}): HubVariant {
  return {
    name: "Q4_K_M",
    files: [{ path: "tiny.Q4_K_M.gguf", bytes: 4_900_000_000, sha256: "ab".repeat(32) }],
    bytes: 4_900_000_000,
    converts: false,
    memoryBytes: 6_200_000_000,
    fits: "well",
    fitText: "It takes 6.2 GB of the 9.0 GB that are free.",
    recommended: true,
    installed: null,
    inCache: false,
    ...part,
  };
}

export function repo(part: Partial<HubRepo> = {}): HubRepo {
  return {
    repository: "example/Tiny-Instruct-GGUF",
    revision: "0123456789abcdef0123456789abcdef01234567",
    license: "apache-2.0",
    gated: false,
    card: "# Tiny\n\nA **small** model.",
    variants: [variant({ name: "Q8_0", recommended: false, fits: "no", bytes: 8_600_000_000 }), variant()],
    note: null,
    ...part,
  };
}

export function download(part: Partial<DownloadView> = {}): DownloadView {
  return {
    id: "d1",
    name: "Tiny Instruct Q4_K_M",
    repository: "example/Tiny-Instruct-GGUF",
    revision: "0123456789abcdef0123456789abcdef01234567",
    bytes: 4_000_000_000,
    done: 1_000_000_000,
    bytesPerS: 20_000_000,
    secondsLeft: 150,
    state: "running",
    text: null,
    error: null,
    model: null,
    converts: false,
    ...part,
  };
}

export function foundModel(part: Partial<FoundModel> = {}): FoundModel {
  return {
    path: "/home/kim/.other/models/other.gguf",
    name: "Other",
    app: "LM Studio",
    bytes: 2_000_000_000,
    problem: null,
    ...part,
  };
}

export function deletion(part: Partial<Deletion> = {}): Deletion {
  return {
    model: "m",
    files: [{ path: "/models/tiny.gguf", bytes: 400_000_000 }],
    frees: 400_000_000,
    own: true,
    note: null,
    ...part,
  };
}

export function inspection(part: Partial<Inspection> = {}): Inspection {
  return {
    path: "/models/tiny.gguf",
    files: 1,
    bytes: 400_000_000,
    name: "Tiny",
    architecture: "apertus",
    quantization: "Q4_0",
    parameters: 500_000_000,
    context: 4096,
    template: true,
    tokenizer: "tekken, 131,072 tokens",
    license: "apache-2.0",
    ggufVersion: 3,
    types: [
      { type: "Q4_0", tensors: 120, bytes: 300_000_000 },
      { type: "F32", tensors: 40, bytes: 100_000_000 },
    ],
    values: [{ key: "general.architecture", value: "apertus" }],
    tensors: Array.from({ length: 160 }, (_, index) => ({
      name: `blk.${index}.ffn_up.weight`,
      shape: [4096, 14336],
      type: "Q4_0",
      bytes: 2_500_000,
    })),
    warnings: [],
    ...part,
  };
}

export function fit(part: Partial<FitView> = {}): FitView {
  return {
    weightsBytes: 4_000_000_000,
    cacheBytes: 1_000_000_000,
    computeBytes: 500_000_000,
    totalBytes: 5_500_000_000,
    memoryFree: 9_000_000_000,
    memoryTotal: 16_000_000_000,
    fits: "well",
    text: "It fits: it takes 5.5 GB of the 9.0 GB that are free.",
    context: 8192,
    largestContext: 24_576,
    trainedContext: 65_536,
    layers: 32,
    layersOffloaded: 0,
    device: "CPU (icelake)",
    smaller: null,
    ...part,
  };
}

export function device(part: Partial<DeviceView> = {}): DeviceView {
  return {
    id: "cpu",
    name: "Example Processor",
    kind: "cpu",
    memoryBytes: null,
    inUse: true,
    leftOut: null,
    probed: "It computed the same numbers as every other.",
    ...part,
  };
}
