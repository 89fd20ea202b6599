// Which model a person is offered first: the recommended one, or else the largest that fits in memory and on the disk.
import type { Catalog, Estimate, HubRepo, HubVariant, ModelView, Offer } from "../api/types";

/** Why it is this one. `disk`: a larger one would fit in memory, and not on the disk. */
export type Reason = "recommended" | "largest" | "disk";

export type Choice = {
  offer: Offer;
  estimate: Estimate;
  reason: Reason;
  /** Not even the smallest one has room on the disk. */
  noDisk: boolean;
};

/** None when nothing of the catalogue runs on this machine. */
export function choiceOf(catalog: Catalog): Choice | null {
  const fitting = catalog.offers
    .filter(({ runs }) => runs === "here")
    .flatMap((offer) => offer.estimates.map((estimate) => ({ offer, estimate })))
    .filter(({ offer, estimate }) => estimate.fits !== "no" && !isStarter(offer))
    .toSorted(bestFirst);
  const recommended = fitting.find(
    ({ offer, estimate }) => offer.id === catalog.recommended && estimate.recommended,
  );
  const first = recommended ?? fitting.find(({ offer }) => offer.id === catalog.recommended) ?? fitting[0];
  if (!first) return null;
  const reason = first.offer.id === catalog.recommended ? "recommended" : "largest";
  const hasRoom = ({ estimate }: { estimate: Estimate }) => estimate.diskBytes <= catalog.diskFree;
  if (hasRoom(first)) return { ...first, reason, noDisk: false };
  const smaller = fitting.find(hasRoom);
  if (smaller) return { ...smaller, reason: "disk", noDisk: false };
  const smallest = fitting.toSorted((a, b) => a.estimate.diskBytes - b.estimate.diskBytes)[0] ?? first;
  return { ...smallest, reason, noDisk: true };
}

/** The way to get it that was shown; the hub's own recommendation where that one is not there. */
export function variantOf(repo: HubRepo, type: string): HubVariant | null {
  const named = repo.variants.find(({ name }) => name.toUpperCase() === type.toUpperCase());
  const usable = repo.variants.filter(({ fits }) => fits !== "no");
  return (
    named ??
    usable.find(({ recommended }) => recommended) ??
    usable.find(({ converts }) => converts) ??
    usable[0] ??
    null
  );
}

/** The model that is small enough to be there within a minute. */
const STARTER = /smollm2[\s_-]135m/i;

export const isStarter = ({ name }: { name: string }): boolean => STARTER.test(name);

export const starterModel = (models: readonly ModelView[]): ModelView | null =>
  models.find((model) => isStarter(model) && model.problem === null) ?? null;

export const starterOffer = (catalog: Catalog): Offer | null =>
  catalog.offers.find((offer) => isStarter(offer) && offer.runs === "here") ?? null;

type Candidate = { offer: Offer; estimate: Estimate };

/** Apertus before others, what fits well before what is tight, then the larger model, then the weights that are usual. */
function bestFirst(a: Candidate, b: Candidate): number {
  const family = ({ offer }: Candidate) => (offer.family === "apertus" ? 0 : 1);
  const fit = ({ estimate }: Candidate) => (estimate.fits === "well" ? 0 : 1);
  return (
    family(a) - family(b) ||
    fit(a) - fit(b) ||
    b.offer.parameters - a.offer.parameters ||
    Number(b.estimate.recommended) - Number(a.estimate.recommended) ||
    b.estimate.diskBytes - a.estimate.diskBytes
  );
}
