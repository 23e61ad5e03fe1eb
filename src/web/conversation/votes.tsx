import type { ShownMessage } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { Reactor } from './reactors.tsx';

/** Who chose what. */
export function Votes({ shown: { poll } }: { shown: ShownMessage }) {
  const texts = words().poll;
  return (
    <>
      <h2 class="about-title">{poll?.question ?? texts.votes}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach that */}
      <div class="about-list" tabIndex={0}>
        {poll?.options.map(({ text, userIds }, index) => (
          <section key={index}>
            <h3 class="votes-option">
              <span>{text}</span>
              <span>{userIds.length === 0 ? texts.nobody : texts.voters(userIds.length)}</span>
            </h3>
            <ul>
              {userIds.map((userId) => (
                <li class="row" key={userId}>
                  <Reactor userId={userId} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </>
  );
}
