// Licence expressions of SPDX, as npm packages declare them: `MIT`, `(MPL-2.0 OR Apache-2.0)`, `MIT AND CC0-1.0`.

/** Whether `expression` can be met with the licences in `allowed` alone. What can't be read is not allowed. */
export function isAllowed(expression, allowed) {
  const tokens = expression?.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = () => {
    let met = both();
    while (tokens[at] === 'OR') {
      at += 1;
      const other = both();
      met = met || other;
    }
    return met;
  };
  const both = () => {
    let met = one();
    while (tokens[at] === 'AND') {
      at += 1;
      const other = one();
      met = met && other;
    }
    return met;
  };
  const one = () => {
    const token = tokens[at];
    at += 1;
    if (token !== '(') return allowed.has(token);
    const met = either();
    const closed = tokens[at] === ')';
    at += 1;
    return met && closed;
  };
  const met = either();
  return met && at === tokens.length;
}
