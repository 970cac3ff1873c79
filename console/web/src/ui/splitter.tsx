import { useRef } from 'react';

/** Splitter lets the border between it and its neighbours be moved, with the pointer or the arrow keys. Its parent lays out by --split. */
export function Splitter(): React.ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const set = (share: number): void => {
    const parent = ref.current?.parentElement;
    parent?.style.setProperty('--split', `${Math.round(Math.min(75, Math.max(15, share)) * 10) / 10}%`);
  };
  const now = (): number => {
    const parent = ref.current!.parentElement!.getBoundingClientRect();
    return ((ref.current!.getBoundingClientRect().left - parent.left) / parent.width) * 100;
  };
  return (
    <div
      ref={ref}
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the parts"
      aria-valuenow={38}
      tabIndex={0}
      onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)}
      onPointerMove={(e) => {
        if (!e.currentTarget.hasPointerCapture(e.pointerId)) return;
        const parent = e.currentTarget.parentElement!.getBoundingClientRect();
        set(((e.clientX - parent.left) / parent.width) * 100);
      }}
      onKeyDown={(e) => {
        if (e.key === 'ArrowLeft') set(now() - 3);
        else if (e.key === 'ArrowRight') set(now() + 3);
      }}
    />
  );
}
