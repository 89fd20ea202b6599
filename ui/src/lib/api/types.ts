// Generated from src-tauri/core by its test `types`; UPDATE_TYPES=1 writes it anew.
export type ConversationId = number;
export type MessageId = number;
export type Segment = { "type": "text", text: string, } | { "type": "removed", 
/**
 * What kind of data.
 */
kind: string, 
/**
 * The list that asks for it; `None` is a detector.
 */
list: string | null, 
/**
 * The entry of that list.
 */
entry: string | null, };
export type Role = "user" | "assistant";
export type MessageState = "streaming" | "complete" | "stopped" | "length" | "interrupted";
export type Stats = { promptTokens: number, 
/**
 * Tokens of it that were not read again.
 */
cachedTokens: number, 
/**
 * Tokens of the answer.
 */
completionTokens: number, 
/**
 * Milliseconds from sending to the first token.
 */
ttftMs: number, 
/**
 * Answer tokens a second.
 */
tokensPerS: number, 
/**
 * Tokens in the context after the answer.
 */
contextUsed: number, 
/**
 * Tokens that fit into the context.
 */
contextSize: number, };
export type Message = { id: MessageId, role: Role, segments: Array<Segment>, 
/**
 * What the model thought before it said that.
 */
thinking: Array<Segment>, 
/**
 * Whether this is no answer but a summary, which stands in prompts for everything before it.
 */
summary: boolean, state: MessageState, 
/**
 * Milliseconds since 1970.
 */
createdAt: number, 
/**
 * Which of several answers this is, from 1.
 */
variant: number, 
/**
 * How many answers there are.
 */
variants: number, 
/**
 * The model that wrote it.
 */
model: string | null, stats: Stats | null, 
/**
 * One sentence about what happened to it.
 */
note: string | null, };
export type ConversationSummary = { id: ConversationId, 
/**
 * The first words of it, or what the user called it.
 */
title: string, 
/**
 * Milliseconds since 1970.
 */
updatedAt: number, 
/**
 * Number of messages that are shown.
 */
messages: number, };
export type Conversation = { id: ConversationId, 
/**
 * The first words of it, or what the user called it.
 */
title: string, 
/**
 * The messages that are shown, oldest first.
 */
messages: Array<Message>, 
/**
 * Whether the model is asked to think before it answers.
 */
deliberation: boolean, 
/**
 * The first message that prompts still hold; none: all of them.
 */
promptFrom: MessageId | null, };
export type SnippetPart = { text: string, 
/**
 * Whether it is what was searched for.
 */
hit: boolean, };
export type SearchHit = { conversation: ConversationId, message: MessageId, title: string, 
/**
 * The words around the hit.
 */
snippet: Array<SnippetPart>, 
/**
 * Milliseconds since 1970.
 */
createdAt: number, };
export type Code = "no_model" | "model_unusable" | "engine_died" | "busy" | "stopped" | "not_found" | "bad_input" | "store" | "damaged" | "filter" | "terms" | "offline" | "network" | "token" | "disk_full" | "internal";
export type ApiError = { 
/**
 * What to do about it in code.
 */
code: Code, 
/**
 * One sentence that says what to do. It holds no text of users or models.
 */
message: string, };
export type ChatEvent = { "type": "started", conversation: ConversationSummary, 
/**
 * The user's message; none when it is answered again.
 */
user: Message | null, 
/**
 * The answer, still empty.
 */
answer: Message, } | { "type": "reading", done: number, total: number, } | { "type": "text", 
/**
 * To be appended to what the model thinks.
 */
thinking: Array<Segment>, 
/**
 * To be appended to the answer.
 */
segments: Array<Segment>, 
/**
 * Tokens of the answer so far.
 */
completionTokens: number, 
/**
 * Tokens a second so far.
 */
tokensPerS: number, 
/**
 * Tokens in the context.
 */
contextUsed: number, 
/**
 * Tokens that fit.
 */
contextSize: number, } | { "type": "redrawn", 
/**
 * What the model thinks, so far.
 */
thinking: Array<Segment>, 
/**
 * The answer, so far.
 */
segments: Array<Segment>, } | { "type": "notice", 
/**
 * One sentence.
 */
text: string, } | { "type": "finished", message: Message, 
/**
 * Its conversation; none when that was deleted meanwhile.
 */
conversation: ConversationSummary | null, } | { "type": "failed", error: ApiError, 
/**
 * What was kept of it.
 */
message: Message | null, };
export type EngineState = { "state": "none" } | { "state": "probing", 
/**
 * What is being done.
 */
text: string, } | { "state": "waiting", model: string, } | { "state": "loading", model: string, 
/**
 * Share that is done, 0 to 1.
 */
fraction: number, } | { "state": "ready", model: string, 
/**
 * Context in tokens; of a server that does not say it, a usual one.
 */
contextSize: number, 
/**
 * Threads that generate; 0 for a model on a server.
 */
threads: number, 
/**
 * Kernel variant; empty for a model on a server.
 */
variant: string, 
/**
 * What runs it: this machine's processor, or the name of a server.
 */
device: string, 
/**
 * Whether it is on a server, so that conversations are sent there.
 */
remote: boolean, 
/**
 * Whether it can be asked to think before it answers.
 */
deliberates: boolean, } | { "state": "failed", model: string, error: ApiError, };
export type Level = "info" | "warning" | "error";
export type Notice = { 
/**
 * How grave it is.
 */
level: Level, 
/**
 * One sentence.
 */
text: string, };
export type FilterStatus = { 
/**
 * Lists in force.
 */
lists: number, 
/**
 * Their entries together.
 */
entries: number, 
/**
 * Detectors in force.
 */
detectors: Array<string>, 
/**
 * Why nothing is answered now.
 */
problem: string | null, 
/**
 * What should be done about a list that is still in force.
 */
warning: string | null, 
/**
 * The oldest of the last successful checks of lists that are refreshed, milliseconds since 1970.
 */
checkedAt: number | null, };
export type SweepState = "idle" | "running" | "done" | "cancelled" | "failed";
export type Sweep = { state: SweepState, 
/**
 * Answers that were looked at.
 */
done: number, 
/**
 * Answers there are.
 */
total: number, 
/**
 * Answers and titles that were changed.
 */
changed: number, 
/**
 * Pieces that were taken out of them.
 */
removed: number, 
/**
 * When it ended, milliseconds since 1970.
 */
at: number | null, failure: string | null, };
export type ConversionStep = "measuring" | "converting" | "quantizing" | "checking";
export type Conversion = { "state": "idle" } | { "state": "running", 
/**
 * Name of the model that it makes.
 */
model: string, 
/**
 * What it is doing.
 */
step: ConversionStep, 
/**
 * Share of the step that is done, 0 to 1.
 */
fraction: number, } | { "state": "done", model: ModelView, } | { "state": "failed", error: ApiError, } | { "state": "cancelled" };
export type AppEvent = { "type": "engine", engine: EngineState, } | { "type": "conversations" } | { "type": "filter", filter: FilterStatus, } | { "type": "lists" } | { "type": "sweep", sweep: Sweep, } | { "type": "conversion", conversion: Conversion, } | { "type": "network", network: NetworkState, } | { "type": "models" } | { "type": "downloads", downloads: Array<DownloadView>, } | { "type": "notice", notice: Notice, };
export type RemoteModel = { 
/**
 * The server.
 */
url: string, 
/**
 * Its name there.
 */
model: string, 
/**
 * The proxy of the environment that text goes through, without its password.
 */
proxy: string | null, 
/**
 * Where text goes, in one sentence.
 */
leaves: string, };
export type ModelSpeed = { 
/**
 * Prompt tokens a second.
 */
promptRate: number, 
/**
 * Answer tokens a second.
 */
answerRate: number, };
export type NetworkState = { 
/**
 * None is made.
 */
offline: boolean, 
/**
 * By the command line or the environment: the settings can't change it.
 */
forced: boolean, };
export type DownloadState = "queued" | "running" | "waiting" | "paused" | "checking" | "converting" | "done" | "failed";
export type DownloadView = { id: string, name: string, 
/**
 * Where it comes from.
 */
repository: string, revision: string, 
/**
 * Bytes of all files.
 */
bytes: number, 
/**
 * Bytes that are here.
 */
done: number, 
/**
 * Bytes a second.
 */
bytesPerS: number, 
/**
 * How long it will take.
 */
secondsLeft: number | null, state: DownloadState, 
/**
 * Why it waits or what failed, one sentence.
 */
text: string | null, error: ApiError | null, 
/**
 * The model that it became.
 */
model: string | null, 
/**
 * Whether it is converted here.
 */
converts: boolean, };
export type ModelView = { id: string, name: string, 
/**
 * Its file; empty for a model on a server.
 */
path: string, 
/**
 * Size of the file.
 */
bytes: number, 
/**
 * Such as `apertus`.
 */
architecture: string, 
/**
 * Such as `Q4_0`.
 */
quantization: string, 
/**
 * Context it was trained for, tokens; of a model on a server, what the server gives, or 0.
 */
contextTrained: number, 
/**
 * Why it can't be used.
 */
problem: string | null, 
/**
 * The server that runs it; none for a file.
 */
remote: RemoteModel | null, 
/**
 * The repository that it was downloaded from.
 */
repository: string | null, 
/**
 * How fast it is on this machine; missing until an answer told.
 */
speed: ModelSpeed | null, 
/**
 * Models whose files are the same.
 */
duplicates: Array<string>, };
export type PromptMeasure = { 
/**
 * Tokens of the prompt as it would be sent now, with the draft.
 */
used: number, 
/**
 * Tokens of the draft alone.
 */
draft: number, 
/**
 * Tokens that fit.
 */
contextSize: number, 
/**
 * Messages that the prompt does not hold any more.
 */
left: number, 
/**
 * Messages that would leave it if the draft were sent.
 */
leaving: number, 
/**
 * Whether the draft fits at all.
 */
fits: boolean, 
/**
 * Whether the numbers of tokens are estimates, because only a server knows them.
 */
about: boolean, };
export type Evaluation = { benchmark: string, value: string, 
/**
 * What it measures, and how it is known.
 */
note: string | null, };
export type CardView = { 
/**
 * Its name in the catalogue.
 */
id: string, 
/**
 * Name for people.
 */
name: string, 
/**
 * Where the makers publish the model.
 */
repository: string, license: string, 
/**
 * The terms beside the licence, a paragraph each, in Lethe's words.
 */
terms: Array<string>, 
/**
 * Where they can be read.
 */
termsSource: string, 
/**
 * When the user accepted them here, milliseconds since 1970.
 */
acceptedAt: number | null, 
/**
 * What the model is meant for.
 */
intendedUse: Array<string>, 
/**
 * What it can't do, and what to beware of.
 */
limits: Array<string>, evaluation: Array<Evaluation>, 
/**
 * Where they are from.
 */
evaluationSource: string, languages: string, 
/**
 * Where requests for removal go.
 */
contact: string, citation: string, 
/**
 * The day of the release.
 */
released: string, 
/**
 * Tokens that it was made for.
 */
context: number, };
export type WeightChoice = { 
/**
 * Its name on the command line.
 */
type: string, 
/**
 * Its name in texts.
 */
label: string, 
/**
 * Size of the file, about.
 */
bytes: number, 
/**
 * Whether it suits this machine best.
 */
recommended: boolean, 
/**
 * Whether nothing of the published weights is lost.
 */
exact: boolean, 
/**
 * Whether the model has room in this machine's memory.
 */
fits: boolean, 
/**
 * One sentence.
 */
why: string, };
export type OfficialWeights = { path: string, name: string, 
/**
 * How the weights are stored, such as `BF16`.
 */
format: string, 
/**
 * Number of weights.
 */
parameters: number, 
/**
 * Size of the weights in bytes.
 */
bytes: number, 
/**
 * What the makers say of the model, if Lethe knows it.
 */
card: CardView | null, 
/**
 * The repository it came from, where the folder tells.
 */
repository: string | null, 
/**
 * What it can become.
 */
choices: Array<WeightChoice>, };
export type Age = { 
/**
 * Whole months since the release.
 */
months: number, 
/**
 * Whether that is more than six.
 */
old: boolean, 
/**
 * One sentence.
 */
text: string, };
export type TokenizerPlace = "beside" | "inside" | "rebuilt" | "engine";
export type TokenizerFacts = { 
/**
 * In a word.
 */
source: TokenizerPlace, 
/**
 * In a sentence.
 */
text: string, };
export type TemplatePlace = "file" | "profile" | "plain";
export type TemplateFacts = { 
/**
 * In a word.
 */
source: TemplatePlace, 
/**
 * In a sentence.
 */
text: string, };
export type OriginFacts = { 
/**
 * The repository of the official weights.
 */
repository: string | null, revision: string | null, license: string | null, convertedBy: string | null, };
export type ModelPage = { model: ModelView, 
/**
 * SHA-256 of its file; missing while it is not computed.
 */
sha256: string | null, 
/**
 * Number of weights.
 */
parameters: number, 
/**
 * What its makers say, if Lethe knows it.
 */
card: CardView | null, 
/**
 * How old its weights are.
 */
age: Age | null, 
/**
 * A newer release, in one sentence.
 */
newer: string | null, 
/**
 * How text becomes tokens.
 */
tokenizer: TokenizerFacts, 
/**
 * How conversations become prompts.
 */
template: TemplateFacts, 
/**
 * Whether it can be asked to think before it answers.
 */
deliberates: boolean, 
/**
 * Where the file comes from.
 */
origin: OriginFacts, };
export type ListSource = { "type": "file" } | { "type": "feed", url: string, } | { "type": "url", url: string, };
export type ListChange = { 
/**
 * Milliseconds since 1970.
 */
at: number, 
/**
 * Entries that came.
 */
added: number, 
/**
 * Entries that went.
 */
removed: number, };
export type ListView = { id: string, name: string, 
/**
 * Number of its entries.
 */
entries: number, 
/**
 * Whether it is in force.
 */
enabled: boolean, 
/**
 * When it was imported or subscribed to.
 */
importedAt: number, 
/**
 * Why it can't be applied.
 */
problem: string | null, 
/**
 * Where it comes from.
 */
source: ListSource, 
/**
 * Whether a publisher's signature was checked.
 */
signed: boolean, 
/**
 * Whether its entries are hashed, not in clear.
 */
hashed: boolean, 
/**
 * What its publisher calls this state of it.
 */
version: string | null, 
/**
 * When it was made.
 */
issuedAt: number | null, 
/**
 * When its publisher has to sign it anew.
 */
expiresAt: number | null, 
/**
 * The last check that succeeded.
 */
checkedAt: number | null, 
/**
 * Why the last check failed; the last good list stays in force.
 */
failure: string | null, 
/**
 * What the last check that brought something has changed.
 */
change: ListChange | null, };
export type WatchChange = { id: number, repository: string, 
/**
 * When it was seen, milliseconds since 1970.
 */
at: number, 
/**
 * Lines that came.
 */
added: Array<string>, 
/**
 * Lines that went.
 */
removed: Array<string>, 
/**
 * Model repositories that came.
 */
repositories: Array<string>, };
export type ListFacts = { name: string, 
/**
 * Number of its entries.
 */
entries: number, 
/**
 * SHA-256 of its file.
 */
sha256: string, 
/**
 * What its publisher calls this state of it.
 */
version: string | null, 
/**
 * Whether a publisher's signature was checked.
 */
signed: boolean, };
export type ModelFacts = { name: string, bytes: number, 
/**
 * Its SHA-256; missing while it is not computed.
 */
sha256: string | null, };
export type RemoteFacts = { 
/**
 * The server, with its port where it is not the usual one.
 */
host: string, 
/**
 * The model's name there.
 */
model: string, 
/**
 * Where the conversation went, in one sentence.
 */
text: string, };
export type EngineFacts = { 
/**
 * Versions of engine and llama.cpp.
 */
build: string, 
/**
 * Kernel variant.
 */
kernels: string, 
/**
 * Threads that generated.
 */
threads: number, 
/**
 * Threads that read the prompt.
 */
prompt_threads: number, 
/**
 * Context size in tokens.
 */
context: number, };
export type PromptFacts = { 
/**
 * SHA-256 of the chat template; missing where the model has none.
 */
template_sha256: string | null, 
/**
 * Whose template it was, in a sentence; missing in receipts of older versions.
 */
template: string | null, 
/**
 * Whose tokeniser it was, in a sentence; missing in receipts of older versions.
 */
tokenizer: string | null, 
/**
 * Number of tokens; about, where a server does not count them.
 */
tokens: number, 
/**
 * SHA-256 of the tokens, each as 32 bits, little endian. Of a prompt for a server: of its messages, each as its
 * role, a zero byte, its text and a zero byte.
 */
tokens_sha256: string, };
export type SamplingFacts = { 
/**
 * 0 took the likeliest token always.
 */
temperature: number, 
/**
 * 1 was off.
 */
top_p: number, 
/**
 * 0 was off.
 */
top_k: number, 
/**
 * 0 was off.
 */
min_p: number, 
/**
 * 1 was off.
 */
repeat_penalty: number, 
/**
 * Of the random choice.
 */
seed: number, };
export type FilterFacts = { 
/**
 * Name of the canonical form.
 */
canonical_form: string, 
/**
 * Lists in force.
 */
lists: Array<ListFacts>, 
/**
 * Detectors in force.
 */
detectors: Array<string>, };
export type RedactionFacts = { 
/**
 * What kind of data.
 */
kind: string, 
/**
 * The list, or none for a detector.
 */
list: string | null, entry: string | null, 
/**
 * Place of the marker in the answer, bytes.
 */
start: number, end: number, };
export type SweptFacts = { 
/**
 * When, milliseconds since 1970.
 */
at: number, 
/**
 * How many pieces.
 */
removed: number, };
export type Receipt = { 
/**
 * Version of Lethe.
 */
lethe: string, model: ModelFacts, 
/**
 * The server that ran it; missing where it ran on this machine and in receipts of older versions.
 */
remote: RemoteFacts | null, engine: EngineFacts, prompt: PromptFacts, 
/**
 * How tokens were chosen.
 */
sampling: SamplingFacts, 
/**
 * What the text passed through.
 */
filter: FilterFacts, 
/**
 * What was removed, and where.
 */
redactions: Array<RedactionFacts>, 
/**
 * What was removed from what the model thought before it answered.
 */
thinking: Array<RedactionFacts>, 
/**
 * What sweeps took out of it since.
 */
swept: Array<SweptFacts>, };
export type Theme = "system" | "light" | "dark";
export type DetectorSettings = { email: boolean, 
/**
 * Bank account numbers.
 */
iban: boolean, ip: boolean, phone: boolean, card: boolean, 
/**
 * Swiss social security numbers.
 */
ahv: boolean, 
/**
 * Numbers of other states for their people, of documents and of vehicles.
 */
national_id: boolean, 
/**
 * IP addresses that are nobody's: private ones, those of documentation, public name servers. Off by default.
 */
special_ip: boolean, };
export type Settings = { theme: Theme, 
/**
 * The model to answer with.
 */
model: string | null, 
/**
 * Instructions for every conversation; empty for the model's own.
 */
systemPrompt: string, 
/**
 * 0 takes the likeliest token always.
 */
temperature: number, 
/**
 * 1 is off.
 */
topP: number, 
/**
 * 0 is off.
 */
topK: number, 
/**
 * 0 is off.
 */
minP: number, 
/**
 * 1 is off.
 */
repeatPenalty: number, 
/**
 * None: another one for each answer.
 */
seed: number | null, 
/**
 * Longest answer in tokens; none: as long as the context.
 */
maxTokens: number | null, 
/**
 * Context in tokens; none: chosen for the model.
 */
contextSize: number | null, 
/**
 * Threads; none: what was measured fastest.
 */
threads: number | null, detectors: DetectorSettings, 
/**
 * Whether answers may repeat what detectors find in the user's own words of the same conversation.
 */
echo: boolean, 
/**
 * Whether lists are refreshed at the start and daily.
 */
refresh: boolean, 
/**
 * Whether nothing is sent over the network.
 */
offline: boolean, 
/**
 * Most bytes a second for downloads; none: as fast as it goes.
 */
downloadLimit: number | null, 
/**
 * Whether the model cards of Apertus are watched for news about the output filter.
 */
watch: boolean, };
export type KeyPlace = "keychain" | "file" | "none";
export type SecretPlace = "keychain" | "database";
export type Fits = "well" | "tight" | "no";
export type Estimate = { type: string, 
/**
 * Of the file.
 */
diskBytes: number, 
/**
 * Of weights, cache and buffers.
 */
memoryBytes: number, 
/**
 * Whether it fits this machine.
 */
fits: Fits, 
/**
 * Whether it is the usual choice.
 */
recommended: boolean, };
export type OfferFamily = "apertus" | "open";
export type OfferRuns = "here" | "on_a_server" | "not_yet";
export type Offer = { id: string, name: string, 
/**
 * Who makes it, and who publishes its files where that is somebody else.
 */
maker: string, 
/**
 * Which part of the shelf it stands on.
 */
family: OfferFamily, 
/**
 * Where its files are.
 */
repository: string, 
/**
 * Number of weights.
 */
parameters: number, 
/**
 * Context in tokens; 0 where it is not known.
 */
context: number, license: string, 
/**
 * What else is to be known of the licence or of access.
 */
licenseNote: string | null, languages: string, 
/**
 * What it is good for.
 */
goodFor: string, 
/**
 * Address of its card.
 */
source: string, 
/**
 * Whether it runs here.
 */
runs: OfferRuns, 
/**
 * Why it does not.
 */
runsNote: string | null, 
/**
 * Whether official weights are converted here.
 */
converts: boolean, 
/**
 * The card whose terms are to be accepted first.
 */
cardId: string | null, 
/**
 * Whether they are.
 */
termsAccepted: boolean, 
/**
 * What it costs in each type of weights.
 */
estimates: Array<Estimate>, 
/**
 * Models of this machine that came from it.
 */
installed: Array<string>, };
export type Catalog = { 
/**
 * The Apertus family first.
 */
offers: Array<Offer>, 
/**
 * Memory of this machine in bytes.
 */
memoryBytes: number, 
/**
 * What of it is free.
 */
memoryFree: number, 
/**
 * Room on the disk of the data folder, bytes.
 */
diskFree: number, 
/**
 * The offer that suits this machine best.
 */
recommended: string | null, };
export type HubKind = "gguf" | "weights" | "other";
export type HubHit = { repository: string, 
/**
 * How often it was downloaded lately.
 */
downloads: number, 
/**
 * How many like it.
 */
likes: number, 
/**
 * Whether its conditions have to be accepted first.
 */
gated: boolean, 
/**
 * The day of the last change.
 */
updated: string | null, 
/**
 * What it holds.
 */
kind: HubKind, };
export type HubFile = { path: string, bytes: number, 
/**
 * Its SHA-256, where the hub says it.
 */
sha256: string | null, };
export type HubVariant = { 
/**
 * Its name, such as `Q4_K_M`.
 */
name: string, files: Array<HubFile>, 
/**
 * Bytes of all files.
 */
bytes: number, 
/**
 * Whether it is converted here.
 */
converts: boolean, 
/**
 * Memory that it takes, about.
 */
memoryBytes: number | null, fits: Fits | null, 
/**
 * The same as a sentence.
 */
fitText: string | null, 
/**
 * Whether it is the usual choice for this machine.
 */
recommended: boolean, 
/**
 * The model of this machine that it is.
 */
installed: string | null, 
/**
 * Whether another program has fetched all of it.
 */
inCache: boolean, };
export type HubRepo = { repository: string, revision: string, license: string | null, 
/**
 * Whether its conditions have to be accepted first.
 */
gated: boolean, card: string | null, 
/**
 * What can be had of it.
 */
variants: Array<HubVariant>, 
/**
 * Why there is nothing to be had.
 */
note: string | null, };
export type TokenPlace = "keychain" | "database" | "environment";
export type TokenState = { 
/**
 * Whether there is one.
 */
present: boolean, 
/**
 * Where it is kept.
 */
place: TokenPlace | null, };
export type FoundModel = { 
/**
 * Its file, or the first of them.
 */
path: string, 
/**
 * Its name for people.
 */
name: string, app: string, 
/**
 * Size of all its files.
 */
bytes: number, 
/**
 * Why it can't be used.
 */
problem: string | null, };
export type ImportFailure = { path: string, error: ApiError, };
export type Imported = { 
/**
 * Models that are in the list now.
 */
imported: Array<ModelView>, 
/**
 * Files that are not.
 */
failures: Array<ImportFailure>, };
export type DeletionFile = { path: string, bytes: number, };
export type Deletion = { model: string, files: Array<DeletionFile>, 
/**
 * Bytes that it frees; 0 where the files stay.
 */
frees: number, 
/**
 * Whether the files are Lethe's and go.
 */
own: boolean, 
/**
 * What else there is to know, one sentence.
 */
note: string | null, };
export type TypeShare = { type: string, tensors: number, bytes: number, };
export type ValueView = { key: string, value: string, };
export type TensorView = { name: string, shape: Array<number>, type: string, bytes: number, };
export type Inspection = { 
/**
 * Its file, or the first of them.
 */
path: string, files: number, 
/**
 * Size of all files.
 */
bytes: number, 
/**
 * The name that it gives itself.
 */
name: string | null, 
/**
 * Such as `apertus`.
 */
architecture: string, 
/**
 * The type of most of its weights.
 */
quantization: string, 
/**
 * Number of weights.
 */
parameters: number, 
/**
 * Context in tokens.
 */
context: number, 
/**
 * Whether it has a chat template.
 */
template: boolean, 
/**
 * Its vocabulary, in a sentence.
 */
tokenizer: string, license: string | null, 
/**
 * Format version.
 */
ggufVersion: number, 
/**
 * Its types of weights.
 */
types: Array<TypeShare>, 
/**
 * Its keys and values.
 */
values: Array<ValueView>, tensors: Array<TensorView>, 
/**
 * What a person should know, in sentences.
 */
warnings: Array<string>, };
export type FitView = { weightsBytes: number, 
/**
 * Keys and values of the context, bytes.
 */
cacheBytes: number, computeBytes: number, 
/**
 * All of it, on all devices.
 */
totalBytes: number, memoryFree: number, 
/**
 * All memory of this machine.
 */
memoryTotal: number, fits: Fits, 
/**
 * The same as a sentence.
 */
text: string, 
/**
 * Context in tokens.
 */
context: number, 
/**
 * The largest that fits well; 0: none.
 */
largestContext: number, 
/**
 * The one that it was trained for; 0 where that is not known.
 */
trainedContext: number, 
/**
 * Layers that can be on a graphics processor, the output counted as one; 0 without such a processor.
 */
layers: number, layersOffloaded: number, 
/**
 * What it computes on.
 */
device: string, 
/**
 * What fits instead.
 */
smaller: string | null, };
export type DeviceKind = "cpu" | "vulkan" | "cuda" | "metal" | "other";
export type DeviceView = { id: string, name: string, kind: DeviceKind, 
/**
 * Its memory; none where that is the machine's or not known.
 */
memoryBytes: number | null, 
/**
 * Whether models are computed on it.
 */
inUse: boolean, leftOut: string | null, 
/**
 * What was tried, one sentence.
 */
probed: string, };
export type LedgerEntry = { id: number, 
/**
 * When, milliseconds since 1970.
 */
at: number, 
/**
 * What for, in words.
 */
purpose: string, 
/**
 * Whom, with the port where it is not the usual one.
 */
host: string, 
/**
 * The proxy that it went through, without its password.
 */
proxy: string | null, 
/**
 * The HTTP status; none where no answer came.
 */
status: number | null, 
/**
 * Bytes of its body.
 */
sentBytes: number, 
/**
 * Bytes of the answer's body.
 */
receivedBytes: number, 
/**
 * Whether it is over.
 */
over: boolean, };
export type LedgerTotal = { host: string, requests: number, 
/**
 * Bytes that went there.
 */
sentBytes: number, 
/**
 * Bytes that came from there.
 */
receivedBytes: number, };
export type LedgerPage = { entries: Array<LedgerEntry>, 
/**
 * Whether there are older ones.
 */
more: boolean, 
/**
 * All hosts, the one with the most bytes first.
 */
totals: Array<LedgerTotal>, };
export type Store = { 
/**
 * Whether it is encrypted.
 */
encrypted: boolean, 
/**
 * Where its key is.
 */
keyPlace: KeyPlace, dataDir: string, };
export type AppState = { 
/**
 * Version of Lethe.
 */
version: string, 
/**
 * Where history is kept.
 */
store: Store, engine: EngineState, filter: FilterStatus, settings: Settings, models: Array<ModelView>, 
/**
 * The sweep of stored answers.
 */
sweep: Sweep, 
/**
 * The conversion of official weights.
 */
conversion: Conversion, 
/**
 * Whether requests are made.
 */
network: NetworkState, 
/**
 * Models that are being downloaded.
 */
downloads: Array<DownloadView>, 
/**
 * What happened at the start.
 */
notices: Array<Notice>, };
export type BackupReason = "daily" | "asked" | "migration" | "replaced" | "salvaged";
export type BackupFile = { path: string, bytes: number, 
/**
 * Milliseconds since 1970.
 */
at: number, 
/**
 * Why it was made.
 */
reason: BackupReason, };
export type ChosenBackup = { path: string, 
/**
 * Whether it opens with a passphrase only.
 */
carried: boolean, };
export type Restored = { from: string, conversations: number, 
/**
 * Where the history is now that was replaced; none where there was none.
 */
aside: string | null, 
/**
 * Whether lists and settings are those of the backup, because those of now could not be read.
 */
settingsOfBackup: boolean, };
export type Salvaged = { 
/**
 * A backup with it.
 */
path: string, conversations: number, messages: number, 
/**
 * Whether some rows could not be read.
 */
incomplete: boolean, };
