import { type Signal, signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { UserId } from '../../protocol/ids.ts';
import type { Output } from '../../protocol/operations.ts';
import type { Engine } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';

export type SecurityShown = Output<'security.show'>;

interface SecurityState {
  /** As it was last seen on any screen; null until it was loaded for the first time. */
  readonly shown: SecurityShown | null;
  /** Why it could not be loaded just now, else null. */
  readonly failure: unknown;
  /** Resolves when it was loaded anew, or could not be. */
  readonly reload: () => Promise<void>;
}

interface Seen {
  readonly userId: UserId | undefined;
  readonly shown: SecurityShown;
}

const seenBy = new WeakMap<Engine, Signal<Seen | null>>();

function seenOf(engine: Engine): Signal<Seen | null> {
  const known = seenBy.get(engine) ?? signal(null);
  seenBy.set(engine, known);
  return known;
}

/** How my account is guarded: asked for on every screen that shows it, and again when my address changes elsewhere. */
export function useSecurity(): SecurityState {
  const engine = useEngine();
  const seen = seenOf(engine);
  const failure = useSignal<unknown>(null);
  const userId = engine.me.value?.userId;
  const reload = () =>
    engine.security.show().then(
      (shown) => {
        seen.value = { userId, shown };
        failure.value = null;
      },
      (cause: unknown) => {
        failure.value = cause;
      },
    );
  useEffect(() => {
    void reload();
  }, [userId, engine.me.value?.email]);
  const now = seen.value;
  return { shown: now !== null && now.userId === userId ? now.shown : null, failure: failure.value, reload };
}

/** Ways to pass the second step at sign-in; recovery codes only stand in for them. */
export const secondStepsOf = ({ totp, passkeys }: SecurityShown): number => (totp ? 1 : 0) + passkeys.length;
