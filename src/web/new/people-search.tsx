import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Profile } from '../../protocol/models.ts';
import type { Engine } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { Notice, Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { paths } from '../routing/route.ts';
import { touch } from '../viewport.ts';

export type Found = { readonly query: string; readonly people: readonly Profile[] };

interface Search {
  readonly query: Signal<string>;
  readonly found: Found | null;
  readonly problem: string | null;
}

const pause = 150;

/** Asks while the person types; only the answer to the latest question counts. Before that: people talked with lately. */
export function usePeopleSearch(): Search {
  const engine = useEngine();
  const query = useSignal('');
  const found = useSignal<Found | null>(null);
  const problem = useSignal<string | null>(null);
  const asked = query.value.trim();
  const known = asked === '' ? knownPeople(engine) : null;
  useEffect(() => {
    if (asked === '') return undefined;
    let wanted = true;
    const ask = () =>
      engine.people.find(asked).then(
        (people) => {
          if (!wanted) return;
          found.value = { query: asked, people };
          problem.value = null;
        },
        (cause: unknown) => {
          if (wanted) problem.value = failureText(cause);
        },
      );
    const timer = setTimeout(ask, pause);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [asked]);
  if (known !== null) return { query, found: { query: '', people: known }, problem: null };
  return { query, found: found.value, problem: problem.value };
}

function knownPeople({ conversations }: Engine): readonly Profile[] {
  const peers = conversations.value.flatMap(({ peer, self }) => (peer === null || self || peer.gone ? [] : [peer]));
  return [...new Map(peers.map((peer) => [peer.userId, peer])).values()];
}

export function SearchField({ query, label }: { query: Signal<string>; label: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!touch.peek()) field.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="search-place">
      <label class="search">
        <Icon name="search" size={20} />
        <input
          class="input"
          ref={field}
          type="search"
          placeholder={label}
          aria-label={label}
          value={query.value}
          onInput={(event) => (query.value = event.currentTarget.value)}
        />
      </label>
    </div>
  );
}

/** What stands where people would: how to find them, loading, nobody, or what went wrong. */
export function NobodyFound({ search: { query, found, problem } }: { search: Search }) {
  const texts = words();
  if (problem !== null) {
    return (
      <div class="problem-place">
        <Problem>{problem}</Problem>
      </div>
    );
  }
  if (found === null) return <Skeleton rows={4} />;
  if (found.people.length > 0) return null;
  const unasked = query.value.trim() === '';
  return (
    <Notice
      icon={unasked ? 'search' : 'people'}
      title={unasked ? texts.new.searchTitle : texts.new.nobody(found.query)}
    >
      <p>{unasked ? texts.new.searchText : texts.new.nobodyText}</p>
      {!unasked && (
        <a class="button main" href={paths.invite}>
          {texts.new.invite}
        </a>
      )}
    </Notice>
  );
}
