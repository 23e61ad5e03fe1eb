import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Profile } from '../../protocol/models.ts';
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
  readonly found: Signal<Found | null>;
  readonly problem: Signal<string | null>;
}

const pause = 150;

/** Asks while the person types; only the answer to the latest question counts. */
export function usePeopleSearch(): Search {
  const engine = useEngine();
  const query = useSignal('');
  const found = useSignal<Found | null>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    let wanted = true;
    const asked = query.value.trim();
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
    const timer = setTimeout(ask, found.peek() === null ? 0 : pause);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [query.value]);
  return { query, found, problem };
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

/** What stands where people would: loading, nobody, or what went wrong. */
export function NobodyFound({ search }: { search: Search }) {
  const texts = words();
  const found = search.found.value;
  if (search.problem.value !== null) {
    return (
      <div class="problem-place">
        <Problem>{search.problem.value}</Problem>
      </div>
    );
  }
  if (found === null) return <Skeleton rows={4} />;
  if (found.people.length > 0) return null;
  return (
    <Notice icon="people" title={found.query === '' ? texts.new.noOthers : texts.new.nobody(found.query)}>
      <p>{found.query === '' ? texts.new.noOthersText : texts.new.nobodyText}</p>
      <a class="button main" href={paths.invite}>
        {texts.new.invite}
      </a>
    </Notice>
  );
}
