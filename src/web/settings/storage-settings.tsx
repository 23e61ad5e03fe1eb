import { useEngine } from '../engine-context.ts';
import { megabytes, words } from '../i18n/language.ts';
import { useAction } from '../parts/action.ts';
import { useLoaded } from '../parts/loaded.ts';
import { Problem } from '../parts/notice.tsx';
import { say } from '../parts/toast.tsx';

/** Below this, the browser begins to refuse what is to be stored. */
const little = 20_000_000;

export function StorageSettings() {
  const engine = useEngine();
  const { settings } = words();
  const [loaded, reload] = useLoaded(async () => ({ kept: await engine.storage(), full: await isFull() }), []);
  const { busy, run } = useAction();
  const drop = () =>
    run(async () => {
      await engine.dropCache();
      say(settings.dropped);
      reload();
    });
  if (loaded.state !== 'ready') return null;
  const { kept, full } = loaded.value;
  return (
    <div class="settings-block">
      {full && (
        <Problem>
          <strong>{settings.full}</strong>
          <br />
          {settings.fullText}
        </Problem>
      )}
      <p>{kept.bytes === null ? settings.usedUnknown : settings.used(megabytes(kept.bytes))}</p>
      <p class="soft">{kept.persisted ? settings.persisted : settings.notPersisted}</p>
      <button type="button" class="button danger" disabled={busy} onClick={drop}>
        {settings.drop}
      </button>
      <p class="field-hint">{settings.dropText}</p>
    </div>
  );
}

async function isFull(): Promise<boolean> {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota !== undefined && usage !== undefined && quota - usage < little;
}
