import './ticks.css';
import type { ShownMessage } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';

const paths = {
  waiting: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.200l2 1.3',
  sent: 'M3.5 8.500l3 3 6-7',
  delivered: 'M1 8.500l3 3 6-7M7.5 10.800l.9.7 6-7',
  read: 'M1 8.500l3 3 6-7M7.5 10.800l.9.7 6-7',
  failed: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.500M8 10.800v.1',
} as const;

/** How far a message of mine got. */
export function Ticks({ state }: { state: NonNullable<ShownMessage['state']> }) {
  return (
    <span class={`ticks is-${state}`}>
      <svg
        width="1rem"
        height="1rem"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
      >
        <path d={paths[state]} />
      </svg>
      <span class="hidden-visually">{words().state[state]}</span>
    </span>
  );
}
