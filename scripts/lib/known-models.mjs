// Reads the answer of `lethe-cli model ls --json`.

/**
 * Whether the listing names a model.
 * @param {string} text a JSON array, or an object with the array `models`
 */
export function knowsModels(text) {
  try {
    const listing = JSON.parse(text);
    const models = Array.isArray(listing) ? listing : listing?.models;
    return Array.isArray(models) && models.length > 0;
  } catch {
    return false; // Importing again does no harm; believing in a model that is not there would.
  }
}
