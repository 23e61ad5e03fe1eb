import '../new/invite.css';
import { useRef } from 'preact/hooks';
import { words } from '../i18n/language.ts';
import { copyText } from '../parts/clipboard.ts';
import { Icon } from '../parts/icon.tsx';
import { lazy } from '../parts/lazy.tsx';
import { say } from '../parts/toast.tsx';

const QrCode = lazy(() => import('../parts/qr-code.tsx').then((part) => part.QrCode));

interface LinkReadyProps {
  readonly title: string;
  readonly link: string;
  /** For whom and how long. */
  readonly more: string;
  /** What the button says that makes another one. */
  readonly another: string;
  readonly onAnother: () => void;
}

/** A link that was just made, which is shown this once: to scan, copy and share. */
export function LinkReady({ title, link, more, another, onAnother }: LinkReadyProps) {
  const { invite, common } = words();
  const field = useRef<HTMLInputElement>(null);
  const copy = () =>
    copyText(link).then(
      (copied) => {
        if (copied) return say(common.copied);
        field.current?.select();
        say(invite.select);
      },
      () => undefined,
    );
  const share = () => navigator.share({ title, url: link }).catch(() => undefined);
  return (
    <section class="invite-ready" aria-label={title}>
      <h2 class="hidden-visually">{title}</h2>
      <div class="invite-code">
        <QrCode text={link} label={invite.code} />
      </div>
      <p class="soft">{more}</p>
      <input
        class="input invite-link"
        ref={field}
        readOnly
        value={link}
        aria-label={title}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div class="invite-buttons">
        <button type="button" class="button main" onClick={copy}>
          <Icon name="copy" size={20} />
          {invite.copy}
        </button>
        {'share' in navigator && (
          <button type="button" class="button" onClick={share}>
            <Icon name="share" size={20} />
            {invite.share}
          </button>
        )}
      </div>
      <p class="field-hint">{invite.once}</p>
      <button type="button" class="button plain" onClick={onAnother}>
        {another}
      </button>
    </section>
  );
}
