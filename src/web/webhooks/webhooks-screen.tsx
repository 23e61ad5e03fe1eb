import '../new/invite.css';
import './webhooks.css';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { ConversationId } from '../../protocol/ids.ts';
import type { MadeWebhook, Webhook } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { longDate, words } from '../i18n/language.ts';
import { Bar } from '../parts/bar.tsx';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { BotMark } from '../parts/name.tsx';
import { Problem } from '../parts/notice.tsx';
import { paths } from '../routing/route.ts';
import { SecretReady } from './secret-ready.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { WebhookSheet } from './webhook-sheet.tsx';

/** Programs that write into a conversation, and are told of it: made, looked through, mended, removed. */
export function WebhooksScreen({ id }: { id: ConversationId }) {
  const engine = useEngine();
  const open = useMemo(() => engine.open(id), [engine, id]);
  useEffect(() => {
    engine.open(id);
    return () => open.close();
  }, [engine, id]);
  const { webhooks } = words();
  const made = useSignal<MadeWebhook | null>(null);
  const making = useSignal(false);
  const chosen = useSignal<Webhook | null>(null);
  const [present, reload] = useLoaded(() => engine.webhooks.list(id), [id, made.value]);
  return (
    <main class="pane main-pane">
      <Bar title={webhooks.title} above={paths.info(id)} />
      <div class="scroll">
        <div class="column invite">
          {made.value !== null ? (
            <SecretReady made={made.value} onDone={() => (made.value = null)} />
          ) : making.value ? (
            <WebhookForm
              id={id}
              onMade={(next) => {
                making.value = false;
                made.value = next;
              }}
            />
          ) : (
            <>
              <p class="soft">{webhooks.text}</p>
              <button type="button" class="button main wide" onClick={() => (making.value = true)}>
                {webhooks.make}
              </button>
            </>
          )}
          {present.state === 'failed' && <Problem>{failureText(present.cause)}</Problem>}
        </div>
        {present.state === 'ready' && present.value.length > 0 && (
          <section class="column">
            <h2 class="section-title">{webhooks.present}</h2>
            <ul>
              {present.value.map((webhook) => (
                <Row key={webhook.webhookId} webhook={webhook} onChoose={() => (chosen.value = webhook)} />
              ))}
            </ul>
          </section>
        )}
      </div>
      {chosen.value !== null && (
        <WebhookSheet
          webhook={chosen.value}
          onChanged={reload}
          onSecret={(next) => (made.value = next)}
          onClose={() => (chosen.value = null)}
        />
      )}
    </main>
  );
}

function Row({ webhook, onChoose }: { webhook: Webhook; onChoose: () => void }) {
  const { webhooks } = words();
  const { outgoing, lastUsedAt } = webhook;
  const problem = problemOf(webhook);
  return (
    <li>
      <button type="button" class="row" aria-haspopup="dialog" onClick={onChoose}>
        <span class="row-icon">
          <Icon name={outgoing === null ? 'download' : 'share'} />
        </span>
        <span class="row-main">
          <bdi class="cut">{webhook.name}</bdi>
          <span class="row-more webhook-more">
            {outgoing === null ? webhooks.incoming : <bdi class="cut">{outgoing.url}</bdi>}
          </span>
          <span class={`row-more webhook-more${problem === null ? '' : ' is-problem'}`}>
            {problem ?? (lastUsedAt === null ? webhooks.unused : webhooks.used(longDate(lastUsedAt)))}
          </span>
        </span>
        <BotMark />
      </button>
    </li>
  );
}

/** Null: the last try went well, or there was none. */
function problemOf({ outgoing }: Webhook): string | null {
  const { webhooks } = words();
  if (outgoing === null || outgoing.failures === 0) return null;
  const { lastError, lastStatus, failures, disabledAt } = outgoing;
  const known = webhooks.failures[lastError as keyof typeof webhooks.failures] ?? webhooks.failures.unreachable;
  const why = lastStatus === null || lastError === 'redirected' ? known : webhooks.answered(lastStatus);
  return disabledAt === null ? webhooks.failing(why, failures) : webhooks.givenUp(why);
}
