import { useSignal } from '@preact/signals';
import type { MadeWebhook, Webhook } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { Icon } from '../parts/icon.tsx';
import { isolated } from '../parts/name.tsx';
import { Question } from '../parts/question.tsx';
import { Sheet } from '../parts/sheet.tsx';

interface WebhookSheetProps {
  readonly webhook: Webhook;
  readonly onChanged: () => void;
  readonly onSecret: (made: MadeWebhook) => void;
  readonly onClose: () => void;
}

/** What can be done with a webhook. */
export function WebhookSheet({ webhook, onChanged, onSecret, onClose }: WebhookSheetProps) {
  const engine = useEngine();
  const { webhooks } = words();
  const { busy, run } = useAction();
  const sure = useSignal(false);
  const { webhookId, direction, outgoing } = webhook;
  const change = (work: () => Promise<void>) =>
    run(async () => {
      await work();
      onClose();
      onChanged();
    });
  if (sure.value) {
    return (
      <Question
        title={webhooks.removeSure(isolated(webhook.name))}
        text={webhooks.removeText}
        yes={webhooks.remove}
        onClose={onClose}
        onYes={() => change(() => engine.webhooks.revoke(webhookId))}
      />
    );
  }
  return (
    <Sheet label={webhooks.actionsFor(isolated(webhook.name))} onClose={onClose}>
      {outgoing !== null && outgoing.failures > 0 && (
        <button
          type="button"
          class="row"
          disabled={busy}
          onClick={() => change(() => engine.webhooks.resume(webhookId))}
        >
          <Icon name="again" />
          <span class="row-main">{webhooks.resume}</span>
        </button>
      )}
      <button
        type="button"
        class="row"
        disabled={busy}
        onClick={() => change(async () => onSecret(await engine.webhooks.renew(webhookId)))}
      >
        <Icon name="key" />
        <span class="row-main">{webhooks.renew[direction]}</span>
      </button>
      <button type="button" class="row danger" disabled={busy} onClick={() => (sure.value = true)}>
        <Icon name="bin" />
        <span class="row-main">{webhooks.remove}</span>
      </button>
    </Sheet>
  );
}
