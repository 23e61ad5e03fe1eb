import './join.css';
import type { ComponentChildren } from 'preact';
import { words } from '../i18n/language.ts';
import { useFreeFocus } from '../parts/free-focus.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Notice } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { paths } from '../routing/route.ts';

/** The frame of the screens before one is in. */
export function Doorway({ busy = false, children }: { busy?: boolean; children?: ComponentChildren }) {
  return <main class="doorway">{busy ? <Skeleton rows={3} /> : <div class="doorway-inner">{children}</div>}</main>;
}

interface WelcomeProps {
  readonly title: string;
  readonly text: ComponentChildren;
  /** Instead of the app's own, on the steps after the first. */
  readonly icon?: IconName;
}

/** The title takes the focus when the screen is arrived at, unless a field has it. */
export function Welcome({ title, text, icon }: WelcomeProps) {
  const heading = useFreeFocus<HTMLHeadingElement>([title]);
  return (
    <header class="welcome">
      {icon === undefined ? (
        <img src="/icons/icon.svg" width="72" height="72" alt="" />
      ) : (
        <span class="welcome-icon">
          <Icon name={icon} size={32} />
        </span>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {text !== null && <p class="soft">{text}</p>}
    </header>
  );
}

interface MessageProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly children?: ComponentChildren;
}

/** Instead of a form, where there is nothing to fill in. Leads to signing in unless something else is better. */
export function Message({ icon, title, text, children }: MessageProps) {
  return (
    <Doorway>
      <Notice icon={icon} title={title} alone>
        <p>{text}</p>
        {children ?? (
          <a class="button" href={paths.signIn}>
            {words().join.toSignIn}
          </a>
        )}
      </Notice>
    </Doorway>
  );
}
