/** Progress is told so seldom, ms. */
const restMs = 5_000;

/** Passes on at most one call in a while, the first of all after that while. */
export function rarely<T>(tell: (value: T) => void): (value: T) => void {
  let last = Date.now();
  return (value) => {
    if (Date.now() - last < restMs) return;
    last = Date.now();
    tell(value);
  };
}
