import { describe, expect, it } from "vitest";
import type { Catalog, HubVariant } from "../api/types";
import { catalog, estimate, hubRepo, hubVariant, model, offer, starterOffer } from "../state/fake";
import { choiceOf, isStarter, variantOf } from "./choice";

const GB = 1e9;
const big = offer({
  id: "big",
  name: "Apertus 8B",
  parameters: 8 * GB,
  estimates: [
    estimate({ type: "Q8_0", diskBytes: 9 * GB, fits: "tight", recommended: false }),
    estimate({ type: "Q4_K_M", diskBytes: 5 * GB, fits: "well" }),
  ],
});
const small = offer({
  id: "small",
  name: "Apertus 1.5B",
  parameters: 1.5 * GB,
  estimates: [estimate({ type: "Q8_0", diskBytes: 2 * GB })],
});
const other = offer({ id: "other", name: "Open 9B", family: "open", parameters: 9 * GB });
const server = offer({ id: "server", name: "Apertus 70B", parameters: 70 * GB, runs: "on_a_server" });
const never = offer({ id: "never", name: "Apertus 32B", estimates: [estimate({ fits: "no" })] });
const offers = [server, never, other, small, big, starterOffer()];

describe("the first offer", () => {
  it.each<[string, Partial<Catalog>, [string, string, string, boolean] | null]>([
    [
      "is the recommended one with its usual weights",
      { recommended: "big" },
      ["big", "Q4_K_M", "recommended", false],
    ],
    [
      "is the recommended one even if a larger one fits",
      { recommended: "small" },
      ["small", "Q8_0", "recommended", false],
    ],
    ["is the largest Apertus that fits well", { recommended: null }, ["big", "Q4_K_M", "largest", false]],
    [
      "is another one only where no Apertus fits",
      { recommended: null, offers: [never, other] },
      ["other", "Q4_K_M", "largest", false],
    ],
    [
      "is a smaller one where the disk has no room",
      { recommended: "big", diskFree: 3 * GB },
      ["small", "Q8_0", "disk", false],
    ],
    [
      "says that the disk has room for none",
      { recommended: "big", diskFree: GB },
      ["small", "Q8_0", "recommended", true],
    ],
    [
      "is none of those that run elsewhere or do not fit",
      { recommended: null, offers: [server, never] },
      null,
    ],
    ["is not the starter", { recommended: null, offers: [starterOffer()] }, null],
  ])("%s", (_name, part, expected) => {
    const choice = choiceOf(catalog({ offers, diskFree: 100 * GB, ...part }));
    expect(choice && [choice.offer.id, choice.estimate.type, choice.reason, choice.noDisk]).toEqual(expected);
  });
});

describe("of the files of a repository", () => {
  const variant = (name: string, part: Partial<HubVariant> = {}) =>
    hubVariant({ name, recommended: false, ...part });

  it.each<[string, HubVariant[], string | null]>([
    [
      "the one that was shown is taken",
      [variant("Q8_0", { recommended: true }), variant("q4_k_m")],
      "q4_k_m",
    ],
    ["else the recommended one", [variant("Q2_K"), variant("Q8_0", { recommended: true })], "Q8_0"],
    [
      "not one that does not fit",
      [variant("Q8_0", { recommended: true, fits: "no" }), variant("Q5_K_M")],
      "Q5_K_M",
    ],
    [
      "else official weights",
      [variant("Q2_K"), variant("BF16 safetensors", { converts: true })],
      "BF16 safetensors",
    ],
    ["none where there is none", [], null],
  ])("%s", (_name, variants, expected) => {
    expect(variantOf(hubRepo({ variants }), "Q4_K_M")?.name ?? null).toBe(expected);
  });
});

it.each([
  ["SmolLM2 135M Instruct", true],
  ["Smollm2 135M 8k Lc100K Mix1 Ep2", true],
  ["SmolLM2-135M-Instruct.Q4_1", true],
  ["SmolLM2 1.7B Instruct", false],
  ["Apertus 8B Instruct", false],
])("%s is the starter: %s", (name, expected) => {
  expect(isStarter(model({ name }))).toBe(expected);
});
