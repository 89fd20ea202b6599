// Waiting for what must come true: looked at again and again until a deadline, never slept through.

const EVERY = 60; // milliseconds

/**
 * Waits until `condition` gives a truthy value, and gives that back. A condition that throws is not true yet.
 * @template T
 * @param {string} what must come true, for the failure's message
 * @param {() => Promise<T> | T} condition
 * @param {{seconds?: number}} [options]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, condition, { seconds = 30 } = {}) {
  const deadline = performance.now() + seconds * 1000;
  let last;
  while (performance.now() < deadline) {
    try {
      const value = await condition();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
  throw new Error(`not within ${seconds} s: ${what}`, { cause: last });
}
