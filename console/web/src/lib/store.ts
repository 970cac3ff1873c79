import { useSyncExternalStore } from 'react';

/** A Store is one value that components follow. */
export interface Store<T> {
  get(): T;
  set(next: T | ((now: T) => T)): void;
  subscribe(f: () => void): () => void;
}

/** store makes a Store that holds v. */
export function store<T>(v: T): Store<T> {
  let value = v;
  const followers = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const n = typeof next === 'function' ? (next as (now: T) => T)(value) : next;
      if (Object.is(n, value)) return;
      value = n;
      for (const f of [...followers]) f();
    },
    subscribe(f) {
      followers.add(f);
      return () => followers.delete(f);
    },
  };
}

/** useStore follows s. */
export function useStore<T>(s: Store<T>): T {
  return useSyncExternalStore(s.subscribe, s.get, s.get);
}
