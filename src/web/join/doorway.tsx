import type { ComponentChildren } from 'preact';
import { Skeleton } from '../parts/skeleton.tsx';

/** The frame of the screens before one is in. */
export function Doorway({ busy = false, children }: { busy?: boolean; children?: ComponentChildren }) {
  return <main class="doorway">{busy ? <Skeleton rows={3} /> : <div class="doorway-inner">{children}</div>}</main>;
}

export function Welcome({ title, text }: { title: string; text: string | null }) {
  return (
    <header class="welcome">
      <img src="/icons/icon.svg" width="72" height="72" alt="" />
      <h1>{title}</h1>
      {text !== null && <p class="soft">{text}</p>}
    </header>
  );
}
