import type { OpenConversation, ShownMessage } from '../engine/engine.ts';
import { fullTime, words } from '../i18n/language.ts';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';

interface WordingsProps {
  readonly open: OpenConversation;
  readonly shown: ShownMessage;
}

/** What a message says and what it said before, the latest first. */
export function Wordings({ open, shown }: WordingsProps) {
  return (
    <>
      <h2 class="about-title">{words().wordings.title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach that */}
      <div class="about-list" tabIndex={0}>
        <WordingList open={open} shown={shown} />
      </div>
    </>
  );
}

export function WordingList({ open, shown }: WordingsProps) {
  const { wordings } = words();
  const [loaded] = useLoaded(() => open.wordings(shown.seq ?? 0), [shown.seq, shown.text]);
  const all = loaded.state === 'ready' ? loaded.value.toReversed() : [];
  return (
    <>
      {loaded.state === 'failed' && (
        <div class="about-problem">
          <Problem>{failureText(loaded.cause)}</Problem>
        </div>
      )}
      {loaded.state === 'loading' && <Skeleton rows={2} />}
      <ol>
        {all.map(({ text, time }, index) => (
          <li class="wording" key={time + index}>
            <p class="row-more">
              {index === 0 ? `${wordings.now} · ` : index === all.length - 1 ? `${wordings.first} · ` : ''}
              {fullTime(time)}
            </p>
            <p class="wording-text" dir="auto">
              {text}
            </p>
          </li>
        ))}
      </ol>
    </>
  );
}
