// What the interface says from the first start to the first answer.
import { fileSize, number } from "./format";

/** "about 3 minutes left", in the unit that a person would use. */
function timeLeft(seconds: number): string {
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${number.format(minutes)} ${minutes === 1 ? "minute" : "minutes"} left`;
  return `about ${number.format(Math.round(minutes / 60))} hours left`;
}

export const onboarding = {
  heading: "Welcome to Lethe",
  headingAgain: "Choose a model to go on",
  what: "Lethe is a chat with a language model that runs on this machine.",
  data: "Personal data that people have asked to have deleted is removed from every answer before you see it. What you write stays here, unless you choose a server.",

  loading: "Looking at what this machine can run…",
  failed: "The catalogue of models could not be read",

  recommended: "Recommended for this machine",
  largest: "The largest model that fits this machine",
  largestForDisk: "The largest model that fits on this disk",
  download: (bytes: number) => `${fileSize(bytes)} to download`,
  converted: (bytes: number) => `${fileSize(bytes)} when it is made`,
  convertedWhy: "The official weights are fetched, which are larger, and made into a model file here.",
  memory: (bytes: number, all: number) => `${fileSize(bytes)} of memory, of ${fileSize(all)}`,
  tight: "It needs memory that other programs use now. Close some of them first, or it may be slow.",
  noneFits: "No model of the catalogue fits in the memory of this machine.",
  noneFitsAdvice: "Use a model file that you have, or a server that runs a larger model.",
  noDisk: (needed: number, free: number) =>
    `It takes ${fileSize(needed)} of disk space, and ${fileSize(free)} are free. Make room, then look again.`,
  lookAgain: "Look again",
  license: (name: string) => `Licence: ${name}`,
  start: "Get it and start",
  starting: "Starting…",

  offline: "Lethe is offline: nothing can be fetched.",
  goOnline: "Go online",
  token: "Enter an access token…",

  termsHeading: (name: string) => `Terms of ${name}`,
  termsLoading: "Reading the terms…",
  termsFailed: "The terms could not be read",
  termsAccept: "Accept and get it",
  termsWait: "Tick the box to go on.",
  termsBack: "Back",
  nothingThere: (name: string) => `There is no file of ${name} to download. Choose another model.`,

  progress: (name: string) => `Download of ${name}`,
  of: (done: number, bytes: number) => `${fileSize(done)} of ${fileSize(bytes)}`,
  speed: (bytesPerS: number) => `${fileSize(bytesPerS)}/s`,
  timeLeft,
  percent: (share: number) => `${Math.floor(share * 100)}%`,
  states: {
    queued: "Waiting for its turn",
    running: "Downloading",
    waiting: "Waiting for the server",
    paused: "Paused",
    checking: "Checking every byte",
    converting: "Making the model file",
    done: "Ready",
    failed: "It broke off",
  },
  kept: "What has arrived is kept.",
  goesOn: "It goes on while you chat.",
  pause: "Pause",
  resume: "Go on",
  retry: "Try again",
  cancel: "Cancel",
  ready: (name: string) => `${name} is ready: the next answer comes from it.`,
  readyToUse: (name: string) => `${name} is ready.`,
  use: "Use it",
  underway: (name: string, state: string) => `${name}: ${state}`,

  others: "Other ways to begin",
  chatNow: "Chat now with a small model",
  chatMeanwhile: "Chat now with a small model while it loads",
  chatNowWhy: (name: string) => `${name} is on this machine. It is quick, and knows little.`,
  starterWhy: (name: string, bytes: number) =>
    `${name}, ${fileSize(bytes)}. It starts within a minute, is quick, and knows little.`,
  file: "Use a model file you have",
  fileWhy: "A file with the ending .gguf. It stays where it is.",
  filePath: "Paste a path instead",
  found: (n: number) => `Found on this machine: ${number.format(n)} ${n === 1 ? "model" : "models"}`,
  foundWhy: "Other programs fetched them. They are used where they are.",
  foundLoading: "Looking for models of other programs…",
  foundNone: "No models of other programs were found on this machine.",
  foundFailed: "Models of other programs could not be looked for",
  foundFacts: (app: string, bytes: number) => `${app} · ${fileSize(bytes)}`,
  useFound: (name: string) => `Use ${name}`,
  server: "Use a server",
  serverWhy: "A model that runs elsewhere. What you write goes to that server.",
  weights: "Use official weights",
  weightsWhy: "A folder as the makers of Apertus publish it. Lethe makes a model file of it.",
} as const;
