import { useEffect, useRef } from 'preact/hooks';
import type { MadeWebhook } from '../engine/engine.ts';
import { words } from '../i18n/language.ts';
import { copyText } from '../parts/clipboard.ts';
import { Icon } from '../parts/icon.tsx';
import { say } from '../parts/toast.tsx';

/** What a webhook grants, shown this once: its address, or the secret that its messages are signed with. */
export function SecretReady({ made, onDone }: { made: MadeWebhook; onDone: () => void }) {
  const { webhooks, common, invite } = words();
  const field = useRef<HTMLInputElement>(null);
  const { direction } = made.webhook;
  useEffect(() => field.current?.focus(), [made]);
  const copy = () =>
    copyText(made.secret).then(
      (copied) => {
        if (copied) return say(common.copied);
        field.current?.select();
        say(invite.select);
      },
      () => undefined,
    );
  return (
    <section class="invite-ready" aria-label={webhooks.ready[direction]}>
      <h2>{webhooks.ready[direction]}</h2>
      <p class="soft">{webhooks.once[direction]}</p>
      <input
        class="input invite-link"
        ref={field}
        readOnly
        value={made.secret}
        aria-label={webhooks.ready[direction]}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div class="invite-buttons">
        <button type="button" class="button main" onClick={copy}>
          <Icon name="copy" size={20} />
          {common.copy}
        </button>
        <button type="button" class="button plain" onClick={onDone}>
          {common.done}
        </button>
      </div>
    </section>
  );
}
