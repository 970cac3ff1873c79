/** A Paced call runs at once, but never more often than agreed; a call in between runs once, later. */
export interface Paced {
  (): void;
  cancel(): void;
}

/** pace keeps calls of f at least ms apart. */
export function pace(f: () => void, ms: number): Paced {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = (): void => {
    timer = undefined;
    last = performance.now();
    f();
  };
  const call = (): void => {
    if (timer !== undefined) return;
    const wait = last + ms - performance.now();
    if (wait <= 0) run();
    else timer = setTimeout(run, wait);
  };
  return Object.assign(call, { cancel: () => clearTimeout(timer) });
}
